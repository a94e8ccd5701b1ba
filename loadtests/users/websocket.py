"""A participant by WebSocket: one connection both ways, its frames parsed by the sans-IO half of `websockets`."""

import contextlib
import time

import msgspec
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.uri import parse_uri

from loadtests import headers
from loadtests.users.base import Draft, Message, Participant, Position, Refused


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


FRAMES = msgspec.json.Decoder(Pushed | Ready | Reset | Ack | Error)


class WebSocket(Participant):
    transport = "websocket"

    def on_start(self) -> None:
        super().on_start()
        self.unanswered: dict[str, tuple[Draft, int]] = {}  # by id; sent again after a reconnection
        self.open = False
        self.text = b""  # the fragments of a message so far

    def subscribe(self) -> None:
        self.sock = self.load.sockets.open(self.load.address, self.number, "both")
        self.protocol = protocol(self.load.headers["websocket"])
        fields = headers.fill(self.load.headers["websocket"], key=self.protocol.key)
        self.row = self.load.log.request_began(self.sock.number, self.number, "socket", time.monotonic_ns(), True)
        self.protocol.send_request(Request(self.path("socket") + self.query(), Headers(fields)))
        try:
            self.flush()
            while not self.open:
                self.read()  # the handshake, then ready or reset
            for draft, row in list(self.unanswered.values()):
                self.send(draft, row)
        except OSError:
            self.leave()
            raise

    def send(self, draft: Draft, row: int) -> None:
        self.unanswered[draft.id] = draft, row
        if self.open:
            self.protocol.send_text(msgspec.json.encode(Send(draft.id, draft.sender, draft.text)))
            self.sock.payload_up += len(draft.text.encode())
            self.flush()

    def receive(self) -> None:
        try:
            while True:
                self.read()
        finally:
            self.load.log.request_ended(self.row, time.monotonic_ns())
            self.leave()

    def leave(self) -> None:
        self.open, self.text = False, b""
        if self.protocol.state is State.OPEN:
            self.protocol.send_close(1000)
            with contextlib.suppress(OSError):
                self.flush()
        self.load.sockets.retire(self.sock)

    def read(self) -> None:
        """Wait for the next bytes, and take the frames that they complete."""
        data = self.sock.recv()
        received_ns = time.monotonic_ns()
        if not data:
            raise ConnectionError("the server closed the socket")
        self.protocol.receive_data(data)
        for event in self.protocol.events_received():
            if isinstance(event, Response):
                self.load.log.request_answered(self.row, event.status_code)
            elif isinstance(event, Frame) and event.opcode in (Opcode.TEXT, Opcode.CONT):
                self.text += event.data
                if event.fin:
                    text, self.text = self.text, b""
                    self.take(text, received_ns)
        self.flush()
        if self.protocol.handshake_exc:
            raise Refused(f"the handshake failed: {self.protocol.handshake_exc}")

    def take(self, text: bytes, received_ns: int) -> None:
        """One frame of the server's."""
        match FRAMES.decode(text):
            case Pushed() as message:
                self.deliver(self.sock, message, self.epoch, received_ns)
                self.load.log.request_carried(self.row, 1)
            case Ack(id):
                self.settle(id, 201)
            case Error(id, status, title):
                self.settle(id, status) if id else self.load.note(f"a frame was refused: {title}")
            case Ready(epoch, _):
                self.epoch, self.open = epoch, True
            case Reset() as position:
                self.reset(position)
                self.open = True

    def settle(self, id: str, status: int) -> None:
        """The answer to a publish has come."""
        if found := self.unanswered.pop(id, None):
            self.answered(found[1], id, status)

    def flush(self) -> None:
        """Write what the protocol wants written: frames, pongs, the closing handshake."""
        for data in self.protocol.data_to_send():
            self.sock.send(data)


def protocol(fields: list[headers.Header]) -> ClientProtocol:
    """A client that understands compression if, and only if, its headers offer it."""
    offers = any(name == "Sec-WebSocket-Extensions" for name, _ in fields)
    extensions = [ClientPerMessageDeflateFactory(client_max_window_bits=True)] if offers else None
    return ClientProtocol(parse_uri("ws://unused"), extensions=extensions, max_size=None)
