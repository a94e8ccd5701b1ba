"""Kaazing's 435 to 1, layer by layer: from header arithmetic to what crosses the wire.

Kaazing's "quantum leap" (P. Lubbers and F. Greco, HTML5 Web Sockets: A Quantum Leap in Scalability for the Web, 2010)
counts the headers of a poll, 871 bytes, against a frame's 2. It does not measure, and counts neither the message nor
TCP and IP. Here are ours, of the same polling each second, with each of those put back.
"""

from typing import NamedTuple

from matplotlib.axes import Axes

from lab import palette
from lab.drawing import THIN, above, few_ticks, plain, whiskers
from lab.model.conditions import Conditions
from lab.model.exchange import HEADERS
from lab.model.traffic import traffic
from lab.numbers import number
from lab.palette import Look
from lab.plan import TITLES
from lab.signature.source import Source, error, finished, new, say, shifted, style
from lab.stats import Estimate
from lab.summary import CellSummary

NAME = "kaazing"
THEIRS = {"short-polling": 871.0, "websocket": 2.0}  # bytes of headers for each message, as they counted them
RATIO = 435  # to 1, as they put it
CLIENTS = 100_000  # their largest case, with a message a second for each
MEGA = 2**20  # by which they divide bits for their Mbps: 871 x 100,000 x 8 / 2^20 = 665
MEASURED = (2, 4)  # of these
STAGES = (
    "Kaazing 2010:\nheaders,\ncounted",
    "ours:\nheaders",
    "with the\nmessage",
    "as packets",
    "with acknow-\nledgements",
)


class Layers(NamedTuple):
    """Bytes for each delivered message: without the JSON, as written, as packets, and with those that acknowledge."""

    headers: Estimate
    socket: Estimate
    packets: Estimate
    ip: Estimate

    @property
    def values(self) -> list[float]:
        return [float(layer.value or 0.0) for layer in self]


def layers(source: Source, transport: str) -> tuple[Layers, list[float]]:
    """(as measured, by the model). Measured are what programs wrote and read, and what TCP counted; from those the
    model takes off the messages' JSON, and the segments that only acknowledge.
    """
    row = source.rows(transport)[-1]
    given = source.theory.given(row.cell)
    assert given is not None
    content, acknowledgements = per_message(given)
    socket, ip = row["socket_bytes"], row["ip_bytes"]
    said = source.theory.at(row.cell)
    modelled = [
        said["socket_bytes"] - content,
        said["socket_bytes"],
        said["ip_bytes"] - acknowledgements,
        said["ip_bytes"],
    ]
    return Layers(shifted(socket, -content), socket, shifted(ip, -acknowledgements), ip), modelled


def per_message(given: Conditions) -> tuple[float, float]:
    """(JSON, acknowledgements): bytes for each delivered message."""
    happening = traffic(given)
    told = happening.heard_per_s
    return happening.bytes_per_s("content") / told, happening.bytes_per_s("acknowledgements") / told


def draw(source: Source) -> str:
    with style():
        figure = new(6.2)
        axes = figure.add_axes((0.09, 0.33, 0.76, 0.59))
        found = {transport: layers(source, transport) for transport in THEIRS}
        for transport, (measured, modelled) in found.items():
            column(axes, palette.look(transport), [THEIRS[transport], *measured.values], [None, *measured], modelled,
                   above=transport == "short-polling")  # fmt: skip
            say(axes, TITLES[transport], 4, modelled[-1], xytext=(14, 0), textcoords="offset points",
                annotation_clip=False)  # fmt: skip
        ratios(axes, *(measured.values for measured, _ in found.values()))
        axes.set_yscale("log")
        axes.set_ylim(0.8, 4_000)
        axes.set_xlim(-0.4, 4.4)
        axes.set_xticks(range(len(STAGES)), STAGES)
        axes.yaxis.set_major_formatter(plain())
        few_ticks(axes)
        axes.grid(axis="y", color=palette.rule(), linewidth=0.6)
        axes.set_axisbelow(True)
        above(axes, "bytes for each message to a client (logarithmic axis)")
        return finished(figure, [source], *notes(source, found))


def column(
    axes: Axes, look: Look, values: list[float], estimates: list[Estimate | None], modelled: list[float], above: bool
) -> None:
    """The model is a thin line; the measured marks are full, what is reckoned is hollow; values stand beside them."""
    axes.plot(range(1, 5), modelled, color=look.color, linestyle=look.dash, linewidth=THIN, zorder=2)
    for x, (value, estimate) in enumerate(zip(values, estimates, strict=True)):
        arms = None if estimate is None else whiskers(estimate)
        face = look.color if x in MEASURED else palette.paper()
        axes.errorbar([x], [value], yerr=arms, marker=look.marker, markersize=9, capsize=4, color=look.color,
                      markerfacecolor=face, zorder=3)  # fmt: skip
        say(axes, number(value), x, value, xytext=(0, 15 if above else -15), textcoords="offset points", ha="center")


def ratios(axes: Axes, polling: list[float], push: list[float]) -> None:
    """Between the two, how many times the one is the other: theirs as they put it."""
    pairs = [tuple(THEIRS.values()), *zip(polling, push, strict=True)]
    for x, (more, fewer) in enumerate(pairs):
        text = f"{RATIO if x == 0 else number(more / fewer)} : 1"
        say(axes, text, x, (more * fewer) ** 0.5, ha="center", fontweight="bold")


def notes(source: Source, found: dict[str, tuple[Layers, list[float]]]) -> list[str]:
    row: CellSummary = source.rows("short-polling")[-1]
    megabits = [value * CLIENTS * 8 / MEGA for value in THEIRS.values()]
    ours = [measured.values[-1] * CLIENTS * 8 / MEGA for measured, _ in found.values()]
    return [
        f"{row.cell.level:,.0f} clients poll each second, with a message a second to each. "
        "One in ten writes, and is counted with it.",
        f"Full marks: measured; hollow: less JSON, or less packets that only acknowledge ({HEADERS} B each).",
        f"Thin lines: the model, {error(source, 'ip_bytes')}, nothing fitted.",
        f"{CLIENTS:,} such clients, Mbit/s as they reckon (/ 2^20): "
        f"theirs {number(megabits[0])} and {number(megabits[1])}, by ours {number(ours[0])} and {number(ours[1])}.",
    ]
