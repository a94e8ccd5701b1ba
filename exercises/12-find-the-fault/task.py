"""Which of the recorded cases a student gets."""

from pathlib import Path
from random import Random

EVIDENCE = Path(__file__).with_name("evidence")
CASES = 5


def drawn(random: Random) -> list[str]:
    """Their numbers, such as 03, in order."""
    return sorted(random.sample(sorted(folder.name for folder in EVIDENCE.iterdir()), CASES))


def task(random: Random) -> str:
    cases = drawn(random)
    where = f"exercises/{EVIDENCE.parent.name}/evidence"
    rows = [f"| {name} | {where}/{name}/capture.txt | {where}/{name}/metrics.txt |" for name in cases]
    tables = [f'[case-{name}]\nfault = ""\n' for name in cases]
    return "\n".join(
        ["# Your cases", "", "| case | packets | numbers |", "| --- | --- | --- |", *rows, "",
         "In `answer.toml` each has a table of its own:", "", "```toml", "\n".join(tables).rstrip(), "```", ""]
    )  # fmt: skip
