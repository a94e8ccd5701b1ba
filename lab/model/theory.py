"""The model beside an experiment: a line for each transport, and how far what was measured is from it."""

import math
import statistics
from collections.abc import Iterable, Sequence

from msgspec import Struct, structs

from lab.errors import BadUse
from lab.link import Link
from lab.model.conditions import Conditions, conditions
from lab.model.machine import fit
from lab.model.predictions import predict
from lab.numbers import number
from lab.plan import Cell
from lab.runs import Setup
from lab.summary import Summary
from lab.sweep import Sweep
from loadtests.scenario import ScenarioError

SMOOTH = ("rtt_ms", "workload.rate_per_s")  # what may be varied between the levels, as finely as one likes
POINTS = 200  # of a smooth line
FITTED = ("server_cpu", "server_load")
OF_SEGMENTS = "ip_bytes"  # how these keys begin: through a proxy, acknowledgements ride along with other things
NO_LINK = Link()


class Error(Struct, frozen=True):
    """Measured / model: the median over the cells, and the one that is farthest from 1."""

    median: float
    worst: float
    cells: int


class Theory:
    """What the model says of an experiment's cells, on the machine that shows in their own CPU times."""

    def __init__(self, sweep: Sweep, summary: Summary, link: Link = NO_LINK) -> None:
        self.sweep, self.link = sweep, link
        self.rows = [row for row in summary.cells if row.verdict.valid is not False and not row.verdict.saturated]
        self.known: dict[Cell, dict[str, float]] = {}
        self.conditions: dict[Cell, Conditions | None] = {}  # of each cell, whatever its poll interval
        self.machine = fit(
            (given, load) for row in self.rows if (given := self.given(row.cell)) and (load := row["server_load"].value)
        )

    def setup(self, cell: Cell) -> Setup:
        return self.sweep.setup(Setup(self.sweep.scenario, 0.0, 0.0, link=self.link), cell)

    def given(self, cell: Cell) -> Conditions | None:
        """The conditions of a cell; None where the model leaves out what is at work, or the scenario is not here."""
        whenever = structs.replace(cell, poll_interval_s=None)
        if whenever not in self.conditions:
            try:
                self.conditions[whenever] = conditions(whenever, self.setup(cell))
            except (BadUse, ScenarioError):
                self.conditions[whenever] = None
        found = self.conditions[whenever]
        return found and structs.replace(found, poll_interval_s=cell.poll_interval_s or found.poll_interval_s)

    def at(self, cell: Cell) -> dict[str, float]:
        """All that the model says of a cell, by quantity."""
        if cell not in self.known:
            given = self.given(cell)
            said = predict(given, self.machine) if given else {}
            if given and given.through_proxy:
                said = {key: value for key, value in said.items() if not key.startswith(OF_SEGMENTS)}
            self.known[cell] = said
        return self.known[cell]

    def between(self, cells: Sequence[Cell]) -> list[Cell]:
        """The cells of a line, and as many between them as make it smooth, where there can be any."""
        levels = [cell.level for cell in cells if isinstance(cell.level, float)]
        intervals = [cell.poll_interval_s for cell in cells if cell.poll_interval_s]
        if self.sweep.varies in SMOOTH and len(levels) > 1:
            return [Cell(cells[0].transport, cells[0].poll_interval_s, level) for level in spread(levels)]
        if self.sweep.varies is None and len(intervals) > 1:
            return [Cell(cells[0].transport, interval) for interval in spread(intervals)]
        return list(cells)

    def line(self, cells: Sequence[Cell], x: str, y: str) -> list[tuple[Cell, float, float]]:
        """(cell, x, y) along a line; `x` may be `level`, whose place only the axis knows: then it is nan."""
        found = []
        for cell in self.between(cells):
            said = self.at(cell)
            if y in said and (x == "level" or x in said):
                found.append((cell, said.get(x, math.nan), said[y]))
        return found

    def error(self, key: str) -> Error | None:
        """None where the model does not speak of it."""
        pairs = ((row[key].value, self.at(row.cell).get(key)) for row in self.rows)
        ratios = [measured / said for measured, said in pairs if measured and said]
        if not ratios:
            return None
        return Error(statistics.median(ratios), max(ratios, key=lambda ratio: abs(math.log(ratio))), len(ratios))

    def sentence(self, keys: Iterable[str], titles: dict[str, str]) -> str:
        """What a figure's reader must know of its thin lines; nothing where there are none."""
        errors = {key: error for key in keys if (error := self.error(key))}
        if not errors:
            return ""
        told = "; ".join(
            f"{titles[key]} {number(error.median)} (median), {number(error.worst)} (farthest)"
            for key, error in errors.items()
        )
        cells = max(error.cells for error in errors.values())
        fitted = " Its CPU times are fitted to these same cells." if set(FITTED) & set(errors) else ""
        return f"Thin lines: the model. Measured / model, over {cells} valid cells: {told}.{fitted}"


def spread(values: Sequence[float]) -> list[float]:
    """The values and others between, evenly and evenly by ratio, so that they are dense on either scale."""
    low, high = min(values), max(values)
    even = [low + (high - low) * n / POINTS for n in range(POINTS + 1)]
    least = min(value for value in values if value > 0)
    ratios = [least * (high / least) ** (n / POINTS) for n in range(POINTS + 1)]
    return sorted({*values, *even, *(min(max(value, low), high) for value in ratios)})
