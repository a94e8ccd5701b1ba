"""What if it had been measured otherwise? Evidence with one quantity changed, to see whether a verdict follows it."""

from collections.abc import Sequence

from msgspec import structs

from lab.claims import intervals
from lab.claims.evidence import Evidence
from lab.summary import CellSummary
from loadtests.records import TRANSPORTS


def suppose(
    evidence: Evidence, experiment: str, key: str, times: float, transports: Sequence[str] = TRANSPORTS
) -> Evidence:
    """The same runs, but that in one experiment these transports had so many times as much of a quantity.

    Recorded ratios of that quantity are left out, since they are no longer true; judging makes them of the rows anew.
    Where there is no such run, there is nothing to suppose, and the evidence is as it was.
    """
    if experiment not in evidence.folders:
        return evidence
    found = evidence.summary(experiment)
    cells = [otherwise(row, key, times if row.cell.transport in transports else 1.0) for row in found.cells]
    supposed = Evidence(evidence.folders, evidence.where)
    supposed.manifests = dict(evidence.manifests)
    supposed.summaries = evidence.summaries | {experiment: structs.replace(found, cells=cells)}
    return supposed


def otherwise(row: CellSummary, key: str, times: float) -> CellSummary:
    """A row with so many times as much."""
    figures = row.figures | {key: intervals.times(row[key], times)}
    ratios = ({name: ratio for name, ratio in of.items() if name != key} for of in (row.versus, row.growth))
    versus, growth = ratios
    return structs.replace(row, figures=figures, versus=versus, growth=growth)
