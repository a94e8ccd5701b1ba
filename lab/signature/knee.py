"""Long polling's knee: as good as a push while it is back before the next message, and half as late again after."""

from matplotlib.axes import Axes

from lab import palette
from lab.drawing import above, mark, model, plain, whiskers
from lab.labels import label_ends
from lab.numbers import number
from lab.plan import TITLES
from lab.signature.source import Source, error, finished, halved, new, say, style
from lab.summary import CellSummary
from lab.wording import interval
from loadtests import scenario as scenarios

NAME = "knee"
ORDER = ("sse", "websocket", "long-polling")  # from the back to the front


def draw(source: Source) -> str:
    with style():
        figure = new(5.2)
        axes = figure.add_axes((0.09, 0.22, 0.7, 0.69))
        ends = []
        for transport in ORDER:
            rows = source.rows(transport)
            points = source.theory.line([row.cell for row in rows], "level", "latency_p50")
            model(axes, [float(cell.level or 0) / 2 for cell, _, _ in points], [y for _, _, y in points], rows[0])
            for row in rows:
                mark(axes, row, halved(row), row["latency_p50"].value or 0.0, 7, yerr=whiskers(row["latency_p50"]),
                     capsize=2.5)  # fmt: skip
            ends.append((TITLES[transport], rows[-1], halved(rows[-1]), rows[-1]["latency_p50"].value or 0.0))
        bend(axes, source)
        axes.set_ylim(bottom=0)
        axes.set_xlim(left=0)
        axes.set_xlabel("one-way delay of the network, ms", color=palette.quiet())
        above(axes, "delivery latency, median, ms")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(plain())
        axes.grid(color=palette.rule(), linewidth=0.6)
        axes.set_axisbelow(True)
        label_ends(axes, ends)
        return finished(
            figure, [source], f"Thin lines: the model, {error(source, 'latency_p50')}. Bars: 95 % intervals."
        )


def bend(axes: Axes, source: Source) -> None:
    """Where half the time between two messages is, and what long polling takes on either side of it."""
    half = half_interval_ms(source)
    rows = source.rows("long-polling")
    top = axes.get_ylim()[1]
    axes.axvline(half, color=palette.ink(), linewidth=1.0, linestyle=(0, (2, 2)), zorder=1)
    say(axes, f"half the update interval: {number(half)} ms", half, 0.97 * top, ha="center")
    before = [row for row in rows if 0 < halved(row) < half]
    after = [row for row in rows if halved(row) > half]
    if before:
        say(axes, f"at {number(halved(before[-1]))} ms\n{ratio(before[-1])}", half, 0.66 * top, ha="right",
            xytext=(-10, 0), textcoords="offset points")  # fmt: skip
    if after:
        say(axes, f"at {number(halved(after[-1]))} ms\n{ratio(after[-1])}", halved(after[-1]), 0.2 * top, ha="right")


def ratio(row: CellSummary) -> str:
    """Against WebSocket, paired by block."""
    found = row.versus["latency_p50"]
    within = f"\n({interval(found)})" if interval(found) else ""
    return "not compared" if found.value is None else f"{number(found.value)} times WebSocket's{within}"


def half_interval_ms(source: Source) -> float:
    """Half the time between two messages of a room."""
    workload = scenarios.load(source.sweep.scenario, source.sweep.changes).workload
    assert isinstance(workload, scenarios.Periodic)
    return 1_000 / workload.rate_per_s / 2
