"""What the server's work takes on one machine: CPU time for each exchange, fitted to what recorded runs took.

The only constants of the model that are not read from the protocol. All cells of all runs that are given are explained
at once: the CPU time of each is the sum over exchanges of how often it happened by the model, times what it takes. The
times that do that best, none below zero, are found by least squares, each cell with the same weight (Lawson and
Hanson, Solving Least Squares Problems, 1974, chapter 23).
"""

from collections.abc import Iterable

import numpy as np
from msgspec import Struct

from lab.model.conditions import Conditions
from lab.model.traffic import Traffic, traffic

IDLE = "idle"
FREE = ("probe",)  # what the kernel does, and no process is charged for
SAME = {"news": "poll", "blank": "poll", "unchanged": "poll", "expired": "held", "comment": "event", "ping": "frame"}
FAINT = 1e-3  # of a cell's weight, against long times: no more than a hint where works always come together
CHEAP = {IDLE: 10.0, "event": 10.0, "frame": 10.0}  # and stronger against these: to push is less work than a request
FIRST = {"websocket": "send"}  # what takes a message in, before it is told on; of the others it is the post
EACH = {"short-polling": "poll", "long-polling": "held", "sse": "event", "websocket": "frame"}  # what tells one client


class Machine(Struct, frozen=True):
    """Seconds of CPU time, by what is done: post, poll, held (long poll), event, frame, send and open.

    `idle` is what a server takes in a second with nobody there.
    """

    cpu_s: dict[str, float] = {}

    def load(self, happening: Traffic, clients: float) -> float:
        """CPU seconds in a second, with so many clients."""
        return self.takes(IDLE) + clients * sum(part.per_s * self.takes(part.name) for part in happening.parts)

    def takes(self, name: str) -> float:
        return self.cpu_s.get(SAME.get(name, name), 0.0)

    def first_s(self, transport: str) -> float:
        return self.takes(FIRST.get(transport, "post"))

    def each_s(self, transport: str) -> float:
        return self.takes(EACH[transport])

    def round_s(self, given: Conditions) -> float:
        """The time in which everybody in a room has been told: one after the other. Short polls come singly."""
        told = 1 if given.transport == "short-polling" else given.participants
        return told * self.each_s(given.transport)


def fit(seen: Iterable[tuple[Conditions, float]]) -> Machine:
    """From conditions, and the CPU seconds in a second that the server took under them."""
    cells = [(traffic(given), given.clients, load) for given, load in seen if load > 0]
    if not cells:
        return Machine()
    from scipy.optimize import nnls

    done = {SAME.get(part.name, part.name) for happening, *_ in cells for part in happening.parts}
    names = [IDLE, *sorted(done - {*FREE})]
    rows = np.array([[clients * rate_of(happening, name) / load if name != IDLE else 1 / load for name in names]
                     for happening, clients, load in cells])  # fmt: skip
    scale = rows.max(axis=0)
    scale[scale == 0] = 1.0
    faint = FAINT * np.diag([CHEAP.get(name, 1.0) for name in names])
    found, _ = nnls(np.vstack([rows / scale, faint]), np.concatenate([np.ones(len(cells)), np.zeros(len(names))]))
    return Machine({name: float(value) for name, value in zip(names, found / scale, strict=True)})


def rate_of(happening: Traffic, name: str) -> float:
    return sum(part.per_s for part in happening.parts if SAME.get(part.name, part.name) == name)
