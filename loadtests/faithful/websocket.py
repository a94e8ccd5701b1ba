"""WebSocket: one connection, both ways."""

import contextlib
import socket
from collections.abc import Iterator
from functools import lru_cache

import msgspec
from gevent.event import AsyncResult
from gevent.timeout import Timeout
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.uri import parse_uri

from loadtests.faithful.http import PATIENCE, query
from loadtests.faithful.news import Broken, Draft, Gap, Message, Page, Receipt, Unexpected, failure
from loadtests.frames import KEPT, Frames

END_OF_HEAD = b"\r\n\r\n"
PIECE = 65_536  # bytes read at a time, at most


class Send(Draft, frozen=True, tag="send"):
    pass


class Pushed(Message, frozen=True, tag="message"):
    pass


class Ready(Gap, frozen=True, tag="ready"):
    pass


class Reset(Gap, frozen=True, tag="reset"):
    pass


class Ack(Receipt, frozen=True, tag="ack", kw_only=True):
    id: str


class Error(msgspec.Struct, frozen=True, tag="error"):
    id: str | None
    status: int
    title: str


Heard = Pushed | Ready | Reset | Ack | Error
DECODER = msgspec.json.Decoder(Heard)


class Client:
    """A client of one room; what it sends goes by the connection that it receives by."""

    def __init__(self, host: str, port: int, prefix: str, room: str, interval_s: float) -> None:
        self.address, self.target = (host, port), f"{prefix}/rooms/{room}/socket"
        self.unanswered: dict[str, AsyncResult] = {}
        self.sock: socket.socket | None = None
        self.frames: Frames | None = None
        self.epoch = ""

    def send(self, draft: Draft) -> Receipt:
        if not (self.sock and self.frames):
            raise Broken("not connected")
        waiting = self.unanswered[draft.id] = AsyncResult()
        try:
            self.sock.sendall(self.frames.encode(msgspec.json.encode(Send(draft.id, draft.sender, draft.text))))
            receipt: Receipt = waiting.get(timeout=PATIENCE)
            return receipt
        except (OSError, Timeout) as error:
            self.hang_up()
            raise Broken(f"{type(error).__name__} {error}") from None
        finally:
            self.unanswered.pop(draft.id, None)

    def receive(self, epoch: str, seq: int) -> Iterator[Page | Gap]:
        try:
            with socket.create_connection(self.address, PATIENCE) as sock:
                frames, data = shake_hands(sock, self.target + query(epoch, seq))
                while True:
                    for text in frames.feed(data):
                        news = self.take(decode(text))
                        if not self.sock:
                            self.sock, self.frames = sock, frames  # it is ready: who wants to send, may
                        if news:
                            yield news
                    if frames.answer:
                        sock.sendall(frames.answer)
                        frames.answer = b""
                    data = read(sock, closing=not frames.open and frames.protocol)
        except OSError as error:
            raise Broken(f"{type(error).__name__} {error}".strip()) from None
        finally:
            self.sock = self.frames = None
            for waiting in list(self.unanswered.values()):
                waiting.set_exception(Broken("the connection ended"))

    def take(self, frame: Heard) -> Page | Gap | None:
        """A frame's news for the reader, if it has any; an answer is handed to who waits for it."""
        match frame:
            case Pushed():
                return Page([frame], self.epoch)
            case Ready(epoch, _):
                self.epoch = epoch
                return Page([], epoch)
            case Reset(epoch, cursor):
                self.epoch = epoch
                return Gap(epoch, cursor)
            case Ack(id=id):
                if waiting := self.unanswered.get(id):
                    waiting.set(frame)
            case Error(id, status, title):
                if not id:
                    raise Unexpected(f"{status} {title}")
                if waiting := self.unanswered.get(id):
                    waiting.set_exception(failure(status, title))
        return None

    def hang_up(self) -> None:
        """End the connection under whoever reads from it."""
        if self.sock:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def shake_hands(sock: socket.socket, target: str) -> tuple[Frames, bytes]:
    """Ask for the connection to be a WebSocket; returns its frames, and what came with the answer."""
    client = ClientProtocol(parse_uri(f"ws://localhost{target}"), max_size=None)
    client.send_request(client.connect())
    sock.sendall(b"".join(client.data_to_send()))
    data = read(sock)
    while END_OF_HEAD not in data:
        data += read(sock)
    head, end, rest = data.partition(END_OF_HEAD)
    status = int(head[9:12])
    if status != 101:
        raise failure(status, "to the handshake")
    client.receive_data(head + end)
    client.events_received()
    if client.state is not State.OPEN:
        raise Unexpected(f"the handshake: {client.handshake_exc}")
    return Frames(client), rest


def read(sock: socket.socket, closing: object = None) -> bytes:
    """The next bytes. Broken at the end, with the server's closing code where it gave one."""
    if data := sock.recv(PIECE):
        return data
    raise Broken(f"closed {getattr(closing, 'close_code', '')}".strip() if closing else "the connection ended")


@lru_cache(KEPT)
def decode(text: bytes) -> Heard:
    """A frame's JSON, decoded once for all who are in the room."""
    try:
        heard: Heard = DECODER.decode(text)
        return heard
    except msgspec.MsgspecError as error:
        raise Unexpected(f"not a frame: {error}") from None
