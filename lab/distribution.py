"""The figure of a whole distribution: which share of the deliveries had arrived by when, a line for each run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lab import palette
from lab.drawing import few_ticks, plain
from lab.numbers import percent
from lab.plan import Cell

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (8.0, 4.4)  # inches
MARKED = (0.5, 0.95)  # of the deliveries: the shares that the tables speak of
NAMED = (0.2, 0.8)  # between these shares the lines are named, each at its own height


class Line(NamedTuple):
    """One run of a cell: its latencies in ms, ascending, and the share that had arrived by each."""

    cell: Cell
    latencies: Sequence[float]
    shares: Sequence[float]


def lines(sample: "pl.DataFrame", cell_of: Mapping[int, Cell], cells: Sequence[Cell]) -> list[Line]:
    """The runs of these cells, in their order, from a sample of their folder (lab/samples.py)."""
    found = [
        Line(cell_of[row["run"]], row["latency_ms"], [rank / row["deliveries"] for rank in row["rank"]])
        for row in sample.select("run", "deliveries", "rank", "latency_ms").iter_rows(named=True)
        if cell_of[row["run"]] in cells and row["deliveries"]
    ]
    return sorted(found, key=lambda line: cells.index(line.cell))


def figure(lines: Sequence[Line]) -> "Figure":
    from matplotlib.figure import Figure

    drawn = Figure(figsize=SIZE)
    axes = drawn.add_axes((0.085, 0.13, 0.88, 0.79))
    for line in lines:
        look = palette.look(line.cell.transport)
        axes.plot(line.latencies, line.shares, color=look.color, linestyle=look.dash, linewidth=1.1)
    for share in MARKED:
        axes.axhline(share, color=palette.quiet(), linewidth=0.7, zorder=1)
    axes.set_xscale("log")
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, *MARKED, 1], [percent(share) for share in (0, *MARKED, 1)])
    axes.xaxis.set_major_formatter(plain())
    few_ticks(axes)
    axes.set_xlabel("delivery latency in ms (logarithmic axis)", color=palette.quiet())
    axes.set_title("share of deliveries that had arrived", color=palette.quiet(), fontsize=10, loc="left", x=-0.08)
    axes.grid(axis="x", color=palette.rule(), linewidth=0.6)
    axes.set_axisbelow(True)
    name_lines(axes, lines)
    return drawn


def name_lines(axes: "Axes", lines: Sequence[Line]) -> None:
    """Each cell's name once, beside its first line; the later the line, the lower, so that no name hides another."""
    first = {line.cell: line for line in reversed(lines)}
    ordered = sorted(first.values(), key=lambda line: line.latencies[len(line.latencies) // 2])
    step = (NAMED[1] - NAMED[0]) / max(1, len(ordered) - 1)
    for n, line in enumerate(ordered):
        height = NAMED[1] - n * step
        x = next(delay for delay, share in zip(line.latencies, line.shares, strict=True) if share >= height)
        axes.annotate(
            line.cell.title, (x, height), xytext=(6, 0), textcoords="offset points", va="center", fontsize=9,
            color=palette.ink(), bbox={"fc": palette.paper(), "ec": "none", "pad": 1.5},
        )  # fmt: skip
