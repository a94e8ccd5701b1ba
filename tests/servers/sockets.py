"""WebSockets for the tests: by a library, or by hand, frame by frame."""

import io
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import Any

import pytest
from websockets.client import ClientProtocol
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.sync.client import ClientConnection, connect
from websockets.uri import parse_uri

from tests.processes import PATIENCE, Server
from tests.servers.contract.clients import HANDSHAKE

PATH = "/websocket/rooms/{}/socket"
CONTINUATION, TEXT, CLOSE, PING, PONG = 0x0, 0x1, 0x8, 0x9, 0xA  # opcodes, RFC 6455 section 5.2
DRAFT = {"type": "send", "id": "a", "sender": "Ada", "text": "hello"}


def open_socket(server: Server, room: str, query: str = "", **options: Any) -> connect:
    """It answers pings while a test reads nothing: with a full queue the library would not."""
    url = f"ws://{server.host}:{server.port}{PATH.format(room)}{query}"
    return connect(url, proxy=None, max_queue=None, **options)


def said(client: ClientConnection) -> dict[str, Any]:
    return json.loads(client.recv(PATIENCE))


def answered(client: ClientConnection, frame: str | bytes | dict[str, Any]) -> dict[str, Any]:
    """The server's next frame that is not a message."""
    client.send(json.dumps(frame) if isinstance(frame, dict) else frame)
    while (answer := said(client))["type"] == "message":
        pass
    return answer


def closing_code(client: ClientConnection) -> int:
    """The code of the closing frame that the server sends."""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            client.recv(PATIENCE)
    return closed.value.rcvd.code


@contextmanager
def raw(server: Server, room: str, **headers: str) -> Iterator[tuple[socket.socket, io.BufferedReader, bytes]]:
    """A connection without a library, after the handshake: the socket, what it brings, the head of the answer."""
    with socket.create_connection((server.host, server.port), PATIENCE) as connection:
        fields = {"Host": "localhost"} | HANDSHAKE | {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        connection.sendall(f"GET {PATH.format(room)} HTTP/1.1\r\n{head}\r\n".encode())
        incoming = connection.makefile("rb")
        answer = b"".join(takewhile(b"\r\n".__ne__, incoming))
        yield connection, incoming, answer


def read_frame(incoming: io.BufferedReader) -> tuple[int, bytes]:
    """The opcode and the payload of a frame that is short, whole and not masked."""
    first, length = incoming.read(2)
    assert first & 0xF0 == 0x80, "final, with no reserved bit"
    assert length < 126
    return first & 0x0F, incoming.read(length)


def masked(opcode: int, payload: bytes = b"", first: int = 0x80) -> bytes:
    """A client's frame, with a mask of zeros, which leaves the payload as it is."""
    return bytes([first | opcode, 0x80 | len(payload)]) + bytes(4) + payload


def messages(received: bytes) -> list[int]:
    """The seqs of the messages in a stream of frames, which may end in the middle of one."""
    texts = (json.loads(frame.data) for frame in frames(received) if frame.opcode is Opcode.TEXT)
    return [text["seq"] for text in texts if text["type"] == "message"]


def frames(received: bytes) -> list[Frame]:
    """The whole frames in a stream."""
    client = ClientProtocol(parse_uri("ws://x"), state=State.OPEN, max_size=None)
    client.receive_data(received)
    return client.events_received()
