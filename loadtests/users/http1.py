"""HTTP/1.1 over a metered socket."""

import time
from typing import NamedTuple

import h11

from loadtests import headers
from loadtests.codings import decoded
from loadtests.exchange import Question, read_plain
from loadtests.http2 import Head
from loadtests.load import Load
from loadtests.reactor import Line, Take
from loadtests.sockets import MeteredSocket

ANSWER = 10.0  # seconds for the answer to a publish, as the page waits; then it is sent again under the same id


class Answer(NamedTuple):
    """A whole response; `received_ns` is when its last byte was read, `row` its row among the requests."""

    sock: MeteredSocket
    status: int
    etag: str
    body: bytes
    received_ns: int
    row: int


class HttpConnection:
    """A keep-alive connection, opened anew when the server has closed it."""

    def __init__(self, load: Load, user: int, role: str) -> None:
        self.load, self.user, self.role = load, user, role
        self.sock: MeteredSocket | None = None
        self.received_ns = 0
        self.fresh = True  # no request has been made on this socket yet

    def open(self) -> MeteredSocket:
        """The socket, ready for a request."""
        if self.sock is None or not self.sock.idle():
            self.close()
            self.sock = self.load.sockets.open(self.load.address, self.user, self.role)
            self.fresh = True
            if self.role == "send":
                self.sock.wait_at_most(ANSWER)
        return self.sock

    def close(self) -> None:
        if self.sock is not None:
            self.load.sockets.retire(self.sock)
            self.sock = None

    def let_go(self) -> None:
        """Close after an answer, where connections are not kept."""
        if not self.load.scenario.keep_alive:
            self.close()

    def request(self, kind: str, method: str, target: str, fields: list[headers.Header], body: bytes = b"") -> Answer:
        """Ask, and wait for the whole answer. Raises OSError when the connection is lost over it."""
        try:
            sock, row = self.ask(kind, method, target, fields, body)
            data = self.read()
            if plain := read_plain(data):
                self.load.log.request_answered(row, plain.status)
                self.load.log.request_ended(row, self.received_ns)
                self.let_go()
                body = decoded(plain.body, plain.coding)
                return Answer(sock, plain.status, plain.etag, body, self.received_ns, row)
            self.begin_parsing(data)
            response = self.head(row)
            content = bytearray()
            while isinstance(event := self.next_event(), h11.Data):
                content += event.data
            self.load.log.request_ended(row, self.received_ns)
            self.let_go()
            if self.parser.states != {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}:
                self.close()
            body = decoded(bytes(content), field(response, b"content-encoding").lower())
        except OSError:
            self.close()
            raise
        return Answer(sock, response.status_code, field(response, b"etag"), body, self.received_ns, row)

    def ask(
        self, kind: str, method: str, target: str, fields: list[headers.Header], body: bytes = b""
    ) -> tuple[MeteredSocket, int]:
        """Write a request; returns the socket it went out on, and its row."""
        sock, fresh = self.open(), self.fresh
        self.fresh = False
        row = self.load.log.request_began(sock.number, self.user, kind, time.monotonic_ns(), fresh)
        self.question = Question(method, target, fields, body)
        sock.send(self.question.encode())
        return sock, row

    def begin_parsing(self, data: bytes | None = None) -> None:
        """Let h11 read the answer, whose beginning may have been read already."""
        self.parser = self.question.asked()
        if data is not None:
            try:
                self.parser.receive_data(data)
            except h11.RemoteProtocolError as error:
                raise ConnectionError(f"the server broke off: {error}") from None

    def begin_stream(self, row: int) -> tuple[h11.Response, bytes]:
        """Read the head of an answer without an end; returns it, and what came with it."""
        self.begin_parsing()
        response = self.head(row)
        data, _ = self.parser.trailing_data
        del self.parser  # the rest goes past it
        return response, data

    def follow(self, take: Take) -> Line:
        """Give what comes from now on to `take`."""
        assert self.sock is not None
        return self.load.sockets.watch(self.sock, take)

    def read(self) -> bytes:
        """Wait for the next bytes."""
        assert self.sock is not None
        data = self.sock.recv()
        self.received_ns = time.monotonic_ns()
        return data

    def head(self, row: int) -> h11.Response:
        """The response's status and headers."""
        while not isinstance(event := self.next_event(), h11.Response):
            pass  # an interim answer, which says nothing yet
        self.load.log.request_answered(row, event.status_code)
        return event

    def next_event(self) -> h11.Response | h11.InformationalResponse | h11.Data | h11.EndOfMessage:
        """The next part of the response; `received_ns` is when the bytes that completed it were read."""
        try:
            while (event := self.parser.next_event()) is h11.NEED_DATA:
                self.parser.receive_data(self.read())
        except h11.RemoteProtocolError as error:
            raise ConnectionError(f"the server broke off: {error}") from None
        if not isinstance(event, h11.Response | h11.InformationalResponse | h11.Data | h11.EndOfMessage):
            raise ConnectionError("the server closed the connection")
        return event


def field(response: h11.Response | Head, name: bytes) -> str:
    """A header's value; empty where it is not there."""
    return dict(response.headers).get(name, b"").decode("latin-1")


def pair(load: Load, user: int) -> tuple[HttpConnection, HttpConnection]:
    """What a participant listens on, and what it posts on."""
    return HttpConnection(load, user, "receive"), HttpConnection(load, user, "send")
