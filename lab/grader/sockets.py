"""A WebSocket: one who speaks and listens, and one who never reads."""

import json
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Close
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from lab.grader.clients import PATIENCE, SHOWN, Client, object_of, shortened
from lab.grader.faults import Wrong

LOOK = 0.02  # seconds between two looks at what came
FAREWELL = 0.3  # seconds for the other's end of a connection that is closed
BUFFER = 4096  # bytes, for who never reads: soon full


class Socket:
    """An open WebSocket. `refused` is the status of a handshake that was answered otherwise, `code` what closed it."""

    code = 0

    def __init__(self, client: Client, path: str, origin: str | None = None, headers: Mapping[str, str] | None = None):
        self.client, self.refused, self.is_over = client, 0, False
        self.socket: ClientConnection | None = None
        self.opened = ExitStack()
        path = path.format(room=client.room)
        client.story.tell(client.name, f"opens {path}{f' from {origin}' if origin else ''}", client.server)
        with client.expecting("an answer to the handshake"):
            try:
                self.socket = self.opened.enter_context(
                    connect(
                        f"ws://127.0.0.1:{client.port}{path}", origin=None if origin is None else Origin(origin),
                        additional_headers=headers, open_timeout=PATIENCE, close_timeout=FAREWELL, compression=None,
                        ping_interval=None, max_queue=None, proxy=None,
                    )
                )  # fmt: skip
            except InvalidStatus as refusal:
                self.refused = refusal.response.status_code
        if self.refused:
            client.story.tell(client.server, f"refuses with {self.refused}", client.name)
        if self.refused == 500:
            raise Wrong("error-500", "an open WebSocket", "500 Internal Server Error")

    def send(self, **message: Any) -> None:
        """One text frame of JSON."""
        self.say(json.dumps(message))

    def say(self, frame: str | bytes) -> None:
        """One frame as it is: of text, or of bytes."""
        told = shortened(frame) if isinstance(frame, str) else f"the bytes {frame.hex(' ')}"
        self.client.story.tell(self.client.name, told, self.client.server)
        with suppress(ConnectionClosed):
            self.open().send(frame)

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
        self.code, self.is_over = said.code if said else 0, True
        self.client.story.tell(self.client.server, f"closes {self.code or 'without a word'}", self.client.name)
        self.client.mishap()

    @property
    def ending(self) -> str:
        """How it was closed, in words."""
        if not self.is_over:
            return "a socket that stays open, and nothing said"
        return f"a close with {self.code}" if self.code else "a connection that ended without a closing frame"

    def open(self) -> ClientConnection:
        if self.socket is None:
            raise Wrong("hung-up", "an open WebSocket", f"a handshake refused with {self.refused}")
        return self.socket

    def close(self) -> None:
        if self.socket and not isinstance(sys.exception(), Wrong):
            self.client.story.tell(self.client.name, "closes its socket", self.client.server)
        self.opened.close()


def stalled(client: Client, path: str) -> socket.socket:
    """A WebSocket whose owner never reads: its buffers are small, so that they are soon full."""
    bare = client.connected(BUFFER)
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
