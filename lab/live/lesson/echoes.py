"""Send to see, each device by its own clock: how long a member's own word took to come back to it.

No two clocks are compared: both ends of an echo are on one device.
"""

from bisect import insort
from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from lab.live.frames import TRANSPORTS, Echo, Phase, Transport
from lab.live.news import EchoShown

RECENT = 60  # that the projector draws
MOST = 200_000  # that are kept: 200 members, once a second, for a lesson


class Heard(Struct, frozen=True):
    """An echo, as it is written down."""

    at_s: float
    phase: Phase
    member: int
    robot: bool
    transport: Transport
    ms: float


class Echoes:
    """Those of the phase, and all of the lesson."""

    def __init__(self) -> None:
        self.all: list[Heard] = []
        self.begin()

    def begin(self) -> None:
        """Another phase."""
        self.ordered: dict[Transport, list[float]] = {transport: [] for transport in TRANSPORTS}
        self.recent = {transport: deque[float](maxlen=RECENT) for transport in TRANSPORTS}

    def add(self, said: Echo, at_s: float, phase: Phase, member: int, robot: bool) -> None:
        insort(self.ordered[said.transport], said.ms)
        self.recent[said.transport].append(said.ms)
        if len(self.all) < MOST:
            self.all.append(Heard(at_s, phase, member, robot, said.transport, said.ms))

    def shown(self) -> dict[Transport, EchoShown]:
        return {
            transport: EchoShown(
                len(ms), tenth(quantile(ms, 0.5)), tenth(quantile(ms, 0.95)), [*self.recent[transport]]
            )
            for transport, ms in self.ordered.items()
        }


def tenth(ms: float | None) -> float | None:
    """As exact as is shown."""
    return None if ms is None else round(ms, 1)


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """Of values in ascending order, between the two next to it; None of nothing."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
