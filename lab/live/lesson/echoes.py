"""Send to see, each device by its own clock: how long a member's own word took to come back to it.

No two clocks are compared: both ends of an echo are on one device.
"""

from collections import deque
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from lab.live.frames import TRANSPORTS, Echo, Phase, Transport
from lab.live.news import EchoShown
from lab.stats import percentile

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
        self.ms: dict[Transport, list[float]] = {transport: [] for transport in TRANSPORTS}
        self.recent = {transport: deque[float](maxlen=RECENT) for transport in TRANSPORTS}

    def add(self, said: Echo, at_s: float, phase: Phase, member: int, robot: bool) -> None:
        self.ms[said.transport].append(said.ms)
        self.recent[said.transport].append(said.ms)
        if len(self.all) < MOST:
            self.all.append(Heard(at_s, phase, member, robot, said.transport, said.ms))

    def shown(self) -> dict[Transport, EchoShown]:
        return {
            transport: EchoShown(len(ms), tenth(at(ms, 0.5)), tenth(at(ms, 0.95)), [*self.recent[transport]])
            for transport, ms in self.ms.items()
        }


def tenth(ms: float | None) -> float | None:
    """As exact as is shown."""
    return None if ms is None else round(ms, 1)


def at(ms: Sequence[float], share: float) -> float | None:
    """The percentile, as in all that the lab shows; None of nothing."""
    return percentile(np.asarray(ms), share) if ms else None
