"""A link: a proxy between the load generator and the server, by which bytes take their time, in a process of its own.

    python -m loadtests.link http://127.0.0.1:5000 --rtt-ms 100

Its first line is `listening on http://127.0.0.1:<port>`. SIGTERM ends it; then it prints what it did as one line of
JSON (records.LinkReport). SIGUSR1 says that the window begins, SIGUSR2 that it ends: lateness and CPU are reported of
that time. Without them they are of all the time. With --orders it is told on stdin what to change while it runs
(loadtests/orders.py).

What it does. Each way takes half the round trip; jitter adds up to as much again as it says, and what comes later
never overtakes. The opening of a connection takes a round trip too: its request is not read before, nor is the server
connected to before half of that. A rate is shared by all connections, as on a cable: a segment leaves when those
before it have. A lost segment is late by a retransmission timeout, twice that if lost again (RFC 6298), and holds up
what is behind it. A cut ends connections at both ends at once.

What it does not. Each end talks to this machine's kernel: acknowledgements go no further than the proxy, nothing is
really lost or resent, there is no slow start, and losses that fast retransmission mends in one round trip cost a
timeout. A client that is refused learns it by a reset. The opening is neither lost nor jittered. At most 1 MiB a way
and connection is under way; then the sender has to wait.
"""

import argparse
import contextlib
import gc
import random
import sys
import time

import msgspec

from loadtests import processes
from loadtests.command import BadUse
from loadtests.connection import Connection
from loadtests.endpoints import listen, look_up, url_of
from loadtests.link_command import RTO_AT_LEAST, read_command
from loadtests.loop import READ, Ended, Loop, Strain, Watched
from loadtests.orders import Orders
from loadtests.records import LinkReport
from loadtests.timer import SECOND

MILLISECOND = 1_000_000  # ns
AT_ONCE = 64  # connections taken before other work gets its turn
OUT_OF_DESCRIPTORS_NS = 100 * MILLISECOND  # until it tries again


class Link:
    """The listening socket, the connections, and what was counted."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.loop = Loop()
        self.family, self.server = look_up(args.url)
        self.delay(args.rtt_ms)
        self.random = random.Random(f"link {args.seed}")
        self.connections: dict[int, Connection] = {}  # that are open, by number
        self.frozen: set[str] = set()  # transports
        self.accepted = self.cuts = self.stalls = self.held_back = 0
        self.bytes = {"up": 0, "down": 0}
        self.free_ns = {"up": 0, "down": 0}  # when all that each way's cable was given has left
        self.listener = Watched(self.loop, listen(args.host, args.port), self.accept)
        self.listener.watch(READ, True)
        self.strain = Strain(self.loop)
        if not args.await_signal:
            self.plan_cuts()
        if args.orders:
            Orders(self)

    def delay(self, rtt_ms: float) -> None:
        """What sets out from now on takes half of it; what is under way comes when it would have come."""
        self.one_way_ns = round(rtt_ms / 2 * MILLISECOND)
        self.rto_ms: float = rtt_ms + RTO_AT_LEAST if self.args.rto_ms is None else self.args.rto_ms

    def accept(self, _: int) -> None:
        """Take the clients that wait."""
        for _turn in range(AT_ONCE):
            try:
                sock, address = self.listener.sock.accept()
            except BlockingIOError:
                return
            except OSError:  # no descriptor is free; the client waits
                self.held_back += 1
                self.listener.watch(READ, False)
                return self.loop.at(self.loop.now + OUT_OF_DESCRIPTORS_NS, lambda: self.listener.watch(READ, True))
            self.connections[self.accepted] = Connection(self, self.accepted, sock, address[0])
            self.accepted += 1

    def plan_cuts(self) -> None:
        """From now on, cut everybody at the given moments, and somebody at random ones."""
        now = time.monotonic_ns()
        for after_s in self.args.cut_at:
            self.loop.at(now + round(after_s * SECOND), self.cut_all)
        self.plan_next_cut()

    def plan_next_cut(self) -> None:
        if self.args.cut_every:
            after_s = self.random.expovariate(1 / self.args.cut_every)
            self.loop.at(time.monotonic_ns() + round(after_s * SECOND), self.cut_one)

    def cut_all(self, transport: str | None = None) -> None:
        """All connections, or those of a transport."""
        for connection in list(self.connections.values()):
            if transport in (None, connection.transport):
                connection.cut()

    def cut_one(self) -> None:
        if self.connections:
            self.random.choice(list(self.connections.values())).cut()
        self.plan_next_cut()

    def freeze(self, transport: str, on: bool) -> None:
        """Read no more of what the server says to the connections of a transport, or read on."""
        (self.frozen.add if on else self.frozen.discard)(transport)
        for connection in self.connections.values():
            connection.heed()

    def begin_window(self) -> None:
        self.strain.begin()
        if self.args.await_signal:
            self.plan_cuts()

    def report(self) -> LinkReport:
        strain = self.strain
        strain.end()
        return LinkReport(
            connections=self.accepted, up=self.bytes["up"], down=self.bytes["down"], cuts=self.cuts,
            stalls=self.stalls, held_back=self.held_back, late_p50_ms=strain.late_ms(0.5),
            late_p99_ms=strain.late_ms(0.99), late_max_ms=strain.late_ms(1.0), cpu_ns=strain.cpu_ns,
            cpu_busiest=strain.busiest(), exact=self.loop.timer is not None,
        )  # fmt: skip


def prepare_process(cpu: int | None) -> None:
    """As many descriptors as there may be, on one CPU, without long pauses for the collection of garbage."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        if cpu is not None:
            processes.pin([cpu])
    except OSError:
        raise BadUse(f"There is no CPU {cpu} to run on: leave --cpu out, or give another.") from None
    gc.freeze()
    gc.set_threshold(50_000, 50, 1_000)


def end() -> None:
    raise Ended


def main() -> int:
    """Returns 0 when ended by a signal or by the end of its orders, 2 on bad use."""
    try:
        args = read_command(__doc__)
        prepare_process(args.cpu)
        link = Link(args)
    except BadUse as error:
        print(f"loadtests: {error}", file=sys.stderr)
        return 2
    link.loop.on_signals({"SIGTERM": end, "SIGINT": end, "SIGUSR1": link.begin_window, "SIGUSR2": link.strain.end})
    try:
        print(f"listening on {url_of(link.listener.sock)}", flush=True)
        link.loop.run()
    except Ended:
        print(msgspec.json.encode(link.report()).decode(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
