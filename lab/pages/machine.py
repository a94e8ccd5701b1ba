"""On a page, what `lab doctor` looks for, in its own words."""

from lab import doctor


def probes() -> str:
    """Each thing that a measurement uses, what is lost without it, and how to get it."""
    rows = [f"| {one.name.replace('_', ' ')} | {one.without} | {one.mend} |" for one in doctor.PROBES]
    return "\n".join(["| looked for | without it | the mend |", "| --- | --- | --- |", *rows])
