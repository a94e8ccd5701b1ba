"""The two long conversations: an event stream, and a WebSocket."""

import contextlib
import http.client
import json
import queue
import socket
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Close
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from lab.grader.clients import PATIENCE, SHOWN, Client, object_of
from lab.grader.faults import Wrong

LOOK = 0.02  # seconds between two looks at a reader that ends


class Event(Struct, frozen=True):
    """One event of a stream, as EventSource would understand it."""

    id: str | None
    kind: str
    data: str

    @property
    def message(self) -> dict[str, Any]:
        return object_of(self.data, "a message as JSON in data:")


class Stream:
    """An open event stream. `last_id` is what a browser would come back with; what is not asked for is not read."""

    def __init__(self, client: Client, path: str, headers: Mapping[str, str] | None = None, buffer: int = 0) -> None:
        self.client, self.last_id = client, None  # type: Client, str | None
        self.blocks, self.reader = queue.Queue[str | None](1), threading.Thread(target=self.read, daemon=True)
        path = path.format(room=client.room)
        said = "".join(f", {name}: {value}" for name, value in (headers or {}).items())
        client.story.tell(client.name, f"GET {path}{said}", client.server)
        self.connection = http.client.HTTPConnection("127.0.0.1", client.port)
        with client.expecting(f"the head of an answer to GET {path}"):
            self.socket = self.connection.sock = dialled(client, buffer)
            self.connection.request("GET", path, headers={"Accept": "text/event-stream", **(headers or {})})
            self.answer = self.connection.getresponse()
        if self.answer.status == 500:
            raise Wrong("error-500", "an event stream", "500 Internal Server Error")
        self.socket.settimeout(None)
        client.story.tell(
            client.server, f"{self.answer.status} {self.answer.headers.get('Content-Type', '')}", client.name
        )

    def event(self, within: float = PATIENCE) -> Event | None:
        """The next event that has data or a name, or None if none comes in so many seconds or the stream ends."""
        deadline = time.monotonic() + within
        while (block := self.block(deadline)) is not None:
            fields = [line.partition(":")[::2] for line in block.split("\n") if not line.startswith(":")]
            found = {name: value.removeprefix(" ") for name, value in fields}
            if "id" in found:
                self.last_id = found["id"]
            if "data" in found or "event" in found:
                data = "\n".join(value.removeprefix(" ") for name, value in fields if name == "data")
                event = Event(found.get("id"), found.get("event", "message"), data)
                self.client.story.tell(self.client.server, f"event {event.id or ''} {data[:SHOWN]}", self.client.name)
                return event
        return None

    def comment(self, within: float = PATIENCE) -> bool:
        """Whether the next thing that comes in so many seconds is a comment."""
        block = self.block(time.monotonic() + within)
        self.client.story.tell(self.client.server, "nothing" if block is None else block[:SHOWN], self.client.name)
        return block is not None and all(line.startswith(":") for line in block.split("\n"))

    def block(self, deadline: float) -> str | None:
        """The lines up to an empty one; None at the end of the stream, or if there are none until then."""
        if not self.reader.ident:
            self.reader.start()
        try:
            block = self.blocks.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None
        if block is None:
            self.blocks.put(None)
            self.client.mishap()
        return block

    def read(self) -> None:
        """Take what comes, block by block; None is the end."""
        rest = b""
        with contextlib.suppress(OSError, http.client.HTTPException):
            while piece := self.answer.read1(65_536):
                *whole, rest = (rest + piece).replace(b"\r\n", b"\n").split(b"\n\n")
                for block in whole:
                    self.blocks.put(block.decode(errors="replace"))
        self.blocks.put(None)

    def close(self) -> None:
        if not isinstance(sys.exception(), Wrong):  # after the bad moment all that follows is tidying up
            self.client.story.tell(self.client.name, "closes the stream", self.client.server)
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # which ends a reading that waits
        while self.reader.is_alive():
            with contextlib.suppress(queue.Empty):
                self.blocks.get(timeout=LOOK)  # or one that waits for room
        self.answer.close()
        self.connection.close()


class Socket:
    """An open WebSocket. `refused` is the status of a handshake that was answered otherwise, `code` what closed it."""

    code = 0

    def __init__(self, client: Client, path: str, origin: str | None = None, headers: Mapping[str, str] | None = None):
        self.client, self.refused, self.socket = client, 0, None  # type: Client, int, ClientConnection | None
        path = path.format(room=client.room)
        client.story.tell(client.name, f"opens {path}{f' from {origin}' if origin else ''}", client.server)
        with client.expecting("an answer to the handshake"):
            try:
                self.socket = connect(
                    f"ws://127.0.0.1:{client.port}{path}", origin=None if origin is None else Origin(origin),
                    additional_headers=headers, open_timeout=PATIENCE, close_timeout=1, compression=None,
                    ping_interval=None, max_queue=None, proxy=None,
                )  # fmt: skip
            except InvalidStatus as refusal:
                self.refused = refusal.response.status_code
        if self.refused:
            client.story.tell(client.server, f"refuses with {self.refused}", client.name)
        if self.refused == 500:
            raise Wrong("error-500", "an open WebSocket", "500 Internal Server Error")

    def send(self, **message: Any) -> None:
        """One text frame of JSON."""
        text = json.dumps(message)
        self.client.story.tell(self.client.name, text[:SHOWN], self.client.server)
        with contextlib.suppress(ConnectionClosed):
            self.open().send(text)

    def receive(self, within: float = PATIENCE) -> dict[str, Any] | None:
        """The next message, or None if none comes in so many seconds or the socket closes.

        A close counts when its frame is there: some servers say it, and leave the connection open.
        """
        deadline = time.monotonic() + within
        while True:
            try:
                text = self.open().recv(LOOK)
            except TimeoutError:
                said = self.open().protocol.close_rcvd
                if said is None and time.monotonic() < deadline:
                    continue
                if said:
                    self.over(said)
                return None
            except ConnectionClosed as closed:
                self.over(closed.rcvd)
                return None
            self.client.story.tell(self.client.server, f"{text[:SHOWN]!s}", self.client.name)
            return object_of(text, "a JSON object in a frame")

    def over(self, said: Close | None) -> None:
        self.code = said.code if said else 0
        self.client.story.tell(self.client.server, f"closes {self.code or 'without a word'}", self.client.name)
        self.client.mishap()

    def open(self) -> ClientConnection:
        if self.socket is None:
            raise Wrong("hung-up", "an open WebSocket", f"a handshake refused with {self.refused}")
        return self.socket

    def close(self) -> None:
        if self.socket:
            if not isinstance(sys.exception(), Wrong):
                self.client.story.tell(self.client.name, "closes its socket", self.client.server)
            self.socket.close()


def dialled(client: Client, buffer: int = 0) -> socket.socket:
    """A connection to the client's server; with a small buffer, what is not read soon stops what is sent."""
    bare = socket.socket()
    if buffer:
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    bare.settimeout(PATIENCE)
    try:
        bare.connect(("127.0.0.1", client.port))
    except OSError as error:
        client.mishap()
        raise Wrong("hung-up", "a connection", str(error)) from None
    return bare


def stalled(client: Client, path: str) -> socket.socket:
    """A WebSocket whose owner never reads: its buffers are small, so that they are soon full."""
    bare = dialled(client, buffer=4096)
    path = path.format(room=client.room)
    client.story.tell(client.name, f"opens {path}, and never reads", client.server)
    bare.sendall(
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    head = b""
    while b"\r\n\r\n" not in head:
        if not (byte := bare.recv(1)):
            client.mishap()
            raise Wrong("hung-up", "an answer to the handshake", "the connection was closed")
        head += byte
    return bare
