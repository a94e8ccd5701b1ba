"""A participant by WebSocket: one connection both ways, read through the one epoll that all of them share."""

import contextlib
import socket
import time
from functools import lru_cache

import msgspec
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.uri import parse_uri

from loadtests import headers
from loadtests.frames import KEPT, Frames
from loadtests.users.base import DEAF_BUFFER, Draft, Message, Participant, Position, Refused


class Send(Draft, frozen=True, tag="send"):
    """The frame that publishes."""


class Pushed(Message, frozen=True, tag="message"):
    """A message of the room."""


class Ready(Position, frozen=True, tag="ready"):
    """The server's first frame."""


class Reset(Position, frozen=True, tag="reset"):
    """The cursor was of no use."""


class Ack(msgspec.Struct, frozen=True, tag="ack"):
    """A publish is in the log."""

    id: str


class Error(msgspec.Struct, frozen=True, tag="error"):
    """A publish, or another frame, was refused."""

    id: str | None
    status: int
    title: str


Heard = Pushed | Ready | Reset | Ack | Error
DECODER = msgspec.json.Decoder(Heard)
END_OF_HEAD = b"\r\n\r\n"
LONGEST_HEAD = 65_536


class WebSocket(Participant):
    transport = "websocket"

    def on_start(self) -> None:
        super().on_start()
        self.unanswered: dict[str, tuple[Draft, int]] = {}  # by id; sent again after a reconnection
        self.frames: Frames | None = None
        self.open = False

    def subscribe(self) -> None:
        self.frames, self.open = None, False
        self.sock = self.load.sockets.open(self.load.address, self.number, "both")
        try:
            self.frames, rest = self.shake_hands(protocol(self.load.headers["websocket"]))
            self.hear(rest, self.received_ns)
            while not self.open:
                self.hear(self.read(), self.received_ns)  # ready or reset
            self.line = self.load.sockets.watch(self.sock, self.hear)
            for draft, row in list(self.unanswered.values()):
                self.send(draft, row)
        except OSError:
            self.leave()
            raise

    def send(self, draft: Draft, row: int) -> None:
        self.unanswered[draft.id] = draft, row
        if self.open and self.frames:
            frame = self.frames.encode(msgspec.json.encode(Send(draft.id, draft.sender, draft.text)))
            self.sock.payload_up += len(draft.text.encode()) if frame else 0
            self.sock.send(frame)

    def receive(self) -> None:
        try:
            self.line.wait()
        finally:
            self.load.log.request_ended(self.row, time.monotonic_ns())
            self.leave()

    def listen_no_more(self) -> None:
        self.load.sockets.forget(self.sock)
        self.sock.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, DEAF_BUFFER)

    def leave(self) -> None:
        self.load.sockets.forget(self.sock)
        self.open = False
        if self.frames:
            with contextlib.suppress(OSError):
                self.sock.send(self.frames.close(1000))
        self.load.sockets.retire(self.sock)

    def shake_hands(self, client: ClientProtocol) -> tuple[Frames, bytes]:
        """Ask for the connection to be a WebSocket; returns its frames, and what came with the answer."""
        fields = headers.fill(self.load.headers["websocket"], key=client.key)
        client.send_request(Request(self.path("socket") + self.query(), Headers(fields)))
        self.row = self.load.log.request_began(self.sock.number, self.number, "socket", time.monotonic_ns(), True)
        self.sock.send(b"".join(client.data_to_send()))
        data = self.read()
        while END_OF_HEAD not in data and len(data) < LONGEST_HEAD:
            data += self.read()
        head, end, rest = data.partition(END_OF_HEAD)
        client.receive_data(head + end)
        while client.state is State.CONNECTING and not client.handshake_exc:
            client.receive_data(rest or self.read())  # the body of a refusal
            rest = b""
        for event in client.events_received():
            if isinstance(event, Response):
                self.load.log.request_answered(self.row, event.status_code)
        if client.handshake_exc:
            raise Refused(f"the handshake failed: {client.handshake_exc}")
        return Frames(client), rest

    def read(self) -> bytes:
        """Wait for the next bytes, before the connection is watched."""
        data = self.sock.recv()
        self.received_ns = time.monotonic_ns()
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def hear(self, data: bytes, received_ns: int) -> None:
        """Take the frames that these bytes complete."""
        assert self.frames
        for text in self.frames.feed(data):
            frame = decode(text)
            if type(frame) is Pushed:  # nearly all are
                self.deliver(self.sock, frame, self.epoch, received_ns)
                self.load.log.request_carried(self.row, 1)
            else:
                self.take(frame, received_ns)
        if self.frames.answer:
            self.sock.send_soon(self.frames.answer)
            self.frames.answer = b""

    def take(self, frame: Heard, received_ns: int) -> None:
        """A frame that is no message."""
        match frame:
            case Ack(id):
                self.settle(id, 201, received_ns)
            case Error(id, status, title):
                self.settle(id, status, received_ns) if id else self.load.note(f"a frame was refused: {title}")
            case Ready(epoch, _):
                self.epoch, self.open = epoch, True
            case Reset():
                self.reset(frame)
                self.open = True

    def settle(self, id: str, status: int, received_ns: int) -> None:
        """The answer to a publish has come."""
        if found := self.unanswered.pop(id, None):
            self.answered(found[1], status, received_ns)


@lru_cache(KEPT)
def decode(text: bytes) -> Heard:
    """A frame's JSON, decoded once for all who are in the room."""
    heard: Heard = DECODER.decode(text)
    return heard


def protocol(fields: list[headers.Header]) -> ClientProtocol:
    """A client that understands compression if, and only if, its headers offer it."""
    offers = any(name == "Sec-WebSocket-Extensions" for name, _ in fields)
    extensions = [ClientPerMessageDeflateFactory(client_max_window_bits=True)] if offers else None
    return ClientProtocol(parse_uri("ws://unused"), extensions=extensions, max_size=None)
