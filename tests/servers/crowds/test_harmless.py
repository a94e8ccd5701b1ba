"""Who stalls, or begins and does not go on, harms nobody else: two servers, one with and one without them, in turn."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count, islice

import numpy as np
import pytest

from lab import stats
from tests.processes import Server, until
from tests.servers.crowds.crowd import Crowd
from tests.servers.crowds.intruders import Intrusion
from tests.servers.crowds.manners import MANNERS, HeldPolls, Manner, Stream, WebSocket

PAIRS = 10
BLOCK = 4.0  # seconds
P50, P99 = 1.1, 2.0  # the most that a ratio may be: the p50's itself, and the upper end of the p99's interval
PLAN: dict[type[Manner], tuple[int, float]] = {  # how many listen, and messages a second, at a fifth of a CPU or so
    WebSocket: (990, 10.0),
    Stream: (990, 10.0),
    HeldPolls: (198, 2.0),
}
LOG, LONG = 60, "x" * 4000  # messages that who stalls is sent first, and their text: more than buffers hold
HALF_OPEN = {"half-heads": 1_000, "silent": 1_000}
SPARE = 4_000  # open files

pytestmark = [pytest.mark.prove, pytest.mark.timeout(400)]


@pytest.mark.parametrize("kind", MANNERS, ids=lambda kind: kind.name)
def test_one_in_a_hundred_who_stalls_harms_nobody_else(
    kind: type[Manner], allow: Callable[[int], None], serve: Callable[..., Server], room: str
) -> None:
    allow(SPARE)
    stalled = round(PLAN[kind][0] / 99)
    found = compare(kind, {kind.name: stalled}, serve, room)
    judge(f"{stalled} stalled beside {PLAN[kind][0]} by {kind.name}", *found)


def test_a_thousand_who_only_begin_to_ask_harm_nobody_else(
    allow: Callable[[int], None], serve: Callable[..., Server], room: str
) -> None:
    allow(SPARE)
    judge("1,000 half heads and 1,000 who are silent", *compare(WebSocket, HALF_OPEN, serve, room))


def compare(
    kind: type[Manner], intruders: dict[str, int], serve: Callable[..., Server], room: str
) -> tuple[stats.Estimate, stats.Estimate]:
    """The ratios of the p50 and of the p99 with these intruders to those without, from pairs of blocks."""
    clients, rate = PLAN[kind]
    names = map(str.encode, map(str, count()))
    blocks: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    with ExitStack() as stack:
        crowds = {}
        for harmed in (True, False):
            server = serve(kind.name)
            crowd = crowds[harmed] = stack.enter_context(Crowd(server, kind, room))
            if kind is HeldPolls:
                crowd.say(b"welcome")  # or the first would be held
            crowd.come(clients)
            for name in islice(names, LOG):  # one after the other, so that nobody falls behind
                crowd.say(name, LONG)
                crowd.until_all_heard(name)
        stack.enter_context(Intrusion(crowds[True].server, room, intruders))
        for pair in range(PAIRS + 1):
            for harmed in (True, False) if pair % 2 else (False, True):
                figures = block(crowds[harmed], crowds[not harmed], rate, names)
                if pair:  # the first warms up
                    blocks[harmed].append(figures)
        assert all(len(crowd) == clients for crowd in crowds.values()), "some of the others were cut"
        if stalled := intruders.get(kind.name):
            assert_stalled(crowds[True], stalled)
    p50, p99 = (stats.ratio(*([figures[n] for figures in blocks[harmed]] for harmed in (True, False))) for n in (0, 1))
    return p50, p99


def assert_stalled(crowd: Crowd, stalled: int) -> None:
    """They did stall, and were cut, and came back. A poll's answer is given up by TCP, which no metric counts."""
    if crowd.kind is HeldPolls:
        until(lambda: crowd.server.metric("polls_apart_in_flight") > len(crowd) + stalled)
    else:
        assert crowd.server.metric("polls_apart_cuts_total") > stalled


def block(crowd: Crowd, other: Crowd, rate: float, names: Iterator[bytes]) -> tuple[float, float]:
    """The p50 and the p99 of deliveries, in ms from when each message was to be sent, at a steady rate.

    The other crowd hears nothing meanwhile but pings, which it must answer.
    """
    begun, intended = time.monotonic(), {}
    for number in range(round(BLOCK * rate)):
        due = begun + number / rate
        crowd.during(due - time.monotonic(), other)
        name = next(names)
        intended[name] = due * 1e9
        crowd.say(name)
    for name in intended:
        crowd.until_all_heard(name)
    latencies = np.concatenate([np.array(crowd.heard.pop(name)) - due for name, due in intended.items()]) / 1e6
    return stats.percentile(latencies, 0.5), stats.percentile(latencies, 0.99)


def judge(what: str, p50: stats.Estimate, p99: stats.Estimate) -> None:
    named = {"p50": p50, "p99": p99}
    said = [f"{name} {found.value:.2f} times ({found.low:.2f} to {found.high:.2f})" for name, found in named.items()]
    print(f"\n{what}: {', '.join(said)}")
    assert p50.value <= P50  # to be quicker is no harm
    assert p99.high < P99
