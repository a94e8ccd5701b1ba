"""The picture of a run: for each part the deliveries of each transport over time, and above them what was done."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lab import palette, plots
from lab.drawing import SMALL, TEXT, WIDTH, plain
from lab.faults.execution import PartRecord
from lab.faults.history import Event
from lab.faults.results import Result
from lab.plan import TITLES

PART = 3.1  # inches for each part
BINS = 150  # at most, over the whole run; none is shorter than a second
MARKS = {"kill server": "server", "kill worker": "worker", "kill redis": "Redis", "stall": "stalled"}
LANES = (*MARKS.values(), "gaps")  # above the lines, from the top
SECOND = 1_000_000_000  # ns


def timeline(records: Sequence[PartRecord], results: Sequence[Result], told: Mapping[str, Sequence[Event]]) -> str:
    """As SVG."""
    style: Any = plots.STYLE | plots.inks()
    shown = [(record, result) for record, result in zip(records, results, strict=True) if told.get(record.part.name)]
    begun = min(told[record.part.name][0].time_ns for record, _ in shown)
    end = max(told[record.part.name][-1].time_ns for record, _ in shown)
    edges = np.linspace(0, (end - begun) / SECOND, max(2, min(BINS, int((end - begun) / SECOND))) + 1)
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(WIDTH, PART * len(shown) + 0.7))
        inch = 1 / figure.get_figheight()
        grid = figure.add_gridspec(
            2 * len(shown), 1, height_ratios=[1, 1.8] * len(shown), hspace=0.3, left=0.12, right=0.97,
            top=1 - 0.35 * inch, bottom=0.5 * inch,
        )  # fmt: skip
        for row, (record, result) in enumerate(shown):
            lanes, lines = figure.add_subplot(grid[2 * row]), figure.add_subplot(grid[2 * row + 1])
            events = told[record.part.name]
            draw_lanes(lanes, record, events, begun)
            draw_lines(lines, events, begun, edges)
            lines.tick_params(axis="x", labelbottom=row == len(shown) - 1)
            for axes in (lanes, lines):
                axes.set_xlim(0, edges[-1])
                mark_offender(axes, result, begun)
        lines.set_xlabel("seconds since the clients came", color=palette.quiet())
        return plots.svg(figure)


def draw_lanes(axes: Axes, record: PartRecord, events: Sequence[Event], begun: int) -> None:
    """A lane for each kind of fault, and one for the gaps that readers were told of."""
    marks: dict[str, list[float]] = {lane: [] for lane in LANES}
    for done in record.faults:
        marks[MARKS[done.kind]].append((done.at_ns - begun) / SECOND)
    gaps = {(event.time_ns - begun) * 10 // SECOND for event in events if event.op == "gap"}
    marks["gaps"] = [tenth / 10 for tenth in sorted(gaps)]  # of a second: there may be thousands
    for height, (lane, times) in enumerate(marks.items()):
        axes.plot(times, [height] * len(times), linestyle="none", marker="|", markersize=7, markeredgewidth=1,
                  color=palette.quiet() if lane == "gaps" else palette.ink())  # fmt: skip
    axes.set_ylim(len(LANES) - 0.4, -0.6)
    axes.set_yticks(range(len(LANES)), LANES, fontsize=SMALL)
    axes.tick_params(axis="both", length=0, labelbottom=False)
    axes.set_title(record.part.title, loc="left", fontsize=TEXT, fontweight="bold")
    axes.spines["bottom"].set_visible(False)


def draw_lines(axes: Axes, events: Sequence[Event], begun: int, edges: Any) -> None:
    """Deliveries a second."""
    for name, title in TITLES.items():
        times = np.array([event.time_ns for event in events if event.op == "observe" and event.transport == name])
        rate = np.histogram((times - begun) / SECOND, edges)[0] / np.diff(edges)
        look = palette.look(name)
        axes.plot((edges[:-1] + edges[1:]) / 2, rate, color=look.color, linestyle=look.dash, linewidth=1.1, label=title)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter(plain())
    axes.set_ylabel("deliveries/s", color=palette.quiet(), fontsize=SMALL)
    axes.grid(axis="y", color=palette.rule(), linewidth=0.6)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, fontsize=SMALL, frameon=False, handlelength=2.6,
                borderaxespad=0)  # fmt: skip


def mark_offender(axes: Axes, result: Result, begun: int) -> None:
    """The first offending step as a line across."""
    if result.verdict and result.verdict.offender and result.verdict.first:
        at = (result.verdict.offender.time_ns - begun) / SECOND
        axes.axvline(at, color=palette.ink(), linewidth=1.4, linestyle=(0, (2, 1)))
        if axes.get_ylabel():
            axes.annotate(f"first: {result.verdict.first.kind}", (at, 0.72), xycoords=("data", "axes fraction"),
                          xytext=(4, 0), textcoords="offset points", fontsize=SMALL, fontweight="bold")  # fmt: skip
