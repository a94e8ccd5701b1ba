"""HTTP/2 over a metered socket: one connection of a participant, on which all that it asks goes side by side.

The bytes are the session's (loadtests/http2.py). The connection is read by the one epoll from its first moment on.
"""

import time
from functools import partial

from gevent.event import AsyncResult
from gevent.lock import Semaphore

from loadtests import headers
from loadtests.codings import decoded
from loadtests.http2 import Head, Session
from loadtests.load import Load
from loadtests.reactor import Take
from loadtests.sockets import MeteredSocket
from loadtests.tls import agreed
from loadtests.users.base import Refused
from loadtests.users.http1 import Answer, field
from loadtests.users.stream import Stream, patience


class Shared:
    """A participant's connection, opened anew when the server has ended it or takes no more requests on it."""

    def __init__(self, load: Load, user: int) -> None:
        self.load, self.user = load, user
        self.sock: MeteredSocket | None = None
        self.opening = Semaphore()  # two may want it at the same moment
        self.fresh = True  # no request has been made on it yet

    def open(self) -> MeteredSocket:
        with self.opening:
            if self.sock is None or self.session.over or self.line.ended.ready():
                self.close(self.sock)
                self.sock = self.connect()
            return self.sock

    def connect(self) -> MeteredSocket:
        sock = self.load.sockets.open(self.load.address, self.user, "both")
        if agreed(sock) != "h2":
            self.load.sockets.retire(sock)
            raise Refused("the server does not speak HTTP/2")
        self.session, self.streams, self.fresh = Session(), dict[int, Stream](), True
        sock.send(self.session.outgoing())
        self.line = self.load.sockets.watch(sock, partial(self.hear, sock))
        self.line.ended.rawlink(partial(self.lose, self.streams))
        return sock

    def ask(self, method: str, target: str, fields: list[headers.Header], body: bytes) -> Stream:
        """Make a request."""
        assert self.sock is not None
        number = self.session.ask(method, self.load.authority, target, fields, body)
        stream = self.streams[number] = Stream()
        self.flush(self.sock)
        return stream

    def flush(self, sock: MeteredSocket) -> None:
        """Send what the session has to say, in the order in which it said it: its table of headers depends on that."""
        with sock.writing:
            if data := self.session.outgoing():
                sock.write(data)

    def hear(self, sock: MeteredSocket, data: bytes, received_ns: int) -> None:
        for number, news in self.session.feed(data):
            if stream := self.streams.get(number):
                stream.hear(news, received_ns)
            if news is None or isinstance(news, ConnectionError):
                self.streams.pop(number, None)
        if data := self.session.outgoing():  # settings taken, pings answered
            sock.send_soon(data)

    def lose(self, streams: dict[int, Stream], ended: "AsyncResult[None]") -> None:
        """The connection is at its end, and so is all that was asked on it."""
        for stream in list(streams.values()):
            stream.end(ended.exception or ConnectionError("the connection was given up"))
        streams.clear()

    def close(self, sock: MeteredSocket | None) -> None:
        """End it, if it is still this one."""
        if sock is not None and sock is self.sock:
            self.sock = None
            self.load.sockets.retire(sock)
            self.line.end(ConnectionError("the connection was given up"))


class Http2Connection:
    """One use of the shared connection: a request at a time. The same to its user as HttpConnection (http1.py)."""

    def __init__(self, shared: Shared) -> None:
        self.shared, self.load, self.user = shared, shared.load, shared.user
        self.sock: MeteredSocket | None = None
        self.received_ns = 0

    @property
    def fresh(self) -> bool:
        return self.shared.fresh

    def open(self) -> MeteredSocket:
        self.sock = self.shared.open()
        return self.sock

    def close(self) -> None:
        self.shared.close(self.sock)
        self.sock = None

    def request(self, kind: str, method: str, target: str, fields: list[headers.Header], body: bytes = b"") -> Answer:
        """Ask, and wait for the whole answer. Raises OSError when the connection is lost over it."""
        try:
            sock, row = self.ask(kind, method, target, fields, body)
            head = self.head(row)
            with patience():
                self.stream.ended.get()
        except OSError:
            self.close()
            raise
        self.load.log.request_ended(row, self.stream.received_ns)
        content = decoded(bytes(self.stream.kept), field(head, b"content-encoding").lower())
        return Answer(sock, head.status_code, field(head, b"etag"), content, self.stream.received_ns, row)

    def ask(
        self, kind: str, method: str, target: str, fields: list[headers.Header], body: bytes = b""
    ) -> tuple[MeteredSocket, int]:
        """Make a request; returns the socket it went out on, and its row."""
        sock, fresh = self.open(), self.shared.fresh
        self.shared.fresh = False
        row = self.load.log.request_began(sock.number, self.user, kind, time.monotonic_ns(), fresh)
        self.stream = self.shared.ask(method, target, fields, body)
        return sock, row

    def head(self, row: int) -> Head:
        with patience():
            head: Head = self.stream.began.get()
        self.load.log.request_answered(row, head.status_code)
        return head

    def begin_stream(self, row: int) -> tuple[Head, bytes]:
        """Wait for the head of an answer without an end; of its body nothing is taken yet."""
        return self.head(row), b""

    def read(self) -> bytes:
        """Wait for the next bytes of the answer."""
        with patience():
            self.stream.anything.wait()
        self.stream.anything.clear()
        data, self.stream.kept = bytes(self.stream.kept), bytearray()
        self.received_ns = self.stream.received_ns
        return data

    def follow(self, take: Take) -> Stream:
        """Give what comes from now on to `take`."""
        if self.stream.kept:
            take(bytes(self.stream.kept), self.stream.received_ns)
        self.stream.take = take
        return self.stream


def pair(load: Load, user: int) -> tuple[Http2Connection, Http2Connection]:
    """What a participant listens on, and what it posts on: the same connection."""
    shared = Shared(load, user)
    return Http2Connection(shared), Http2Connection(shared)
