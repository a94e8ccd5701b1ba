"""Where polling wins: how many clients a server carries by polling, by how old news may be; and by push.

Van de Vyvere et al. (2020) put it so: a server that answers R requests a second carries R x T clients, if T seconds are
an acceptable wait. A push has no such dial; it carries what its deliveries leave of a CPU. So from some T on polling
carries more: the break-even, R x T = what push carries.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from lab import palette
from lab.capacity import of_the_server
from lab.drawing import LETTER, SMALL, TEXT, THIN, above, few_ticks, mark, plain, whiskers
from lab.labels import Place, covers, drawn, pixels
from lab.manifest import Capacity
from lab.numbers import number
from lab.plan import TITLES
from lab.signature.source import Source, finished, new, say, shifted, style, valid
from lab.stats import Estimate
from lab.summary import CellSummary

NAMES = ("capacity", "message-rate", "poll-interval")
MINUTE = 60.0
WAITS = 0.0001, 60.0  # seconds: the ends of the axes
CLIENTS = 300.0, 60_000.0
LOW = 400.0  # clients, where the line of polling has its name
ASIDE, AWAY = range(6, 120, 3), (11.0, 14.0, 17.0)  # points from the end of a level to its name, leftwards and from it
NEAR = 1.3  # times, within which two lines have no place for a name between them


class Polling(NamedTuple):
    """A cell of short polling: how long half the news took, and how many clients R x T gives."""

    row: CellSummary
    wait_s: Estimate
    requests_per_s: Estimate  # of a whole CPU
    clients: Estimate


class Push(NamedTuple):
    """A way of pushing, at a rate of messages, and how many clients a whole CPU carries so."""

    row: CellSummary
    name: str
    wait_s: float
    clients: Estimate
    at_least: bool = False  # the search ended at what the generator could do


def polling(source: Source) -> list[Polling]:
    """Each cell's requests a second, as many as a whole CPU would answer, and those times its interval."""
    found = []
    for row in valid(source.rows("short-polling")):
        given, load = source.theory.given(row.cell), row["server_load"]
        if given is None or not load.value or row["latency_p50"].value is None:
            continue
        asked = (row["requests_per_client_minute"].value or 0.0) / MINUTE * given.clients
        answers = inverse(load, asked)
        found.append(
            Polling(
                row, shifted(row["latency_p50"], times=1e-3), answers, shifted(answers, times=given.poll_interval_s)
            )
        )
    return found


def pushed(source: Source, transport: str) -> list[Push]:
    """By the CPU that each rate of messages took, in proportion."""
    found = []
    for row in valid(source.rows(transport)):
        given, load = source.theory.given(row.cell), row["server_load"]
        if given is not None and load.value:
            found.append(
                Push(row, told(given.rate), (row["latency_p50"].value or 0.0) / 1_000, inverse(load, given.clients))
            )
    return found


def searched(source: Source, transport: str) -> Push:
    """What the search found: clients that met the objective, and those that did not."""
    rows = source.rows(transport)
    found: Capacity = next(each for each in source.summary.capacity if each.series == rows[0].cell.series)
    best = max(
        (row for row in rows if float(row.cell.level or 0) <= found.clients), key=lambda row: row.cell.level or 0
    )
    at_least = found.fails is None or not of_the_server(found.limit)
    clients = Estimate(float(found.clients), float(found.clients), None if at_least else float(found.fails or 0))
    given = source.theory.given(best.cell)
    assert given is not None
    return Push(best, told(given.rate), (best["latency_p50"].value or 0.0) / 1_000, clients, at_least)


def told(rate: float) -> str:
    return f"{rate:g} message{'' if rate == 1 else 's'}/s"


def inverse(load: Estimate, of: float) -> Estimate:
    """`of` such, for a whole CPU, in proportion."""
    assert load.value
    return Estimate(of / load.value, of / load.high if load.high else None, of / load.low if load.low else None)


def break_even(requests_per_s: float, clients: float) -> float:
    """The wait in seconds, of half the news, from which on polling carries more: it is half the interval."""
    return clients / requests_per_s / 2


def draw(capacity: Source, rates: Source, intervals: Source) -> str:
    asked = [each for source in (intervals, rates) for each in polling(source)]
    requests_per_s = float(np.median([each.requests_per_s.value or 0.0 for each in asked]))
    by_rate = pushed(rates, "websocket")[
        1:
    ]  # at the first, a message in 20 s, a server idles: in proportion says nothing
    best = [searched(capacity, transport) for transport in ("websocket", "sse", "long-polling")]
    with style():
        figure = new(6.6)
        axes = figure.add_axes((0.1, 0.26, 0.87, 0.67))
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(*WAITS)
        axes.set_ylim(*CLIENTS)
        won(axes, by_rate[-1], requests_per_s)
        look = palette.look("short-polling")
        axes.plot(WAITS, [2 * wait * requests_per_s for wait in WAITS], color=look.color, linewidth=THIN, zorder=2)
        for each in asked:
            mark(axes, each.row, each.wait_s.value or 0.0, each.clients.value or 0.0, 8, xerr=whiskers(each.wait_s),
                 yerr=whiskers(each.clients))  # fmt: skip
        shown = sorted((*by_rate, *best), key=lambda push: push.clients.value or 0.0)
        names: list[tuple[Push, bool]] = []
        for push, over in pairwise([*shown, None]):
            assert push is not None
            level(axes, push, requests_per_s)
            names.append((push, over is not None and near(push, over)))
        say(axes, "polling\ncarries more", 15, 6_000, ha="center", bbox=None)
        say(axes, TITLES["short-polling"], LOW / 2 / requests_per_s, LOW, xytext=(10, 0), textcoords="offset points")
        there = drawn(axes)
        for push, below in names:
            name(axes, push, requests_per_s, below, there)
        finish(axes)
        return finished(figure, [capacity, rates, intervals], *notes(capacity, requests_per_s))


def level(axes: Axes, push: Push, requests_per_s: float) -> None:
    """What a push carries, from its own wait on, up to where polling carries as much."""
    look, clients = palette.look(push.row.cell.transport), float(push.clients.value or 0.0)
    end = break_even(requests_per_s, clients)
    axes.plot([push.wait_s, end], [clients, clients], color=look.color, linestyle=look.dash, linewidth=THIN, zorder=2)
    axes.plot([end, end], [CLIENTS[0], clients], color=look.color, linestyle=(0, (1, 3)), linewidth=THIN, zorder=1)
    mark(axes, push.row, push.wait_s, clients, 8, yerr=whiskers(push.clients))


def name(axes: Axes, push: Push, requests_per_s: float, below: bool, there: Sequence[Place]) -> None:
    """Its name above the level's end, or below; a little farther away, or to the left, where something is there."""
    clients = float(push.clients.value or 0.0)
    end = break_even(requests_per_s, clients)
    much = f"{'at least ' if push.at_least else ''}{number(clients)}"
    text = f"{TITLES[push.row.cell.transport]}, {push.name}: {much}, up to {end:.2g} s"
    [(across, up)] = pixels(axes, [(end, clients)])
    width = LETTER * SMALL / TEXT * len(text)
    places = [(-float(left), -away if below else away) for left in ASIDE for away in AWAY]
    place = next((place for place in places if not covers(there, across, up, place, width)), places[0])
    say(axes, text, end, clients, xytext=place, textcoords="offset points", ha="right", bbox=None, fontsize=SMALL)


def near(push: Push, over: Push) -> bool:
    """Whether the line above is so near that a name has no place between."""
    return float(over.clients.value or 0.0) < NEAR * float(push.clients.value or 0.0)


def won(axes: Axes, push: Push, requests_per_s: float) -> None:
    """The region in which polling carries more than a push of many messages."""
    clients = float(push.clients.value or 0.0)
    waits = np.geomspace(break_even(requests_per_s, clients), WAITS[1], 50)
    axes.fill_between(waits, clients, 2 * waits * requests_per_s, color=palette.look("short-polling").color, alpha=0.12,
                      linewidth=0)  # fmt: skip


def finish(axes: Axes) -> None:
    axes.set_xlabel("acceptable wait for half of the news, s (logarithmic axis)", color=palette.quiet())
    above(axes, "clients that one CPU of the server carries (logarithmic axis)")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(plain())
    few_ticks(axes)
    axes.grid(color=palette.rule(), linewidth=0.6)
    axes.set_axisbelow(True)


def notes(capacity: Source, requests_per_s: float) -> list[str]:
    room = capacity.theory.given(capacity.rows("websocket")[-1].cell)
    assert room is not None
    return [
        f"On the line: {number(requests_per_s)} requests a second of one CPU (median of the marks) x the interval.",
        "Beside it: WebSocket by the CPU that a rate of messages took, in proportion; and the most clients",
        f"measured, in rooms of {room.participants}. Shaded: polling carries more than WebSocket at its most messages.",
        "On the line clients only read; by WebSocket half of them write too, so the line flatters polling.",
    ]
