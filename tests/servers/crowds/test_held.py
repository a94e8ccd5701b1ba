"""Ten thousand who are held, by each transport: what each takes, and that nobody else is kept waiting meanwhile."""

import time
from collections.abc import Callable

import pytest

from tests.processes import Server, until
from tests.servers.crowds.crowd import Crowd
from tests.servers.crowds.holdings import holdings, settled
from tests.servers.crowds.manners import MANNERS, HeldPolls, Manner
from tests.servers.crowds.prober import Prober

HELD = 10_000
SPARE = 1_000  # open files beside one for each connection, of the crowd as of the server
EACH = 64 * 1024  # bytes
PROMPT = 0.1  # seconds
IDLE = {"websocket": 16, "sse": 16, "long-polling": 29}  # seconds: a heartbeat and more, or a hold with its jitter
QUIET = 16  # seconds: the kernel asks each of them whether it is there, all at once

pytestmark = [pytest.mark.prove, pytest.mark.timeout(600)]


@pytest.mark.parametrize("kind", MANNERS, ids=lambda kind: kind.name)
def test_ten_thousand_are_held_and_nobody_else_waits(
    kind: type[Manner], allow: Callable[[int], None], serve: Callable[..., Server], room: str
) -> None:
    allow(HELD + SPARE)
    server = serve(kind.name)
    with Crowd(server, kind, room) as crowd:
        greet(crowd)
        crowd.leave()
        crowd.until_all_are_held()
        before = settled(server)
        with Prober(server) as prober:
            crowd.come(HELD)
            crowd.until_all_are_held()
            phases = {"while they connect": prober.phase()}
            crowd.during(IDLE[kind.name])
            phases["while they idle"] = prober.phase()
            full = holdings(server)
            said = time.monotonic_ns()
            crowd.say(b"to-all")
            crowd.until_all_heard(b"to-all")
            phases["during a message to all"] = prober.phase()
            crowd.during(QUIET)
            phases["while all have been quiet for as long"] = prober.phase()
            assert len(crowd) == HELD, "the others were cut"
        took = (max(crowd.heard[b"to-all"]) - said) / 1e9
        each = (full.rss - before.rss) / HELD
        print(f"\n{HELD:,} by {kind.name}: {each / 1024:.1f} KiB each; a message came to all within {took:.2f} s")
        for name, phase in phases.items():
            print(f"  {name}: {phase}")
        crowd.leave()
        crowd.until_all_are_held()
        until(lambda: holdings(server)[1:] == before[1:])
    assert each <= EACH
    assert {name: phase.worst for name, phase in phases.items() if phase.worst > PROMPT} == {}


def greet(crowd: Crowd) -> None:
    """A first few come and somebody speaks, so that what is loaded late is there, and polls are answered at once."""
    if crowd.kind is HeldPolls:
        crowd.say(b"welcome")
    crowd.come(10)
    crowd.say(b"greeting")
    crowd.until_all_heard(b"greeting")
