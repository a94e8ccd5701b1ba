"""A recorded run as a notebook looks at it: its rows as numbers, a table and figures, which say where they are from."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, structs

from lab import curves, distribution, manifest, plots, reading, report, samples, showing, summary, wording
from lab.errors import BadUse
from lab.manifest import Capacity, Manifest
from lab.model.theory import Theory
from lab.plan import shown
from lab.plots import Picture
from lab.quantities import QUANTITIES
from lab.showing import Shown
from lab.sources import made
from lab.stats import Estimate
from lab.summary import CellSummary, Summary
from lab.sweep import Chart, Scale, Sweep

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.figure import Figure

UNITS = {quantity.key: quantity.unit for quantity in QUANTITIES}
TITLES = {quantity.key: quantity.title for quantity in QUANTITIES}
STYLE: dict[str, Any] = {"axes.spines.left": True}
REASONS = 2  # why rows are not valid: its report has all of them
Value = Literal["figures", "versus", "growth"]  # a quantity itself, or a ratio of it: see lab/summary.py
BRACKETS = {
    "figures": "In brackets: 95 % intervals over the runs.",
    "versus": "Times as much as WebSocket, paired block by block. In brackets: 95 % intervals.",
    "growth": "Times as much as at the first level, paired block by block. In brackets: 95 % intervals.",
}


class Recording(Struct, frozen=True):
    """A run folder and what was made of it. `missing` says, where there is none, why not and how to make one."""

    name: str
    folder: Path
    missing: str = ""
    record: Manifest | None = None
    summary: Summary | None = None
    theory: Theory | None = None  # of an experiment: one for all its figures, since it remembers what it reckoned

    @property
    def rows(self) -> list[CellSummary]:
        return self.summary.cells if self.summary else []

    @property
    def sweep(self) -> Sweep | None:
        """The experiment; None for a plain comparison."""
        return report.sweep_of(self.record) if self.record else None

    @property
    def workload(self) -> dict[str, Any]:
        """What was published, in the words of the scenario (loadtests/scenario.py)."""
        return dict(self.record.scenario.get("workload", {})) if self.record else {}

    @property
    def rooms(self) -> int:
        """How many there were, in each run of the first cell."""
        return next((run.info.rooms for run in self.record.runs if run.info), 0) if self.record else 0

    @property
    def clients(self) -> int:
        """How many there were, in each run of the first cell."""
        return next((run.info.users for run in self.record.runs if run.info), 0) if self.record else 0

    @property
    def capacity(self) -> list[Capacity]:
        """What a search found."""
        return self.summary.capacity if self.summary else []

    @property
    def source(self) -> str:
        """The run, its command and its commit, in a sentence."""
        return made(self.record, self.folder) if self.record else self.missing

    def _repr_html_(self) -> str:
        return self.told().html

    def __repr__(self) -> str:
        return self.told().text

    def told(self) -> Shown:
        """What was measured, how often, where, and what must be known of the rows."""
        if self.record is None or self.summary is None:
            return showing.sentence(self.missing)
        asked = self.sweep.question if self.sweep else str(self.record.scenario["description"])
        machine = f"{self.record.machine.get('cpus', '?')} CPUs, {self.record.machine.get('cpu') or 'unknown'}"
        runs = f"{wording.count(self.summary.runs, 'run')}, {self.summary.deliveries:,} deliveries ({machine})."
        said = [runs, *reading.caveats(self.summary), *wording.reasons(self.summary)[:REASONS], *self.summary.notices]
        return showing.listing(f"{self.name}: {asked}", said, [self.source])

    def frame(self, *keys: str) -> "pl.DataFrame":
        """A row for each cell; of each quantity the value, and `_low` and `_high`, the ends of its interval."""
        import polars as pl

        schema: dict[str, Any] = {
            "row": pl.String, "way": pl.String, "transport": pl.String, "poll_interval_s": pl.Float64,
            "level": self.level_type, "valid": pl.Boolean,
        }  # fmt: skip
        schema |= {f"{key}{end}": pl.Float64 for key in keys for end in ("", "_low", "_high")}
        return pl.DataFrame([self.numbers(row, keys) for row in self.rows], schema=schema, orient="row")

    @property
    def level_type(self) -> Any:
        import polars as pl

        return pl.String if any(isinstance(row.cell.level, str) for row in self.rows) else pl.Float64

    def numbers(self, row: CellSummary, keys: Sequence[str]) -> list[Any]:
        found = [row[known(key)] for key in keys]
        cell = row.cell
        return [row.title, cell.series, cell.transport, cell.poll_interval_s, cell.level, row.verdict.valid,
                *(number for one in found for number in (one.value, one.low, one.high))]  # fmt: skip

    def table(self, *keys: str, of: Value = "figures", transports: Sequence[str] = ()) -> Shown:
        """The quantities with their intervals, of all transports or of some; or their ratios to a reference."""
        if self.missing:
            return self.nothing()
        rows = [row for row in self.rows if not transports or row.cell.transport in transports]
        rows = [row for row in rows if getattr(row, of)]  # the reference has no ratio to itself
        heads = ["", *(f"{TITLES[known(key)]}, {'times' if of != 'figures' else UNITS[key]}" for key in keys)]
        body = [[row.title, *(cell(getattr(row, of).get(key), of, key) for key in keys)] for row in rows]
        return showing.table(heads, body, [BRACKETS[of], self.source])

    def figure(self, name: str) -> Shown:
        """One of the figures of its report, by name."""
        if self.record is None or self.summary is None:
            return self.nothing()
        pictures = {picture.name: picture for picture in self.pictures(self.summary, self.sweep)}
        if name not in pictures:
            raise BadUse(f"{self.name} has no figure {name!r}: take one of {', '.join(pictures)}.")
        return self.drawn(pictures[name], self.summary)

    def chart(self, title: str, y: str, x: str = "level", y_scale: Scale = "log", x_scale: Scale = "log") -> Shown:
        """Any quantity over the levels of the experiment, or over another quantity; `x = "cell"`: a row for each."""
        if self.record is None or self.summary is None:
            return self.nothing()
        if self.sweep is None:
            raise BadUse(f"{self.name} is no experiment: it has no levels to draw over.")
        wanted = structs.replace(self.sweep, charts=(Chart("chart", title, known(y), x, y_scale, x_scale),))
        (picture,) = self.pictures(self.summary, wanted)
        return self.drawn(picture, self.summary)

    def pictures(self, found: Summary, swept: Sweep | None) -> list[Picture]:
        return plots.pictures(found) if swept is None or self.theory is None else curves.pictures(swept, self.theory)

    def distribution(self, level: float | str | None = None, transports: Sequence[str] = ()) -> Shown:
        """Which share of the deliveries had arrived by when: a line for each run of each cell."""
        if self.record is None:
            return self.nothing()
        cells = [row.cell for row in self.rows if row.cell.level == level]
        cells = [cell for cell in cells if not transports or cell.transport in transports]
        sample, of = samples.of(self.folder), {run.run: run.cell for run in self.record.runs}
        lines = distribution.lines(sample, of, cells)
        where = f", at {shown(level)} ({self.sweep.axis})" if self.sweep and level is not None else ""
        title = f"Every delivery{where}"
        return showing.figure(drawing(lambda: distribution.figure(lines)), title, [self.source])

    def drawn(self, picture: Picture, found: Summary) -> Shown:
        notes = [picture.caption, self.source] if picture.caption else [self.source]
        return showing.figure(drawing(lambda: picture.draw(found.shown_by(picture.keys))), picture.title, notes)

    def nothing(self) -> Shown:
        """In place of what cannot be shown; how to make a run says `told`."""
        return showing.sentence(f"No run of {self.name}: nothing to show.")


def recorded(name: str, folder: Path) -> Recording:
    """A folder's recording. BadUse where it cannot be read."""
    record, found = manifest.read(folder), summary.read(folder)
    swept = report.sweep_of(record)
    return Recording(name, folder, "", record, found, Theory(swept, found, record.link) if swept else None)


def drawing(draw: "Callable[[], Figure]") -> str:
    """A figure as SVG, in the style of all others."""
    import matplotlib

    style: Any = plots.STYLE | plots.inks() | STYLE
    with matplotlib.rc_context(style):
        return plots.svg(draw())


def cell(estimate: Estimate | None, of: Value, key: str) -> str:
    """`490 (450 to 540)`; a dash where there is nothing."""
    if estimate is None:
        return wording.DASH
    unit = "share" if of == "figures" and UNITS[key] == "share" else ""
    within = wording.interval(estimate, unit)
    return wording.text(estimate, unit) + (f" ({within})" if within else "")


def known(key: str) -> str:
    if key not in UNITS:
        raise BadUse(f"There is no quantity {key!r}: take one of {', '.join(UNITS)}.")
    return key
