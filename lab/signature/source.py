"""What a signature figure is drawn from: a recorded experiment, by its name, with the model beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lab import manifest, palette, recorded, report
from lab.drawing import SMALL, WIDTH
from lab.errors import BadUse
from lab.manifest import Manifest
from lab.model.theory import Theory
from lab.numbers import number
from lab.plan import Cell
from lab.plots import STYLE, inks, svg
from lab.sources import run_of, sourced_from
from lab.stats import Estimate
from lab.summary import CellSummary, Summary
from lab.sweep import Sweep

COMMIT = 7  # digits that tell one commit from another


class Source(NamedTuple):
    """A recorded experiment."""

    where: Path
    record: Manifest
    sweep: Sweep
    summary: Summary
    theory: Theory

    def rows(self, transport: str) -> list[CellSummary]:
        """A transport's cells, those that were measured, by level."""
        found = [row for row in self.summary.cells if row.cell.transport == transport and row.runs]
        return sorted(found, key=lambda row: (row.cell.poll_interval_s or 0.0, float(row.cell.level or 0.0)))

    def row(self, transport: str, level: float) -> CellSummary:
        """One cell. BadUse where it was not measured."""
        found = next((row for row in self.rows(transport) if row.cell.level == level), None)
        if found is None:
            raise BadUse(f"{self.where} has no {Cell(transport, None, level).title}: measure it again, as it is.")
        return found

    @property
    def made(self) -> str:
        """`2026-11-24, commit 1a2b3c4`."""
        return f"{self.record.created[:10]}, commit {(self.record.commit or 'not known')[:COMMIT]}"


def read(reference: Path, name: str) -> Source:
    """The recorded experiment of that name in a folder of them. BadUse says how to make one that is missing."""
    where = reference / name
    if not (where / manifest.NAME).exists():
        raise BadUse(
            f"{reference} holds no recorded experiment {name}: measure it with `.venv/bin/lab experiment {name}`, and "
            f"keep it there with `.venv/bin/lab keep`."
        )
    record = manifest.read(where)
    sweep = report.sweep_of(record)
    if sweep is None or sweep.name != name:
        raise BadUse(f"{where} is not the experiment {name}: measure it with `.venv/bin/lab experiment {name}`.")
    found = recorded.summary_of(where, record)
    return Source(where, record, sweep, found, Theory(sweep, found, record.link))


def new(height: float) -> Figure:
    return Figure(figsize=(WIDTH, height))


def finished(figure: Figure, sources: Sequence[Source], *notes: str) -> str:
    """As SVG, with notes at its foot and the runs that it is from, which its metadata tell in full."""
    when = dict.fromkeys(source.made for source in sources)
    names = {made: ", ".join(run_of(each.record, each.where) for each in sources if each.made == made) for made in when}
    lines = [*notes, f"Recorded: {'; '.join(f'{name} ({made})' for made, name in names.items())}."]
    for n, line in enumerate(reversed(lines)):
        figure.text(0.012, 0.018 + n * 0.2 / figure.get_figheight(), line, fontsize=SMALL, color=palette.quiet())
    return sourced_from(svg(figure), [(source.record, source.where) for source in sources])


def style() -> Any:
    """The context in which a figure is drawn."""
    return matplotlib.rc_context(STYLE | inks() | {"axes.spines.left": True})  # type: ignore[arg-type]


def error(source: Source, key: str) -> str:
    """`measured / model 1.00 (median), 1.68 (farthest)`."""
    found = source.theory.error(key)
    if found is None:
        return "the model says nothing of it"
    return f"measured / model {number(found.median)} (median), {number(found.worst)} (farthest)"


def say(axes: Axes, text: str, x: float, y: float, **more: Any) -> None:
    """Words in the figure, in ink on paper."""
    paper = {"fc": palette.paper(), "ec": "none", "pad": 1.5}
    axes.annotate(text, (x, y), **({"color": palette.ink(), "bbox": paper, "va": "center"} | more))


def halved(row: CellSummary) -> float:
    """The one-way delay of a cell whose level is a round trip, both in ms."""
    assert isinstance(row.cell.level, float)
    return row.cell.level / 2


def valid(rows: Sequence[CellSummary]) -> list[CellSummary]:
    return [row for row in rows if row.verdict.valid is not False]


def shifted(estimate: Estimate, by: float = 0.0, times: float = 1.0) -> Estimate:
    """The estimate in other terms, by what is known exactly."""
    value, low, high = (
        None if end is None else times * end + by for end in (estimate.value, estimate.low, estimate.high)
    )
    return Estimate(value, low, high)
