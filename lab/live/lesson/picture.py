"""The figure of a lesson: send to see, phase by phase, a row for each transport."""

from collections.abc import Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from lab import palette
from lab.drawing import BELOW, COLUMN, HEADING, ROW, WIDTH, beside, logarithmic, numbers
from lab.live.lesson.plan import Lesson
from lab.live.lesson.summary import Row
from lab.numbers import number
from lab.plan import TITLES
from lab.plots import STYLE, inks, svg

KEY = "large mark: half within; small: 95 in 100"
AXIS = "send to see in ms (logarithmic axis)"


def echoes(rows: Sequence[Row], lesson: Lesson) -> str:
    """As SVG; each phase's rows in the order of the lesson."""
    style: Any = STYLE | inks()
    with rc_context(style):
        names = [f"{lesson.step(row.phase).title}: {TITLES[row.transport]}" for row in rows]
        height, left = ROW * (len(rows) + 1.4) + BELOW, beside(names)
        figure = Figure(figsize=(WIDTH, height))
        axes = figure.add_axes((left / WIDTH, BELOW / height, (WIDTH - left - 3 * COLUMN - 0.1) / WIDTH,
                                1 - BELOW / height))  # fmt: skip
        axes.set_ylim(len(rows) - 0.5, -1.9)
        axes.set_yticks(range(len(rows)), names)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color=palette.rule(), linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(AXIS, loc="left")
        for y, row in enumerate(rows):
            look = palette.look(row.transport)
            p50, p95 = row.p50_ms or 0.0, row.p95_ms or 0.0
            axes.plot([p50, p95], [y, y], color=look.color, linestyle=look.dash, linewidth=1.4, zorder=2)
            for ms, size in ((p50, 9.0), (p95, 5.5)):
                axes.plot([ms], [y], marker=look.marker, markersize=size, color=look.color, linestyle="none", zorder=3)
            numbers(axes, y, [number(p50), number(p95), f"{row.echoes:,}"])
        numbers(axes, HEADING, ["p50", "p95", "words"], "bold")
        axes.annotate(KEY, (0, -1.5), va="center", color=palette.quiet(), annotation_clip=False,
                      xycoords=("axes fraction", "data"))  # fmt: skip
        logarithmic(axes)
        return svg(figure)
