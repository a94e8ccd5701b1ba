"""An experiment's axes: where its levels stand, scales, ticks, and what the axes are called."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from lab import palette
from lab.drawing import LETTER, above, few_ticks, plain
from lab.plan import Cell, shown
from lab.quantities import QUANTITIES
from lab.sweep import Chart, Sweep

NAMES = {quantity.key: quantity for quantity in QUANTITIES}


def level_at(cell: Cell, sweep: Sweep) -> float | None:
    """Where a level stands: words stand one after the other."""
    if not named(sweep):
        return None if isinstance(cell.level, str) else cell.level
    return None if cell.level is None else float(sweep.levels.index(cell.level))


def named(sweep: Sweep) -> bool:
    """Whether the levels are words."""
    return any(isinstance(level, str) for level in sweep.levels)


def finish(axes: Axes, chart: Chart, sweep: Sweep) -> None:
    """Scales, ticks and what the axes are."""
    categories = [shown(level) for level in sweep.levels] if chart.x == "level" else []
    if chart.y_scale == "log":
        axes.set_yscale("log")
    else:
        axes.set_ylim(0, max(axes.get_ylim()[1], 1.05 * axes.dataLim.y1))  # the margin was of a range that began higher
    if chart.x == "level" and named(sweep):
        axes.set_xticks(range(len(categories)), categories)
        axes.margins(x=0.15)
    elif chart.x_scale == "log":
        if chart.x == "level" and 0 in sweep.levels:
            axes.set_xscale("symlog", linthresh=min(level for level in numbers(sweep.levels) if level > 0))
        else:
            axes.set_xscale("log")
    few_ticks(axes)
    if chart.x == "level" and sweep.levels and not named(sweep):
        axes.set_xticks(numbers(sweep.levels), staggered(axes, numbers(sweep.levels), categories))
        axes.xaxis.set_minor_locator(NullLocator())
    elif not named(sweep):
        axes.xaxis.set_major_formatter(plain())
        axes.margins(0.1, 0.12)
    axes.yaxis.set_major_formatter(plain())
    axes.tick_params(axis="y", labelcolor=palette.quiet())
    axes.set_xlabel(sweep.axis if chart.x == "level" else axis(chart.x, chart.x_scale), color=palette.quiet())
    above(axes, axis(chart.y, chart.y_scale))
    axes.grid(color=palette.rule(), linewidth=0.6)
    axes.set_axisbelow(True)


def numbers(levels: Sequence[float | str]) -> list[float]:
    return [level for level in levels if not isinstance(level, str)]


def axis(key: str, scale: str) -> str:
    quantity = NAMES[key]
    return f"{quantity.title}, {quantity.unit}{' (logarithmic axis)' if scale == 'log' else ''}"


def staggered(axes: Axes, levels: Sequence[float], names: Sequence[str]) -> list[str]:
    """The levels' names; one that would touch the one before goes a line lower."""
    told: list[str] = []
    ends = [float("-inf"), float("-inf")]  # where the last name ends, in pixels, of either line
    for level, name in zip(levels, names, strict=True):
        middle, half = float(axes.transData.transform((level, 1.0))[0]), LETTER * len(name) / 2
        below = middle - half < ends[0]
        ends[below] = middle + half
        told.append(f"\n{name}" if below else name)
    return told
