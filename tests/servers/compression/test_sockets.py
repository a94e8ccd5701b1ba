"""WebSockets whose messages are compressed, beside others whose are not."""

import io
import json
import struct
import zlib

import pytest

from servers import compression, frames
from tests.processes import PATIENCE, Server
from tests.servers.compression.conftest import ALONE, OFFER, PROSE
from tests.servers.sockets import (
    CLOSE,
    DRAFT,
    PING,
    PONG,
    TEXT,
    answered,
    closing_code,
    masked,
    open_socket,
    raw,
    read_frame,
    said,
)


def test_a_client_that_is_not_ours_talks_compressed_and_stays(squeezing: Server, room: str) -> None:
    with open_socket(squeezing, room, compression="deflate") as client:
        (extension,) = client.protocol.extensions
        assert extension.remote_no_context_takeover and extension.local_no_context_takeover
        assert said(client)["type"] == "ready"
        for number, text in enumerate(["short", PROSE, "ça va " * 600, "short"]):
            client.send(json.dumps(DRAFT | {"id": str(number), "text": text}))
            frames = {frame["type"]: frame for frame in (said(client), said(client))}
            assert frames["message"]["text"] == text and frames["ack"]["seq"] == number + 1
        client.send(iter([json.dumps(DRAFT | {"id": "in pieces"})[:9], json.dumps(DRAFT | {"id": "in pieces"})[9:]]))
        assert {said(client)["type"], said(client)["type"]} == {"ack", "message"}
        assert answered(client, "hello")["status"] == 400
        assert client.ping().wait(PATIENCE)


def beyond_pings(incoming: io.BufferedReader) -> bytes:
    """How the next frame begins that is none of the pings, of which a slow client may find some."""
    return next(head for head in iter(lambda: incoming.read(2), b"") if head != frames.PING)


def test_both_kinds_of_client_hear_the_same_room(squeezing: Server, room: str) -> None:
    with raw(squeezing, room) as (_, plain, head), raw(squeezing, room, **OFFER) as (_, packed, agreed):
        assert b"extensions" not in head.lower() and ALONE.encode() in agreed
        assert read_frame(plain)[0] == read_frame(packed)[0] == TEXT, "ready is short"
        with open_socket(squeezing, room) as writer:
            assert answered(writer, DRAFT | {"text": PROSE})["type"] in ("ready", "ack")
        (first, length), (first_packed, length_packed) = beyond_pings(plain), beyond_pings(packed)
        assert (first, length, first_packed) == (0x81, 126, 0xC1)
        text = plain.read(struct.unpack("!H", plain.read(2))[0])
        body = packed.read(struct.unpack("!H", packed.read(2))[0] if length_packed == 126 else length_packed)
        assert zlib.decompressobj(-15).decompress(body + compression.TAIL) == text
        assert len(body) < len(text) / 3


def test_an_offer_that_cannot_be_kept_leaves_the_connection_plain(squeezing: Server, room: str) -> None:
    offer = {"Sec_WebSocket_Extensions": "permessage-deflate; server_max_window_bits=9"}
    with raw(squeezing, room, **offer) as (connection, incoming, head):
        assert head.startswith(b"HTTP/1.1 101") and b"extensions" not in head.lower()
        assert read_frame(incoming)[0] == TEXT
        connection.sendall(masked(TEXT, b"hi", first=0xC0))
        opcode, payload = read_frame(incoming)
        assert (opcode, payload[:2]) == (CLOSE, struct.pack("!H", 1002))


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([masked(TEXT, b"\xff\xff\xff\xff", first=0xC0)], 1007),
        ([masked(TEXT, compression.deflated(b"\xff\xfe")[:-4], first=0xC0)], 1007),
        ([masked(PING, b"hi", first=0xC0)], 1002),
        ([masked(TEXT, b"", first=0x40), masked(0x0, b"", first=0xC0)], 1002),
    ],
    ids=["not deflate", "bad UTF-8", "a compressed ping", "a continuation that says so too"],
)
def test_a_compressed_frame_that_breaks_the_protocol_closes(
    squeezing: Server, room: str, frames: list[bytes], code: int
) -> None:
    with raw(squeezing, room, **OFFER) as (connection, incoming, _):
        assert read_frame(incoming)[0] == TEXT
        connection.sendall(b"".join(frames))
        opcode, payload = next(frame for frame in iter(lambda: read_frame(incoming), None) if frame[0] != PING)
        assert (opcode, payload[:2]) == (CLOSE, struct.pack("!H", code))


def test_a_ping_may_come_between_compressed_fragments(squeezing: Server, room: str) -> None:
    packed = compression.deflated(json.dumps(DRAFT).encode())[:-4]
    with raw(squeezing, room, **OFFER) as (connection, incoming, _):
        assert read_frame(incoming)[0] == TEXT
        fragments = masked(TEXT, packed[:20], first=0x40), masked(PING, b"?"), masked(0x0, packed[20:])
        connection.sendall(b"".join(fragments))
        assert read_frame(incoming) == (PONG, b"?")
        answer = b""
        while b'"ack"' not in answer:  # which the message itself, compressed, may come before
            answer += incoming.read(1)


def test_a_compressed_binary_message_is_refused_like_any_other(squeezing: Server, room: str) -> None:
    with open_socket(squeezing, room, compression="deflate") as client:
        client.send(b"word " * 100)
        assert closing_code(client) == 1003


def test_a_message_over_the_limit_closes_1009_as_without_compression(squeezing: Server, room: str) -> None:
    with open_socket(squeezing, room, compression="deflate") as client:
        client.send("x" * 66_000)
        assert closing_code(client) == 1009
