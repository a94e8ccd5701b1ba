"""Reading all open streams of the process through one epoll.

A greenlet for each connection costs a switch for each piece that comes, and its memory. Here gevent's loop watches one
epoll, which watches them all; what there is, is read, stamped and put aside, and one greenlet looks at it as soon as
nothing is left to read. So a stamp says when the bytes were there, whatever work they and those beside them make.
"""

import contextlib
import select
import time
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import gevent
from gevent.event import AsyncResult, Event
from gevent.monkey import get_original

if TYPE_CHECKING:
    from loadtests.sockets import MeteredSocket

AT_ONCE = 64  # sockets read before others may work: some 0.3 ms
IN_ONE_GO = 64  # pieces looked at before reading on
MOST_ASIDE = 4096  # pieces: with more, these are looked at before any other is read

READ = 1  # of libev's events

Take = Callable[[bytes, int], None]
"""What is done with a piece, given it and when it was received, in ns. It must not wait."""


class Line:
    """One connection that is being read."""

    __slots__ = ("ended", "error", "sock", "take")

    def __init__(self, sock: "MeteredSocket", take: Take) -> None:
        self.sock, self.take = sock, take
        self.error: Exception = ConnectionError("the server closed the connection")
        self.ended: AsyncResult[None] = AsyncResult()

    def wait(self) -> None:
        """Until it ends, which raises the reason: OSError, or what went wrong over a piece."""
        heard = -1
        while not self.ended.ready():
            if heard == self.sock.socket_down:
                raise TimeoutError("the server was silent for too long")
            heard = self.sock.socket_down
            self.ended.wait(self.sock.sock.gettimeout())
        self.ended.get()

    def end(self, error: Exception) -> None:
        if not self.ended.ready():
            self.ended.set_exception(error)


def ignore(data: bytes, received_ns: int) -> None:
    """For what comes on a line after something went wrong over it."""


class Reactor:
    """The one epoll. A piece goes to its line's `take` in the order in which the pieces came; b"" is the end."""

    def __init__(self, epoll: Any) -> None:
        self.epoll = epoll
        self.lines: dict[int, Line] = {}
        self.aside: deque[tuple[Line, int, bytes]] = deque()
        self.anything = Event()  # put aside
        self.looker = gevent.spawn(self.look)
        self.readable = gevent.get_hub().loop.io(epoll.fileno(), READ)
        self.readable.start(self.read)  # once: anew for each wait, the kernel would go through all sockets each time

    def watch(self, sock: "MeteredSocket", take: Take) -> Line:
        """Read this socket from now on, until it ends or is forgotten."""
        line = self.lines[sock.fileno()] = Line(sock, take)
        self.epoll.register(sock.fileno(), select.EPOLLIN)
        return line

    def forget(self, sock: "MeteredSocket") -> None:
        """Read it no more; what was read is looked at before this returns."""
        if self.lines.pop(sock.fileno(), None):
            self.epoll.unregister(sock.fileno())
            self.catch_up()

    def read(self) -> None:
        """Called by gevent's loop whenever there is something to read."""
        for fd, _ in self.epoll.poll(0, AT_ONCE):
            self.put_aside(fd)
        self.anything.set()
        if len(self.aside) > MOST_ASIDE:
            self.readable.stop()

    def put_aside(self, fd: int) -> None:
        """Read one socket."""
        line = self.lines[fd]
        try:
            data = line.sock.recv_now()
        except BlockingIOError:
            return
        except OSError as error:
            data, line.error = b"", error
        self.aside.append((line, time.monotonic_ns(), data))
        if not data:
            del self.lines[fd]
            self.epoll.unregister(fd)

    def look(self) -> None:
        while True:
            self.anything.wait()
            gevent.idle()
            self.work_off(IN_ONE_GO)
            if not self.aside:
                self.anything.clear()
                if not self.readable.active:
                    self.readable.start(self.read)

    def catch_up(self) -> None:
        """Look at all that was put aside, now."""
        self.work_off(len(self.aside))

    def work_off(self, most: int) -> None:
        for _ in range(min(most, len(self.aside))):
            line, received_ns, data = self.aside.popleft()
            try:
                if data:
                    line.take(data, received_ns)
                else:
                    line.end(line.error)
            except Exception as error:  # told to who waits for this line; the others go on
                line.end(error)
                line.take = ignore

    def close(self) -> None:
        self.readable.stop()
        self.looker.kill()
        self.epoll.close()


class GreenletEach:
    """The same where there is no epoll, at a greenlet for each connection."""

    def __init__(self) -> None:
        self.readers: dict[MeteredSocket, gevent.Greenlet[..., None]] = {}

    def watch(self, sock: "MeteredSocket", take: Take) -> Line:
        line = Line(sock, take)
        self.readers[sock] = gevent.spawn(self.read, line)
        return line

    def read(self, line: Line) -> None:
        try:
            while data := line.sock.recv():
                line.take(data, time.monotonic_ns())
        except Exception as error:
            line.error = error
        line.end(line.error)

    def forget(self, sock: "MeteredSocket") -> None:
        if reader := self.readers.pop(sock, None):
            reader.kill()

    def catch_up(self) -> None:
        """Nothing is put aside."""

    def close(self) -> None:
        gevent.killall(list(self.readers.values()))


def reactor() -> Reactor | GreenletEach:
    """What this system has: epoll is Linux's."""
    return Reactor(get_original("select", "epoll")()) if epoll_supported() else GreenletEach()


@cache
def epoll_supported() -> bool:
    """Whether this system has epoll. gevent hides it from the module `select`, since it would wait without gevent."""
    with contextlib.suppress(AttributeError):
        return get_original("select", "epoll") is not None
    return False
