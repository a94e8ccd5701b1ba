"""The pictures of demonstrations: a row for each place, on a logarithmic axis, with the numbers at its right."""

from collections.abc import Callable, Mapping
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lab import palette, wording
from lab.demonstrations import cells
from lab.drawing import BELOW, COLUMN, HEADING, JOINED, ROW, WIDTH, beside, logarithmic, numbers, whiskers
from lab.observations import Observations
from lab.palette import Look
from lab.plan import TITLES
from lab.plots import STYLE, inks, svg
from lab.stats import Estimate

CLIENTS = {"browser": "browser", "bare": "bare"}
BOOK = 500.0, 800.0  # bytes: "500-800", I. Grigorik, High Performance Browser Networking, O'Reilly 2013


def dots(found: Observations, what: str, unit: str, rows: Mapping[str, str], axis: str) -> str:
    """One mark a row, with its interval, and its number."""

    def draw(axes: Axes) -> None:
        for y, where in enumerate(rows):
            mark(axes, found.of(what, where), y, look_of(where))
            numbers(axes, y, [wording.text(found.of(what, where), "")])
        numbers(axes, HEADING, [unit], "bold")

    return drawn(rows, axis, 1, draw)


def pairs(
    found: Observations,
    what: str,
    rows: Mapping[str, str],
    axis: str,
    both_of: Mapping[str, str] = CLIENTS,
    band: tuple[float, float] | None = BOOK,
    told: Callable[[Observations, str, str], str] = cells.count,
) -> str:
    """Two marks a row: a browser's, and a hollow one, a bare client's; or those of two others, by their headings."""

    def draw(axes: Axes) -> None:
        if band:
            axes.axvspan(*band, color=palette.rule(), alpha=0.5, linewidth=0)
        for y, where in enumerate(rows):
            both = [found.of(what, f"{client}: {where}") for client in both_of]
            ends = [one.value for one in both if one.value is not None]
            look = look_of(where)
            axes.plot(ends, [y] * len(ends), color=look.color, linestyle=look.dash, linewidth=JOINED, zorder=2)
            mark(axes, both[1], y, look, hollow=True)
            mark(axes, both[0], y, look)
            counts = [told(found, what, f"{client}: {where}") for client in both_of]
            numbers(axes, y, [count.replace(" to ", wording.DASH) for count in counts])
        numbers(axes, HEADING, list(both_of.values()), "bold")

    return drawn(rows, axis, len(both_of), draw)


def drawn(rows: Mapping[str, str], axis: str, columns: int, draw: Callable[[Axes], None]) -> str:
    """A row for each place, and columns of numbers."""
    style: Any = STYLE | inks()
    with rc_context(style):
        height, left = ROW * (len(rows) + 0.7) + BELOW, beside(rows.values())
        figure = Figure(figsize=(WIDTH, height))
        across = WIDTH - left - columns * COLUMN - 0.1
        axes = figure.add_axes((left / WIDTH, BELOW / height, across / WIDTH, 1 - BELOW / height))
        axes.set_ylim(len(rows) - 0.5, -1.2)
        axes.set_yticks(range(len(rows)), list(rows.values()))
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color=palette.rule(), linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(axis, loc="left")
        draw(axes)
        logarithmic(axes)
        return svg(figure)


def mark(axes: Axes, estimate: Estimate, y: float, look: Look, hollow: bool = False) -> None:
    if estimate.value is not None:
        axes.errorbar(
            [estimate.value], [y], xerr=whiskers(estimate), marker=look.marker, markersize=9, color=look.color,
            markerfacecolor=palette.paper() if hollow else look.color, markeredgecolor=look.color, elinewidth=1.6,
            capsize=4, linestyle="none", zorder=3,
        )  # fmt: skip


def look_of(where: str) -> Look:
    """A transport's, where the place names one; else ink."""
    ink = Look(palette.ink(), (0, (1, 2)), "X")
    return next((palette.look(name) for name in TITLES if name.partition("-")[0] in where), ink)
