"""Whether a cell meets its scenario's objective, by the interval of its percentile; and who of several is cheapest."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from lab.numbers import percent
from lab.objective import Objective, read_objective
from lab.plan import Cell
from lab.stats import detectable
from lab.verdicts import UNDELIVERED, UNSENT

if TYPE_CHECKING:
    from lab.summary import CellSummary

NEVER = "never"  # what the note of a percentile begins with that is infinite


class Decision(msgspec.Struct, frozen=True):
    """`met` is true, false, or null where the measurement leaves it open; `why` says so. Its value is in `quantity`."""

    cell: Cell
    objective: str  # as people write it, `p95 < 100 ms`
    quantity: str
    met: bool | None
    why: str = ""


def decide(rows: Sequence["CellSummary"], scenarios: Mapping[str, Mapping[str, Any]]) -> list[Decision]:
    """A decision on each row whose level is a scenario with an objective."""
    found = []
    for row in rows:
        if text := scenarios.get(str(row.cell.level), {}).get("objective", ""):
            objective = read_objective(text)
            met, why = judged(row, objective)
            found.append(Decision(row.cell, str(objective), objective.key, met, why))
    return found


def judged(row: "CellSummary", objective: Objective) -> tuple[bool | None, str]:
    """(met, why). It is met when the whole interval is below the limit, and is not when the whole interval is above.

    A generator that was late makes the wait longer, not shorter: what is met in a row that is not valid is met all the
    same, as long as what was offered was sent. What is missed there may have been missed by the generator.
    """
    counts, wait = row.counts, row[objective.key]
    if not row.runs:
        return None, "it was not measured"
    if counts["offered"] - counts["sent"] > UNSENT * counts["offered"]:
        return None, f"only {counts['sent']:,} of {counts['offered']:,} publishes were sent"
    if row.verdict.saturated:
        return False, f"more than {percent(UNDELIVERED)} of the deliveries never came"
    if wait.value is None and wait.note.startswith(NEVER):
        return False, wait.note
    if wait.low is None or wait.high is None:
        return None, wait.note
    if wait.high < objective.limit_ms:
        return True, ""
    if wait.low < objective.limit_ms:
        return None, "the interval holds the limit"
    return (False, "") if row.verdict.valid is not False else (None, "it is above the limit, but the row is not valid")


def cheapest(rows: Sequence["CellSummary"], key: str) -> list["CellSummary"]:
    """The row with the least of a quantity, and those that cannot be told from it; none where nobody measured it.

    A row that is not valid is compared with nothing, unless its waits alone are in doubt: a price is none.
    """
    known = [row for row in rows if row[key].value is not None and row.verdict.trusts(key)]
    known.sort(key=lambda row: row[key].value or 0.0)
    return known[:1] + [row for row in known[1:] if not told_apart(row, known[0], key)]


def told_apart(row: "CellSummary", other: "CellSummary", key: str) -> bool:
    """Whether two rows surely differ: by their ratio where one is the reference, else by intervals that do not meet."""
    ratio = row.versus.get(key) if not other.versus else other.versus.get(key) if not row.versus else None
    if ratio is not None and ratio.value is not None:
        return detectable(ratio) is True
    one, two = row[key], other[key]
    if one.low is None or one.high is None or two.low is None or two.high is None:
        return False
    return one.low > two.high or two.low > one.high
