"""An event loop that is exact: it calls what waits for a socket, and what waits for a moment.

A heap holds who is due when, and one timer rings for the first of them; nobody sleeps. On Linux the timer is a
timerfd; elsewhere the loop waits with the system's own time-out, which is coarser: a millisecond, on Windows 16.
"""

import heapq
import itertools
import selectors
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Mapping

from loadtests.timer import SECOND, arm, timerfd

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
MICROSECOND = 1_000  # ns

Action = Callable[[], None]
Ready = Callable[[int], None]  # given READ, WRITE or both


class Ended(Exception):
    """The loop has nothing more to do."""


class Loop:
    """`now` is when it last looked at the sockets, in ns; `late_us` counts how late it called what was due.

    What a socket brings waits for the same loop, so `late_us` speaks for that too: it cannot be seen otherwise.
    """

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.due: list[tuple[int, int, Action]] = []
        self.order = itertools.count()  # breaks ties between equal moments
        self.now = time.monotonic_ns()
        self.late_us: Counter[int] = Counter()
        self.armed_ns = 0
        self.timer = timerfd()
        if self.timer is not None:
            self.selector.register(self.timer, READ)

    def at(self, moment_ns: int, action: Action) -> None:
        """Call once, at that moment or as soon after it as can be."""
        heapq.heappush(self.due, (moment_ns, next(self.order), action))

    def run(self) -> None:
        """Go on until something raises."""
        while True:
            ready = self.selector.select(self.patience())
            self.now = time.monotonic_ns()
            self.ring()
            for key, events in ready:
                if key.data is not None:
                    key.data(events)
                    self.ring()  # hundreds of sockets may be ready at once: what is due does not wait for them

    def patience(self) -> float | None:
        """Set the timer; returns how many seconds the selector may wait, None with a timer that will wake it."""
        first_ns = self.due[0][0] if self.due else 0
        if self.timer is None:
            return max(0.0, (first_ns - time.monotonic_ns()) / SECOND) if self.due else None
        if first_ns != self.armed_ns:
            arm(self.timer, first_ns)  # which also ends that it is readable, see timerfd_create(2)
            self.armed_ns = first_ns
        return None

    def ring(self) -> None:
        """Call all that is due."""
        while self.due and self.due[0][0] <= (now := time.monotonic_ns()):
            moment_ns, _, action = heapq.heappop(self.due)
            late_us = (now - moment_ns) // MICROSECOND
            self.late_us[late_us - late_us % coarse(late_us)] += 1
            action()

    def on_signals(self, actions: Mapping[str, Action]) -> None:
        """Call these when signals of these names come, between other actions; those the system lacks never come."""
        known = {getattr(signal, name): action for name, action in actions.items() if hasattr(signal, name)}
        near, self.far = socket.socketpair()

        def take(_: int) -> None:
            for number in near.recv(64):
                known[number]()

        Watched(self, near, take).watch(READ, True)
        self.far.setblocking(False)
        signal.set_wakeup_fd(self.far.fileno())
        for number in known:
            signal.signal(number, lambda *_: None)  # the number comes through the socket


class Watched:
    """A socket, and what the loop watches it for."""

    def __init__(self, loop: Loop, sock: socket.socket, ready: Ready) -> None:
        self.loop, self.sock, self.ready = loop, sock, ready
        self.events = 0
        sock.setblocking(False)

    def watch(self, event: int, on: bool) -> None:
        """Begin or end to wait for READ or WRITE."""
        events = self.events | event if on else self.events & ~event
        if events == self.events:
            return
        if not self.events:
            self.loop.selector.register(self.sock, events, self.ready)
        elif not events:
            self.loop.selector.unregister(self.sock)
        else:
            self.loop.selector.modify(self.sock, events, self.ready)
        self.events = events

    def close(self) -> None:
        self.watch(READ | WRITE, False)
        self.sock.close()


def coarse(late_us: int) -> int:
    """The step in which a lateness is counted, at most a hundredth of it: a link that runs for hours grows no table."""
    return 1 if late_us < 1_000 else 10 if late_us < 10_000 else 100 if late_us < 100_000 else 1_000


class Strain:
    """How late a loop was, and how busy its process, from `begin` to `end`; `begin` is called at the start."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop
        self.begin()
        self.tick()

    def begin(self) -> None:
        self.late_us = self.loop.late_us = Counter()
        self.samples = [clocks()]
        self.over = False

    def end(self) -> None:
        if not self.over:
            self.samples.append(clocks())
        self.loop.late_us, self.over = Counter(), True

    def tick(self) -> None:
        """Take a sample each second."""
        if not self.over:
            self.samples.append(clocks())
        self.loop.at(time.monotonic_ns() + SECOND, self.tick)

    def late_ms(self, q: float) -> float | None:
        """How late a share of q of all that was due came at most; None when nothing was."""
        left = q * self.late_us.total()
        for late_us in sorted(self.late_us):
            left -= self.late_us[late_us]
            if left <= 0:
                return late_us / 1_000
        return None

    @property
    def cpu_ns(self) -> int:
        return self.samples[-1][1] - self.samples[0][1]

    def busiest(self) -> float:
        """The largest share of a CPU between two samples that are far enough apart to tell."""
        spans = [(a, b) for a, b in itertools.pairwise(self.samples) if b[0] - a[0] >= SECOND // 2]
        return max((b[1] - a[1]) / (b[0] - a[0]) for a, b in spans or [(self.samples[0], self.samples[-1])])


def clocks() -> tuple[int, int]:
    """The moment, and the CPU time of this process so far; in ns."""
    return time.monotonic_ns(), time.process_time_ns()
