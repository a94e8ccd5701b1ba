"""An experiment's figures: each transport over the levels, or between two quantities; points, and the model's line."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from msgspec import structs

from lab import matrix, wording
from lab.drawing import WIDTH, beside, line, logarithmic, mark, model, whiskers
from lab.drawing import dot as row_dot
from lab.drawing import numbers as row_numbers
from lab.drawing import rows as rows_of
from lab.labels import label_ends, label_points
from lab.link import Link
from lab.model.theory import Theory
from lab.plots import STYLE, Picture, inks, svg
from lab.scales import NAMES, axis, finish, level_at
from lab.summary import CellSummary, Summary
from lab.sweep import Chart, Sweep

HEIGHT = 4.8  # inches
STROKE = 0.3  # of a row, to each side
NO_LINK = Link()
Series = dict[str, list[CellSummary]]
Place = Callable[[CellSummary], float | None]


def draw(sweep: Sweep, summary: Summary, link: Link = NO_LINK) -> dict[str, str]:
    """Every figure of the experiment as SVG, by name."""
    theory = Theory(sweep, summary, link)
    style: Any = STYLE | inks() | {"axes.spines.left": True}
    with matplotlib.rc_context(style):
        return {chart.name: svg(figure(chart, sweep, summary.shown_by(chart.keys), theory)) for chart in sweep.charts}


def pictures(sweep: Sweep, theory: Theory) -> list[Picture]:
    """What the report shows beside each figure: its title, what its lines are, and the quantities behind it."""

    def picture(chart: Chart) -> Picture:
        draw = partial(figure, chart, sweep, theory=theory)
        return Picture(chart.name, chart.title, chart.keys, draw, caption(chart, theory))

    return [picture(chart) for chart in sweep.charts]


def caption(chart: Chart, theory: Theory) -> str:
    """What the lines are, and how far the points are from them."""
    titles = {key: quantity.title for key, quantity in NAMES.items()}
    return theory.sentence(chart.keys, titles) or ("" if chart.x == "cell" else "A line for each transport.")


def series(summary: Summary) -> Series:
    """The cells by what they share beside the level."""
    found: Series = {}
    for row in summary.cells:
        found.setdefault(row.cell.series, []).append(row)
    return found


def levels(summary: Summary) -> list[float | str]:
    """Those that were measured, in order."""
    found = list(dict.fromkeys(row.cell.level for row in summary.cells if row.cell.level is not None))
    return found if any(isinstance(level, str) for level in found) else sorted(found, key=float)


def figure(chart: Chart, sweep: Sweep, summary: Summary, theory: Theory) -> Figure:
    if chart.x == "objective":
        return matrix.figure(summary)
    if chart.x == "cell":
        return bars(chart, summary, theory)
    chart = with_room_for_zero(chart, summary)
    lines = lines_of(chart, summary)
    right = 0.25 + beside(name if valid(rows[-1]) else f"{name} (not valid)" for name, rows in lines.items())
    figure = Figure(figsize=(WIDTH, HEIGHT))
    axes = figure.add_axes((0.095, 0.17, 0.905 - (right if sweep.varies else 0.3) / WIDTH, 0.73))
    place = positions(chart, sweep)
    ends = []
    modelled = [thin(axes, chart, sweep, theory, rows) for rows in lines.values()]
    for name, rows in lines.items():
        known = [row for row in rows if row[chart.y].value is not None and place(row) is not None]
        if not any(modelled):
            line(axes, [place(row) for row in known], [float(row[chart.y].value or 0) for row in known], rows[0])
        for row in known:
            dot(axes, chart, row, place(row))
        if known:
            ends.append((name, known[-1], float(place(known[-1]) or 0), float(known[-1][chart.y].value or 0)))
    finish(axes, chart, sweep)
    if sweep.varies:
        label_ends(axes, ends)
        label_beginnings(axes, chart, list(lines.values()), place)
    else:
        label_points(axes, [(row, float(place(row) or 0), float(row[chart.y].value or 0)) for rows in lines.values()
                            for row in rows if row[chart.y].value is not None and place(row) is not None])  # fmt: skip
    return figure


def with_room_for_zero(chart: Chart, summary: Summary) -> Chart:
    """The chart, on a linear axis where a value is zero, for which a logarithmic one has no place."""
    return structs.replace(chart, y_scale="linear") if any(row[chart.y].value == 0 for row in summary.cells) else chart


def label_beginnings(axes: Axes, chart: Chart, lines: Sequence[Sequence[CellSummary]], place: Place) -> None:
    """Of lines that look alike, the poll interval at their first point too: they may have come together at the last."""
    transports = [rows[0].cell.transport for rows in lines]
    for rows in lines:
        first, interval = rows[0], rows[0].cell.poll_interval_s
        x, y = place(first), first[chart.y].value
        if transports.count(first.cell.transport) > 1 and interval and x is not None and y is not None:
            axes.annotate(f"{interval:g} s", (x, y), xytext=(10, 0), textcoords="offset pixels", va="bottom")


def valid(row: CellSummary) -> bool:
    return row.verdict.valid is not False


def thin(axes: Axes, chart: Chart, sweep: Sweep, theory: Theory, rows: Sequence[CellSummary]) -> bool:
    """The model's line for one transport; False where it says nothing of it."""
    points = theory.line([row.cell for row in rows], chart.x, chart.y)
    along = [level_at(cell, sweep) if chart.x == "level" else x for cell, x, _ in points]
    model(axes, along, [y for _, _, y in points], rows[0])
    return bool(points)


def bars(chart: Chart, summary: Summary, theory: Theory) -> Figure:
    """A row for each cell; the model is a stroke across it."""
    figure, axes = rows_of(summary, axis(chart.y, chart.y_scale), [NAMES[chart.y].unit.split(" per ")[0]])
    for y, row in enumerate(summary.cells):
        if (said := theory.at(row.cell).get(chart.y)) is not None:
            model(axes, [said, said], [y - STROKE, y + STROKE], row)
        row_dot(axes, row[chart.y], y, row, 8.0)
        row_numbers(axes, y, [wording.text(row[chart.y], "")])
    if chart.y_scale == "log":
        logarithmic(axes)
    else:
        axes.set_xlim(left=0)
    return figure


def lines_of(chart: Chart, summary: Summary) -> Series:
    """What one line joins: a transport's levels; between two quantities without levels, a transport's intervals."""
    if summary.cells[0].cell.level is not None:
        return series(summary)
    found: Series = {}
    for row in summary.cells:
        found.setdefault(row.cell.transport, []).append(row)
    return {rows[0].title if len(rows) == 1 else "Short polling": rows for rows in found.values()}


def positions(chart: Chart, sweep: Sweep) -> Place:
    """Where a cell stands on the horizontal axis."""
    if chart.x != "level":
        return lambda row: row[chart.x].value
    return lambda row: level_at(row.cell, sweep)


def dot(axes: Axes, chart: Chart, row: CellSummary, x: float | None) -> None:
    """A value with its intervals."""
    y = row[chart.y]
    assert x is not None and y.value is not None
    across = None if chart.x == "level" else whiskers(row[chart.x])
    mark(axes, row, x, y.value, 7, xerr=across, yerr=whiskers(y), capsize=2.5)
