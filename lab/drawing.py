"""What the figures are drawn with: rows and axes, marks with their intervals, names beside them."""

from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from lab import palette
from lab.stats import Estimate
from lab.summary import CellSummary, Summary

WIDTH = 8.0  # inches; at 96 dots an inch it fits a page
TEXT, SMALL = 12.0, 10.5  # points: a 48th of the width, to be read from the last row where a figure fills the slide
DOTS = 100.0  # matplotlib's pixels in an inch
LETTER, LINE = 9.0, 23.0  # pixels that a letter is wide and a line is high, at most
ROW = 0.62  # inches for each cell
HEADING, KEY = -0.75, -1.4  # where the headings stand, and what explains the marks, in rows
COLUMN = 0.86  # inches for a column of numbers
BELOW = 0.72  # inches for the axis and its name
THIN, JOINED = 1.1, 1.4  # points: the model's lines, and those that join what was measured


def rows(summary: Summary, axis: str, headings: Sequence[str], key: str = "") -> tuple[Figure, Axes]:
    """Axes with a row for each cell, the first at the top, its name at the left; columns of numbers at the right.

    The `key` says what the marks mean.
    """
    names = [title(row) for row in summary.cells]
    left = beside(part for name in names for part in name.split("\n"))
    bottom, top = len(names) - 0.5, KEY - 0.4 if key else HEADING - 0.4
    height = ROW * (bottom - top) + BELOW
    figure = Figure(figsize=(WIDTH, height))
    across = WIDTH - left - COLUMN * len(headings) - 0.1
    axes = figure.add_axes((left / WIDTH, BELOW / height, across / WIDTH, 1 - BELOW / height))
    axes.set_ylim(bottom, top)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=palette.rule(), linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(axis, loc="left")
    numbers(axes, HEADING, headings, "bold")
    axes.annotate(key, (0.1 / WIDTH, KEY), xycoords=("figure fraction", "data"), va="center", fontsize=SMALL,
                  color=palette.quiet(), bbox={"fc": palette.paper(), "ec": "none", "pad": 2})  # fmt: skip
    return figure, axes


def beside(names: Iterable[str]) -> float:
    """Inches that the longest of these takes beside the axes."""
    return max(map(len, names), default=0) * LETTER / DOTS + 0.25


def title(row: CellSummary) -> str:
    return row.title if row.verdict.valid is not False else f"{row.title}\n(not valid)"


def line(axes: Axes, values: Iterable[float | None], heights: Iterable[float], row: CellSummary) -> None:
    """The transport's line from value to value."""
    known = [(value, y) for value, y in zip(values, heights, strict=True) if value is not None]
    look = palette.look(row.cell.transport)
    if len(known) > 1:
        axes.plot(*zip(*known, strict=True), color=look.color, linestyle=look.dash, linewidth=JOINED, zorder=2)


def model(axes: Axes, xs: Iterable[float | None], ys: Iterable[float], row: CellSummary) -> None:
    """What the model says: the transport's line, thin."""
    look = palette.look(row.cell.transport)
    known = [(x, y) for x, y in zip(xs, ys, strict=True) if x is not None]
    along, up = [x for x, _ in known], [y for _, y in known]
    axes.plot(along, up, color=look.color, linestyle=look.dash, linewidth=THIN, zorder=2)


def dot(axes: Axes, estimate: Estimate, y: float, row: CellSummary, size: float) -> None:
    """A value with its interval in the row's line."""
    if estimate.value is not None:
        mark(axes, row, estimate.value, y, size, xerr=whiskers(estimate), capsize=4)


def point(axes: Axes, row: CellSummary, x: Estimate, y: Estimate) -> None:
    """Two values with their intervals."""
    if x.value is not None and y.value is not None:
        mark(axes, row, x.value, y.value, 9, xerr=whiskers(x), yerr=whiskers(y))


def mark(axes: Axes, row: CellSummary, x: float, y: float, size: float, **more: Any) -> None:
    """The transport's marker; hollow when the row is not valid."""
    look = palette.look(row.cell.transport)
    face = look.color if row.verdict.valid is not False else palette.paper()
    axes.errorbar(
        [x], [y], marker=look.marker, markersize=size, color=look.color, markerfacecolor=face,
        markeredgecolor=look.color, elinewidth=1.6, linestyle="none", zorder=3, **more,
    )  # fmt: skip


def whiskers(estimate: Estimate) -> list[list[float]] | None:
    """The interval's two arms, as errorbar takes them."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    return [[max(0.0, estimate.value - estimate.low)], [max(0.0, estimate.high - estimate.value)]]


def numbers(axes: Axes, y: float, texts: Sequence[str], weight: str = "normal") -> None:
    """The row's numbers in columns at the right of the axes."""
    for column, text in enumerate(texts, start=1):
        axes.annotate(text, (1.0, y), xycoords=("axes fraction", "data"), xytext=(72 * COLUMN * column, 0),
                      textcoords="offset points", va="center", ha="right", fontweight=weight)  # fmt: skip


def above(axes: Axes, text: str) -> None:
    """The name of the vertical axis, where it is read without turning one's head."""
    axes.set_title(text, color=palette.quiet(), fontsize=TEXT, loc="left", x=-0.08)


def logarithmic(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.margins(x=0.06)
    axes.xaxis.set_major_formatter(plain())
    few_ticks(axes)


def few_ticks(axes: Axes) -> None:
    """Numbers at the powers of ten; where fewer than three of them are in view, at 2 and 5 times each too."""
    for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        if axis.get_scale() == "log":
            low, high = sorted(limits)
            powers = sum(low <= 10.0**power <= high for power in range(-6, 12))
            axis.set_major_locator(LogLocator(subs=(1.0,) if powers > 2 else (1.0, 2.0, 5.0), numticks=6))
            axis.set_minor_formatter(NullFormatter())


def plain() -> FuncFormatter:
    return FuncFormatter(lambda value, _: f"{value:,.10g}")
