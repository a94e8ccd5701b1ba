"""One TCP connection through a link (loadtests/link.py): two sockets, and the two ways between them."""

import contextlib
import errno
import random
import socket
import struct
import sys
import time
from collections import deque
from typing import TYPE_CHECKING

from loadtests.loop import READ, WRITE, Watched
from loadtests.sockets import MAXIMUM_SEGMENT

if TYPE_CHECKING:
    from loadtests.link import Link

MILLISECOND = 1_000_000  # ns
HEADERS = 52  # bytes of IP and TCP, with timestamps, before each segment's data
PIECE = 65_536  # bytes read at once where segments need not be told apart
UNDER_WAY = 1 << 20  # bytes on one way before its sender has to wait
RESET = None  # in a queue: the connection was reset; b"" is its end in order
CONNECTING = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)  # what a connect that does not wait returns
AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # SO_LINGER: on, for no time


class Connection:
    """The client's connection, and the one to the server that goes with it."""

    def __init__(self, link: "Link", number: int, sock: socket.socket) -> None:
        self.link, self.number = link, number
        self.client = Watched(link.loop, sock, self.client_ready)
        prepare(sock)
        self.server: Watched | None = None
        self.closed = False
        self.broken: Watched | None = None  # the end that was reset
        link.loop.at(link.loop.now + link.one_way_ns, self.reach)
        link.loop.at(link.loop.now + 2 * link.one_way_ns, self.establish)

    def reach(self) -> None:
        """The client's first packet is at the server: connect."""
        if self.closed:
            return
        try:
            sock = socket.socket(self.link.family, socket.SOCK_STREAM)
        except OSError:  # no descriptor is free
            self.link.held_back += 1
            return self.close("reset")
        prepare(sock)
        self.server = Watched(self.link.loop, sock, self.connected)
        self.up = Way(self, "up", self.client, self.server)
        self.down = Way(self, "down", self.server, self.client)
        self.up.blocked = True  # until it is connected
        if sock.connect_ex(self.link.server) in CONNECTING:
            self.server.watch(WRITE, True)
        else:
            self.lose(self.server)

    def connected(self, _: int) -> None:
        """The server has taken the connection, or refused it."""
        assert self.server is not None
        if self.closed:
            return
        if self.server.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            return self.lose(self.server)
        self.server.ready = self.server_ready
        self.server.watch(READ, True)
        self.up.unblock()

    def establish(self) -> None:
        """The server's answer is at the client: before, it could not have sent anything."""
        if not self.closed and self.broken is None:
            self.client.watch(READ, True)

    def client_ready(self, events: int) -> None:
        if events & READ and not self.closed:
            self.up.read()
        if events & WRITE and not self.closed:
            self.down.unblock()

    def server_ready(self, events: int) -> None:
        if events & READ and not self.closed:
            self.down.read()
        if events & WRITE and not self.closed:
            self.up.unblock()

    def lose(self, end: Watched) -> None:
        """One end was reset: what has come from it still goes to the other, and then the reset."""
        if self.broken is not None:
            return self.close("reset")
        self.broken = end
        end.watch(READ | WRITE, False)
        onward, towards = (self.up, self.down) if end is self.client else (self.down, self.up)
        towards.source.watch(READ, False)
        towards.queue.clear()
        onward.append(RESET)

    def end(self) -> None:
        """One way has come to its end in order."""
        if self.up.ended and self.down.ended:
            self.close("close")

    def cut(self) -> None:
        self.link.cuts += 1
        self.close(self.link.args.cut_by)

    def close(self, how: str) -> None:
        """Both sockets at once, by a reset or in order; what was under way is lost."""
        self.closed = True
        del self.link.connections[self.number]
        for end in (self.client, self.server):
            if end is not None:
                if how == "reset":
                    end.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                end.close()


class Way:
    """One direction: what was read at its source waits here until it is due at its sink."""

    def __init__(self, connection: Connection, name: str, source: Watched, sink: Watched) -> None:
        self.connection, self.link, self.name, self.source, self.sink = connection, connection.link, name, source, sink
        self.queue: deque[tuple[int, bytes | None]] = deque()  # when it is due, and what
        self.waiting = 0  # bytes in the queue
        self.last_ns = 0  # when the last of them is due
        self.paused = False  # too much is waiting to read more
        self.blocked = False  # the sink takes no more for now
        self.ended = False
        self.random = random.Random(f"link {self.link.args.seed} {connection.number} {name}")

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
        if self.paused or not data:
            self.source.watch(READ, False)

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
        stall_ms, timeout_ms = 0.0, self.link.args.rto_ms
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
            self.source.watch(READ, True)

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


def prepare(sock: socket.socket) -> None:
    """Segments as on an Ethernet, each sent at once."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_MAXSEG"):
        with contextlib.suppress(OSError):  # macOS allows it only on a connected socket
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, MAXIMUM_SEGMENT)
