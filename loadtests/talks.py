"""One conversation over a metered socket whose every byte is told apart: those of bodies, and all that comes beside.

HTTP/1.1 and HTTP/2 take the same steps: ask, read the answer's head, read its body piece by piece.
"""

from collections import deque

import h11
import msgspec
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.uri import parse_uri

from loadtests.exchange import Question
from loadtests.headers import Header
from loadtests.http2 import Head, Session
from loadtests.sockets import MeteredSocket


class Tally(msgspec.Struct, frozen=True):
    """Bytes up and down: beside the bodies and of them, and at the socket and the IP layer (sockets.py)."""

    header_up: float
    header_down: float
    body_up: float
    body_down: float
    socket_up: float
    socket_down: float
    ip_up: float | None
    ip_down: float | None

    def since(self, start: "Tally", transfers: int = 1) -> "Tally":
        """What has crossed since, by transfer."""
        before: dict[str, float | None] = msgspec.structs.asdict(start)
        now: dict[str, float | None] = msgspec.structs.asdict(self)
        spans = {name: difference(now[name], then) for name, then in before.items()}
        return msgspec.convert({name: span and span / transfers for name, span in spans.items()}, Tally)


def difference(later: float | None, earlier: float | None) -> float | None:
    return None if later is None or earlier is None else later - earlier


class Talk:
    """The counting."""

    def __init__(self, sock: MeteredSocket) -> None:
        self.sock = sock
        self.up = self.down = self.body_up = self.body_down = 0

    def write(self, data: bytes, body: int = 0) -> None:
        """Send it; so many bytes of it are of a body."""
        self.up += len(data)
        self.body_up += body
        self.sock.send(data)

    def recv(self) -> bytes:
        if not (data := self.sock.recv()):
            raise ConnectionError("the server closed the connection")
        self.down += len(data)
        return data

    def tally(self) -> Tally:
        """All that has crossed so far."""
        counts = self.sock.counts()
        return Tally(
            header_up=self.up - self.body_up, header_down=self.down - self.body_down, body_up=self.body_up,
            body_down=self.body_down, socket_up=counts.socket_up, socket_down=counts.socket_down, ip_up=counts.ip_up,
            ip_down=counts.ip_down,
        )  # fmt: skip


class Http1(Talk):
    """HTTP/1.1, one request after the other."""

    def ask(self, method: str, target: str, fields: list[Header], body: bytes = b"") -> None:
        question = Question(method, target, fields, body)
        self.write(question.encode(), len(body))
        self.parser = question.asked()

    def head(self) -> Head:
        while not isinstance(event := self.event(), h11.Response):
            pass
        return Head(event.status_code, list(event.headers))

    def piece(self) -> bytes:
        """Of the body; nothing at its end."""
        event = self.event()
        data = bytes(event.data) if isinstance(event, h11.Data) else b""
        self.body_down += len(data)
        return data

    def event(self) -> object:
        while (event := self.parser.next_event()) is h11.NEED_DATA:
            self.parser.receive_data(self.recv())
        return event


class Http2(Talk):
    """HTTP/2, one request after the other. What it begins with has crossed when it is made."""

    def __init__(self, sock: MeteredSocket, authority: str) -> None:
        super().__init__(sock)
        self.authority, self.session = authority, Session()
        self.heads: deque[Head] = deque()
        self.pieces: deque[bytes] = deque()
        while not self.session.settled:
            self.flush()
            self.hear()
        self.flush()

    def ask(self, method: str, target: str, fields: list[Header], body: bytes = b"") -> None:
        self.session.ask(method, self.authority, target, fields, body)
        self.flush(len(body))

    def head(self) -> Head:
        while not self.heads:
            self.hear()
        return self.heads.popleft()

    def piece(self) -> bytes:
        """Of the body; nothing at its end."""
        while not self.pieces:
            self.hear()
        return self.pieces.popleft()

    def hear(self) -> None:
        for _, news in self.session.feed(self.recv()):
            if isinstance(news, ConnectionError):
                raise news
            if isinstance(news, Head):
                self.heads.append(news)
            elif news != b"":
                self.body_down += len(news or b"")
                self.pieces.append(news or b"")
        self.flush()

    def flush(self, body: int = 0) -> None:
        if data := self.session.outgoing():
            self.write(data, body)


class WebSocket(Talk):
    """Its bodies are the texts of its frames; what is beside them is the frames' own, and the handshake."""

    def shake_hands(self, target: str, fields: list[Header]) -> None:
        """Ask for it, offering no compression, which our servers would not take."""
        self.client = ClientProtocol(parse_uri("ws://unused"), max_size=None)
        self.texts: deque[bytes] = deque()
        keyed = [(name, self.client.key if value == "{key}" else value) for name, value in fields]
        self.client.send_request(Request(target, Headers(keyed)))
        self.flush()
        while not self.client.handshake_exc and self.client.state.name == "CONNECTING":
            self.hear()
        if self.client.handshake_exc:
            raise ConnectionError(f"the handshake failed: {self.client.handshake_exc}")

    def text(self) -> bytes:
        """The next."""
        while not self.texts:
            self.hear()
        return self.texts.popleft()

    def hear(self) -> None:
        self.client.receive_data(self.recv())
        for event in self.client.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self.body_down += len(event.data)
                self.texts.append(bytes(event.data))
        self.flush()

    def flush(self) -> None:
        if data := b"".join(self.client.data_to_send()):
            self.write(data)
