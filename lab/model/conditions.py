"""What a transport is put to, in the model's terms; and how an experiment's cell is put in them."""

import math
from collections import Counter

from msgspec import Struct

from lab.link import Link
from lab.model.arrivals import Arrivals, Bursts, Periodic, Poisson
from lab.plan import Cell
from lab.runs import Setup
from loadtests import scenario as scenarios
from loadtests.scenario import Burst, Replay, Scenario, Silence
from loadtests.scenario import Periodic as InStep

MINUTE = 60.0  # seconds, in which a trace's messages are at random moments


class Conditions(Struct, frozen=True):
    """Times in seconds. `arrivals` are the kinds of rooms that there are, equally many of each."""

    transport: str
    arrivals: tuple[Arrivals, ...]
    rooms: int
    participants: int  # in a room, all of whom listen
    senders: int  # of them
    text_bytes: float  # of a message, on average
    poll_interval_s: float = 1.0
    rtt_s: float = 0.0
    headers: str = "browser"
    keep_alive: bool = True
    through_proxy: bool = False  # where acknowledgements are the link's
    name: str = "room"  # what a room's name begins with, as it stands in every request
    warmup_s: float = math.inf  # for how long messages have come when the counting begins
    window_s: float = math.inf  # how long is counted

    @property
    def clients(self) -> int:
        return self.rooms * self.participants

    @property
    def seen_s(self) -> float:
        """For how long connections have been open when the counting ends."""
        return self.warmup_s + self.window_s

    @property
    def rate(self) -> float:
        """Messages a second that come to a client, on average over the rooms; its own are among them."""
        return sum(each.rate for each in self.arrivals) / len(self.arrivals)


def conditions(cell: Cell, setup: Setup) -> Conditions | None:
    """A cell's; None where something is at work that the model leaves out."""
    scenario = scenarios.load(setup.scenario, setup.changes)
    left_out = (
        setup.engine != "gevent", setup.behind != "direct", setup.link != Link(setup.link.kind, setup.link.rtt_ms),
        setup.stall_s, setup.server_options, scenario.deaf, scenario.arrive_within_s, scenario.loop != "open",
        follows_seconds(scenario),
    )  # fmt: skip
    if any(left_out):
        return None
    return Conditions(
        transport=cell.transport,
        arrivals=arrivals(scenario),
        rooms=scenario.rooms,
        participants=scenario.participants,
        senders=scenario.senders,
        text_bytes=text_bytes(scenario),
        poll_interval_s=cell.poll_interval_s or 1.0,
        through_proxy=setup.link.kind == "proxy",
        rtt_s=setup.link.rtt_ms / 1_000,
        headers=scenario.headers,
        keep_alive=scenario.keep_alive,
        name=scenario.name,
        warmup_s=scenario.warmup_s,
        window_s=scenario.duration_s,
    )


def follows_seconds(scenario: Scenario) -> bool:
    """Whether a trace tells each message's second: then they are not at random moments."""
    return isinstance(scenario.workload, Replay) and any(line.second is not None for line in scenario.workload.lines)


def arrivals(scenario: Scenario) -> tuple[Arrivals, ...]:
    match scenario.workload:
        case Replay() as replay:  # each minute's messages are at random moments of it
            sent = Counter(line.minute for line in replay.lines)
            return tuple(Poisson(sent[minute] / MINUTE) for minute in range(max(sent) + 1))
        case InStep() as periodic:
            return (Periodic(periodic.rate_per_s),)
        case Burst() as burst:
            return (Bursts(burst.every_s, burst.size, burst.within_s),)
        case Silence():
            return (Poisson(0.0),)
        case poisson:
            return (Poisson(poisson.rate_per_s),)


def text_bytes(scenario: Scenario) -> float:
    match scenario.workload:
        case Replay() as replay:
            return sum(line.bytes for line in replay.lines) / len(replay.lines)
        case Silence():
            return 0.0
        case workload:
            return float(workload.bytes)
