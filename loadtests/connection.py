"""One TCP connection through a link (loadtests/link.py): two sockets, and the two ways between them."""

import errno
import socket
import struct
import sys
from typing import TYPE_CHECKING

from loadtests.endpoints import prepare, stand_for
from loadtests.loop import READ, WRITE, Watched
from loadtests.passing_requests import PassingRequests
from loadtests.way import RESET, Way

if TYPE_CHECKING:
    from loadtests.link import Link

CONNECTING = (0, errno.EINPROGRESS, errno.EWOULDBLOCK)  # what a connect that does not wait returns
AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)  # SO_LINGER: on, for no time
TAKEN_IN = 16 * 1024  # bytes that the kernel takes in for a connection that may be frozen; it would like megabytes


class Connection:
    """The client's connection, and the one to the server that goes with it."""

    def __init__(self, link: "Link", number: int, sock: socket.socket, client: str) -> None:
        self.link, self.number, self.client_address = link, number, client
        self.client = Watched(link.loop, sock, self.client_ready)
        prepare(sock)
        self.server: Watched | None = None
        self.requests = PassingRequests() if link.args.orders else None
        self.closed = False
        self.broken: Watched | None = None  # the end that was reset
        link.loop.at(link.loop.now + link.one_way_ns, self.reach)
        link.loop.at(link.loop.now + 2 * link.one_way_ns, self.establish)

    @property
    def transport(self) -> str:
        """By the last request that was seen; known only where orders may come."""
        return self.requests.mount if self.requests else ""

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
        if self.requests:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, TAKEN_IN)
            stand_for(sock, self.client_address)
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
        self.down.listen()
        self.up.unblock()

    def establish(self) -> None:
        """The server's answer is at the client: before, it could not have sent anything."""
        if not self.closed and self.broken is None:
            self.up.listen()

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

    def overhear(self, way: Way, data: bytes) -> None:
        """What has just been read may be a request, to a transport that is frozen."""
        if self.requests and way is self.up:
            self.requests.feed(data)
            self.heed()

    def heed(self) -> None:
        """Read what the server says, unless its transport is frozen."""
        if self.server is not None:
            self.down.freeze(self.transport in self.link.frozen)

    def lose(self, end: Watched) -> None:
        """One end was reset: what has come from it still goes to the other, and then the reset."""
        if self.closed:
            return
        if self.broken is not None:
            return self.close("reset")
        self.broken = end
        end.watch(READ | WRITE, False)
        onward, towards = (self.up, self.down) if end is self.client else (self.down, self.up)
        onward.over = towards.over = True
        towards.listen()
        towards.queue.clear()
        onward.append(RESET)

    def end(self) -> None:
        """One way has come to its end in order."""
        if not self.closed and self.up.ended and self.down.ended:
            self.close("close")

    def cut(self) -> None:
        self.link.cuts += 1
        self.close(self.link.args.cut_by)

    def close(self, how: str) -> None:
        """Both sockets at once, by a reset or in order; what was under way is lost."""
        if self.closed:
            return
        self.closed = True
        del self.link.connections[self.number]
        for end in (self.client, self.server):
            if end is not None:
                if how == "reset":
                    end.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                end.close()
                end.ready = over  # nothing refers to this connection any more: its memory is free at once
        if self.server is not None:
            del self.up, self.down


def over(_: int) -> None:
    """What a socket is ready for after its connection was closed."""
