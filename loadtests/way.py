"""One direction of a connection through a link (loadtests/link.py): what is under way, and when it arrives."""

import contextlib
import socket
import time
from collections import deque
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from loadtests.loop import READ, WRITE, Watched
from loadtests.sockets import MAXIMUM_SEGMENT

if TYPE_CHECKING:
    from loadtests.connection import Connection

MILLISECOND = 1_000_000  # ns
HEADERS = 52  # bytes of IP and TCP, with timestamps, before each segment's data
PIECE = 65_536  # bytes read at once where segments need not be told apart
UNDER_WAY = 1 << 20  # bytes on one way before its sender has to wait
RESET = None  # in a queue: the connection was reset; b"" is its end in order


class Way:
    """What was read at the source waits here until it is due at the sink."""

    def __init__(self, connection: "Connection", name: str, source: Watched, sink: Watched) -> None:
        self.connection, self.link, self.name, self.source, self.sink = connection, connection.link, name, source, sink
        self.queue: deque[tuple[int, bytes | None]] = deque()  # when it is due, and what
        self.waiting = 0  # bytes in the queue
        self.last_ns = 0  # when the last of them is due
        self.paused = False  # too much is waiting to read more
        self.frozen = False  # nothing is to be read, by order
        self.over = False  # there is nothing more to read
        self.blocked = False  # the sink takes no more for now
        self.ended = False

    @cached_property
    def random(self) -> Random:
        """Its own; not made before it is needed, since it takes 2.5 KiB."""
        return Random(f"link {self.link.args.seed} {self.connection.number} {self.name}")

    def listen(self) -> None:
        """Read what comes from the source, or let it wait there."""
        self.source.watch(READ, not (self.paused or self.frozen or self.over))

    def read(self) -> None:
        """Take what there is at the source, or a segment of it where that matters; or its end."""
        args = self.link.args
        try:
            data = self.source.sock.recv(MAXIMUM_SEGMENT if args.loss or args.kbit_s else PIECE)
        except BlockingIOError:
            return
        except OSError:
            return self.connection.lose(self.source)
        self.append(data)
        self.waiting += len(data)
        self.paused = self.waiting > UNDER_WAY
        self.over = not data
        self.connection.overhear(self, data)
        self.listen()

    def freeze(self, on: bool) -> None:
        if on != self.frozen:
            self.frozen = on
            self.listen()

    def append(self, data: bytes | None) -> None:
        self.last_ns = max(self.last_ns, self.arrival(len(data or b"")))  # TCP keeps the order
        self.queue.append((self.last_ns, data))
        if len(self.queue) == 1:
            self.link.loop.at(self.last_ns, self.deliver)

    def arrival(self, size: int) -> int:
        """When something that sets out now arrives, if nothing before it on its way holds it up; in ns."""
        args = self.link.args
        leaves_ns: int = self.link.loop.now
        if args.kbit_s:
            sending_ns: int = round((size + HEADERS) * 8 / args.kbit_s * MILLISECOND)
            leaves_ns = max(leaves_ns, self.link.free_ns[self.name]) + sending_ns
            self.link.free_ns[self.name] = leaves_ns
        late_ms: float = self.random.uniform(0, args.jitter_ms) if args.jitter_ms else 0.0
        if size and args.loss:
            late_ms += self.stall_ms()
        return leaves_ns + self.link.one_way_ns + round(late_ms * MILLISECOND)

    def stall_ms(self) -> float:
        """How long a segment waits to be sent again, and again."""
        stall_ms, timeout_ms = 0.0, self.link.rto_ms
        while self.random.random() < self.link.args.loss:
            self.link.stalls += 1
            stall_ms += timeout_ms
            timeout_ms *= 2
        return stall_ms

    def deliver(self) -> None:
        """Hand on what is first, if it is due; what the sink does not take waits until it does."""
        if not self.queue or self.blocked or self.queue[0][0] > time.monotonic_ns():
            return
        due_ns, data = self.queue[0]
        if data is RESET:
            return self.connection.close("reset")
        if data:
            try:
                sent = self.sink.sock.send(data)
            except BlockingIOError:
                sent = 0
            except OSError:
                return self.connection.lose(self.sink)
            self.waiting -= sent
            self.link.bytes[self.name] += sent
            if sent < len(data):
                self.queue[0] = due_ns, data[sent:]
                self.blocked = True
                return self.sink.watch(WRITE, True)
        self.queue.popleft()
        if self.queue:
            self.link.loop.at(self.queue[0][0], self.deliver)
        if not data:
            self.finish()
        elif self.paused and self.waiting <= UNDER_WAY:
            self.paused = False
            self.listen()

    def finish(self) -> None:
        """Pass on that no more will come; the other way may go on."""
        with contextlib.suppress(OSError):
            self.sink.sock.shutdown(socket.SHUT_WR)
        self.ended = True
        self.connection.end()

    def unblock(self) -> None:
        self.blocked = False
        self.sink.watch(WRITE, False)
        self.deliver()
