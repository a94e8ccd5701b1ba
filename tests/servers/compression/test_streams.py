"""Event streams that are gzipped, piece by piece."""

import socket
import zlib

import pytest

from tests.processes import PATIENCE, Server
from tests.servers.compression.conftest import PROSE
from tests.servers.contract.clients import Sse
from tests.servers.transports.test_sse import PATH as EVENTS
from tests.servers.transports.test_sse import send, stream


def heard(server: Server, path: str, enough: bytes, version: str = "1.1") -> tuple[bytes, bytes, bytes]:
    """A gzipped stream until `enough` was said: its head, the body as it came, and what that says."""
    with socket.create_connection((server.host, server.port), PATIENCE) as connection:
        head = f"GET {path} HTTP/{version}\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n"
        connection.sendall(head.encode())
        received, said = b"", b""
        while enough not in said:
            received += connection.recv(65_536)
            head, _, body = received.partition(b"\r\n\r\n")
            body = joined(body) if b"chunked" in head.lower() else body
            said = zlib.decompressobj(31).decompress(body)
    return head, body, said


def joined(chunks: bytes) -> bytes:
    """The content of the whole chunks."""
    content = b""
    while b"\r\n" in chunks:
        size, _, rest = chunks.partition(b"\r\n")
        if len(rest) < int(size, 16) + 2:
            break
        content, chunks = content + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return content


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_stream_is_gzipped_event_by_event_and_its_heartbeat_too(squeezing: Server, room: str, version: str) -> None:
    epoch = send(squeezing, room, PROSE, "short", "ça va " * 600)
    head, body, said = heard(squeezing, EVENTS.format(room), b"\n:\n\n:\n\n", version)
    assert b"Content-Encoding: gzip" in head and b"Vary: Accept-Encoding" in head
    opening, *events = said.split(b"\n\n")
    assert opening.startswith(b"id:\nretry: ")
    assert [event.splitlines()[0] for event in events[:3]] == [f"id: {epoch}-{n}".encode() for n in (1, 2, 3)]
    assert PROSE.encode() in events[0]
    assert len(body) < len(said) / 3


def test_an_event_is_read_as_soon_as_it_is_said_by_all_alike(squeezing: Server, room: str) -> None:
    path = EVENTS.format(room)
    with stream(squeezing, path, Accept_Encoding="gzip") as one, stream(squeezing, path, Accept_Encoding="gzip") as two:
        for response in (one, two):
            assert response.headers["Content-Encoding"] == "gzip"
        Sse(squeezing).send(room, {"id": "a", "sender": "Ada", "text": PROSE})
        for response in (one, two):
            reader, said = zlib.decompressobj(31), b""
            while PROSE.encode() not in said:
                said += reader.decompress(response.read1(65_536))


def test_a_reset_and_what_follows_are_said_in_a_gzipped_stream(squeezing: Server, room: str) -> None:
    epoch = send(squeezing, room, "one")
    _, _, said = heard(squeezing, f"{EVENTS.format(room)}?after=1&epoch=another", f"id: {epoch}-1\n".encode())
    assert b"event: reset\n" in said
