"""The figure of a whole distribution: which share of the deliveries had arrived by when, a line for each run."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lab import palette
from lab.drawing import LETTER, LINE, few_ticks, plain
from lab.numbers import percent
from lab.plan import Cell

if TYPE_CHECKING:
    import polars as pl
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZE = (8.0, 4.4)  # inches
MARKED = (0.5, 0.95)  # of the deliveries: the shares that the tables speak of
HEIGHTS = tuple(n / 20 for n in range(2, 19))  # shares at which a line may be named
GAP = 6.0  # pixels from a line to its name


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
    """Each cell's name once, to the right of its first line, where the others are farthest, and on no other name."""
    first = list({line.cell: line for line in reversed(lines)}.values())
    taken: list[tuple[float, float, float]] = []  # left, right and height of each name, in pixels
    for line in sorted(first, key=lambda line: -at(line, MARKED[0])):
        width = LETTER * len(line.cell.series)
        others = [other for other in first if other is not line]
        places = [(room(axes, line, others, share, width), share) for share in HEIGHTS]
        for _, share in sorted(places, reverse=True):
            x, y = axes.transData.transform((at(line, share), share))
            left, right = x + GAP, x + GAP + width
            if all(right < low or high < left or abs(y - height) >= LINE for low, high, height in taken):
                break
        taken.append((left, right, y))
        axes.annotate(
            line.cell.series, (at(line, share), share), xytext=(GAP, 0), textcoords="offset pixels", va="center",
            fontsize=9, color=palette.ink(), bbox={"fc": palette.paper(), "ec": "none", "pad": 1},
        )  # fmt: skip


def room(axes: "Axes", line: Line, others: Sequence[Line], share: float, width: float) -> float:
    """Pixels between a line with its name and the nearest of the others, or the edge, at a height."""

    def across(of: Line) -> float:
        return float(axes.transData.transform((at(of, share), share))[0])

    own = across(line)
    beside = [x - own - width if (x := across(other)) >= own else own - x for other in others]
    return min([*beside, float(axes.bbox.x1) - own - width])


def at(line: Line, share: float) -> float:
    """The latency by which that share had arrived."""
    return next(delay for delay, arrived in zip(line.latencies, line.shares, strict=True) if arrived >= share)
