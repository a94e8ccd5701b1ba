"""What a control's figures say of the instrument: each judge gives (passed, why, what was seen).

Passed is True where all is as it should be, False where it is not, None where this machine leaves it open.
"""

import msgspec

from lab.numbers import number
from lab.plan import Cell
from lab.quantities import QUANTITIES
from lab.stats import Estimate, detectable
from lab.summary import CellSummary, Summary

ALIKE = ("latency_p50", "latency_p95", "ip_bytes", "server_cpu")  # few: of ten ratios one would miss in every third run
DELAY, FOUND = 50.0, 1.0  # ms: of the link, both ways together, and how exactly it must be found
STALL = 2.0  # seconds
SHOWN, HIDDEN = 0.5, 0.25  # of the stall: what a p99 that shows it reaches at least, and one that hides it at most
FLOOR = 10.0  # ms: many times what loopback and two processes take, and less than anybody would call a delay
CHANCE = 0.1  # of half an interval: four standard errors of the median of so many random polls
TITLE_OF = {quantity.key: (quantity.title, quantity.unit) for quantity in QUANTITIES}


class Seen(msgspec.Struct, frozen=True):
    """One figure of a control, with its interval where it has one."""

    what: str
    unit: str
    estimate: Estimate


Judgement = tuple[bool | None, str, list[Seen]]


def no_difference(summaries: list[Summary]) -> Judgement:
    """The intervals of the ratio between a cell and itself hold 1. One in twenty does not: it must when repeated."""
    rows = [summary.cells[1] for summary in summaries]
    known = [{key: row.growth[key] for key in ALIKE if row.growth[key].value is not None} for row in rows]
    seen = [ratio_of(key, ratio) for ratios in known for key, ratio in ratios.items()]
    if doubt := invalid([row for summary in summaries for row in summary.cells]):
        return None, doubt, seen
    missed = [{key for key, ratio in ratios.items() if detectable(ratio)} for ratios in known]
    if not missed[0]:
        return True, f"the intervals of all {len(seen)} ratios hold 1", seen
    names = ", ".join(TITLE_OF[key][0] for key in sorted(missed[0]))
    if len(missed) == 1:
        return False, f"the interval of {names} does not hold 1", seen
    if missed[0] & missed[1]:
        return False, f"a difference was found twice where there is none, in {names}", seen
    return True, f"the interval of {names} missed 1, as one in twenty does; repeated, it held it", seen


def is_floor(summaries: list[Summary]) -> Judgement:
    """Nothing is lost or doubled; pushed messages arrive at once, polled ones after half an interval, as they must."""
    rows = summaries[0].cells
    seen = [of(row, key) for row in rows for key in ("latency_p50", "ip_bytes", "server_cpu")]
    wrong = [f"{row.cell.series} lost, repeated or reordered messages" for row in rows
             if row.counts["lost"] or row.counts["duplicates"] or row.counts["reordered"]]  # fmt: skip
    if wrong:
        return False, "; ".join(wrong), seen
    if doubt := invalid(rows):
        return None, doubt, seen
    late = []
    for row in rows:
        p50, (least, most) = row["latency_p50"].value or 0.0, expected(row.cell)
        if not least <= p50 <= most:
            late.append(
                f"the median of {row.cell.series} is {number(p50)} ms, not {number(least)} to {number(most)} ms"
            )
    if late:
        return False, "; ".join(late), seen
    return True, "nothing was lost or doubled, and every median is where it must be", seen


def expected(cell: Cell) -> tuple[float, float]:
    """Between what a median of the null server lies, in ms."""
    if cell.poll_interval_s is None:
        return 0.0, FLOOR
    half = 1_000 * cell.poll_interval_s / 2
    return half * (1 - CHANCE), half * (1 + CHANCE) + FLOOR


def is_known_delay(summaries: list[Summary]) -> Judgement:
    """Through the link the median is later by the link's delay, and by nothing else."""
    near, far = summaries[0].cells
    seen = [of(row, "latency_p50") for row in (near, far)]
    if doubt := invalid([near, far]):
        return None, doubt, seen
    without, through = near["latency_p50"].value, far["latency_p50"].value
    if without is None or through is None:
        return None, "there is no median", seen
    added = through - without
    return abs(added - DELAY) <= FOUND, f"of {number(DELAY)} ms it found {number(added)} ms", seen


def only_open_shows(summaries: list[Summary]) -> Judgement:
    """The stall is in the p99 of the open loop, and not in that of the closed one."""
    open_, closed = summaries[0].cells
    seen = [of(row, key) for row in (open_, closed)
            for key in ("latency_p50", "latency_p95", "latency_p99", "offered_rate", "sent_rate")]  # fmt: skip
    if doubt := invalid([open_]):
        return None, doubt, seen
    shown, hidden = open_["latency_p99"].value, closed["latency_p99"].value
    if shown is None or hidden is None:
        return None, f"there is no p99: {open_['latency_p99'].note or closed['latency_p99'].note}", seen
    said = f"of a stall of 2 s the open loop's p99 shows {number(shown)} ms, the closed loop's {number(hidden)} ms"
    if shown < 1_000 * SHOWN * STALL:
        return False, said, seen
    if hidden > 1_000 * HIDDEN * STALL:
        return None, f"{said}: this machine stood still by itself", seen
    return True, said, seen


def invalid(rows: list[CellSummary]) -> str:
    """Why nothing can be said, if so."""
    return next(
        (f"{row.title} is not valid: {row.verdict.reasons[0]}" for row in rows if row.verdict.valid is False), ""
    )


def of(row: CellSummary, key: str) -> Seen:
    title, unit = TITLE_OF[key]
    return Seen(f"{row.title}: {title}", unit, row[key])


def ratio_of(key: str, ratio: Estimate) -> Seen:
    return Seen(f"B to A: {TITLE_OF[key][0]}", "ratio", ratio)
