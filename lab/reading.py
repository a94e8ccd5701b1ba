"""An experiment's reading: what its figures say, in a paragraph made from the data."""

from collections.abc import Sequence

from lab import capacity, use_cases
from lab.curves import series
from lab.numbers import number, percent
from lab.plan import shown
from lab.scales import NAMES
from lab.stats import Estimate, detectable
from lab.summary import CellSummary, Summary
from lab.sweep import Sweep
from lab.wording import in_words, interval


def paragraph(sweep: Sweep, summary: Summary) -> str:
    """One paragraph: how each figure's quantity goes with the level, and how the transports compare.

    Of use cases, which have nothing in common to go with, who meets the objective of each.
    """
    if summary.decisions:
        return " ".join([*use_cases.told(summary), *caveats(summary)])
    keys = dict.fromkeys(key for chart in sweep.charts for key in chart.keys)
    sentences = [sentence for key in keys for sentence in (growth(key, sweep, summary), *compared(key, sweep, summary))]
    found = [capacity.sentence(one) for one in summary.capacity]
    return " ".join(
        sentence for sentence in [*found, *sentences, *uncompared(sweep, summary), *caveats(summary)] if sentence
    )


def growth(key: str, sweep: Sweep, summary: Summary) -> str:
    """How each transport's quantity goes from the first level to the last; without levels, what it is."""
    if sweep.objective:
        return ""
    if not sweep.levels:
        told = [f"{in_words(row)} {value(row, key)}" for row in summary.cells if row[key].value is not None]
        return f"{capital(NAMES[key].title)}: {'; '.join(told)}." if told else ""
    said = [change(key, rows) for rows in series(summary).values()]
    first, last = shown(sweep.levels[0]), shown(sweep.levels[-1])
    return f"{capital(NAMES[key].title)}, from {first} to {last} ({sweep.axis}): {'; '.join(said)}."


def change(key: str, rows: Sequence[CellSummary]) -> str:
    """What becomes of one line: its ends, and their ratio."""
    known = [row for row in rows if row[key].value is not None]
    who = in_words(rows[0])
    if not known or known[0] is not rows[0] or known[-1] is not rows[-1]:
        return f"{who} could not be measured at both ends"
    ratio = known[-1].growth.get(key, Estimate(None))
    if not all(row.verdict.trusts(key) for row in (known[0], known[-1])):
        both = f"{who} goes from {value(known[0], key)} to {value(known[-1], key)}"
        return f"{both}, which are not compared since not both are valid"
    if detectable(ratio) is False:
        return f"{who} does not change detectably, {value(known[0], key)}{within(ratio, ' times')}"
    times = f", {number(ratio.value)} times as much{within(ratio)}" if ratio.value else ""
    return f"{who} goes from {value(known[0], key)} to {value(known[-1], key)}{times}"


def compared(key: str, sweep: Sweep, summary: Summary) -> list[str]:
    """How the transports compare with the reference, at the first level and at the last."""
    found = []
    for level in ends(sweep):
        other, rows = opposed(level, summary)
        if other is None or not other.verdict.trusts(key):
            continue
        said = [
            f"{in_words(row)} {against(row.versus[key])}"
            for row in rows
            if row.verdict.trusts(key) and key in row.versus and row.versus[key].value is not None
        ]
        if said:
            where = NAMES[key].title if level is None else f"At {shown(level)}"
            found.append(f"{capital(where)}, against {in_words(other)}: {'; '.join(said)}.")
    return found


def uncompared(sweep: Sweep, summary: Summary) -> list[str]:
    """Where nothing is compared with the reference, since it is not valid."""
    found = []
    for level in ends(sweep):
        other, rows = opposed(level, summary)
        if other is not None and rows and other.verdict.valid is False:
            at, what = (
                "" if level is None else f" at {shown(level)}",
                "No wait" if other.verdict.waits_only else "Nothing",
            )
            found.append(f"{what} is compared with {in_words(other)}{at}, which is not valid.")
    return found


def ends(sweep: Sweep) -> list[float | str | None]:
    """The levels at which transports are compared."""
    return list(dict.fromkeys((sweep.levels[0], sweep.levels[-1]))) if sweep.levels else [None]


def opposed(level: float | str | None, summary: Summary) -> tuple[CellSummary | None, list[CellSummary]]:
    """(the reference, those that are compared with it) at a level; no reference where the level was not measured."""
    rows = [row for row in summary.cells if row.cell.level == level]
    return next((row for row in rows if not row.versus), None), [row for row in rows if row.versus]


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def against(ratio: Estimate) -> str:
    assert ratio.value is not None
    if detectable(ratio) is False:
        return f"no detectable difference{within(ratio, ' times')}"
    return f"{number(ratio.value)} times{within(ratio)}"


def within(ratio: Estimate, unit: str = "") -> str:
    return f" ({interval(ratio)}{unit})" if interval(ratio) else ""


def value(row: CellSummary, key: str) -> str:
    found, unit = row[key].value, NAMES[key].unit
    assert found is not None
    return percent(found) if unit.startswith("share") else f"{number(found)} {unit}"


def caveats(summary: Summary) -> list[str]:
    """Which cells cannot be relied on, and which servers could not keep up."""
    invalid = [row for row in summary.cells if row.runs and row.verdict.valid is False]
    wrong = [row.title for row in invalid if not row.verdict.waits_only]
    late = [row.title for row in invalid if row.verdict.waits_only]
    unsure = [row.title for row in summary.cells if row.runs and row.verdict.valid is None]
    full = [row.title for row in summary.cells if row.verdict.saturated]
    missing = [row.title for row in summary.cells if not row.runs]
    return [
        f"{text}: {', '.join(rows)}."
        for text, rows in (
            ("Not valid, so drawn hollow and compared with nothing", wrong),
            ("Sent late, so drawn hollow, and in no comparison of waits", late),
            ("To be taken with care", unsure), ("The server could not keep up", full), ("Not measured", missing),
        )
        if rows
    ]  # fmt: skip
