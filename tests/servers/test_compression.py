"""Compression that remembers nothing, as bytes, and by servers on each engine that were told to compress."""

import gzip
import io
import json
import os
import socket
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import psutil
import pytest
from wsproto.frame_protocol import CloseReason, FrameDecoder, FrameProtocol, Opcode, RsvBits

from servers import compression, frames, pump
from servers.inbound import STRIKES
from servers.message import Draft
from servers.stores import open_store
from servers.transports import websocket
from tests.processes import PATIENCE, Server, until
from tests.servers.contract.clients import Sse
from tests.servers.test_pump import Box
from tests.servers.transports.test_sse import PATH as EVENTS
from tests.servers.transports.test_sse import lines, send, stream
from tests.servers.transports.test_websocket import (
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
)  # fmt: skip

OFFER = {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits"}  # a browser's
PROSE = "the same words again, and the same words once more " * 20
MIB = 1 << 20


@pytest.fixture(scope="session")
def squeezing(engine: str, serving: Callable[..., Server]) -> Server:
    """A server of all four that compresses, whose heart beats every 0.2 s."""
    return serving(engine, "--compression", "--heartbeat", 0.2)


# The bytes


@pytest.mark.parametrize("data", [b"", b"a", b"words and words " * 5000, Random(1).randbytes(70_000)])
def test_deflated_blocks_may_follow_any_others(data: bytes) -> None:
    other = compression.deflated(b"words of another message")
    packed = compression.deflated(data)
    assert packed.endswith(compression.TAIL)
    assert zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed) == data
    assert zlib.decompressobj(-compression.WINDOW).decompress(packed + other + packed) == (
        data + b"words of another message" + data
    )
    stream = compression.GZIP_HEAD + other + packed
    assert zlib.decompressobj(31).decompress(stream) == b"words of another message" + data


ALONE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


@pytest.mark.parametrize(
    ("offers", "agreed"),
    [
        ("permessage-deflate", ALONE),
        ("permessage-deflate; client_max_window_bits", ALONE),
        ("permessage-deflate;client_max_window_bits=10", ALONE),
        ('permessage-deflate; client_max_window_bits="15"', ALONE),
        ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", ALONE),
        ("permessage-deflate; server_max_window_bits=15", f"{ALONE}; server_max_window_bits=12"),
        ("permessage-deflate; server_max_window_bits=12", f"{ALONE}; server_max_window_bits=12"),
        ("permessage-deflate; server_max_window_bits=11, permessage-deflate", ALONE),
        ("x-webkit-deflate-frame, permessage-deflate; client_max_window_bits", ALONE),
        ("", ""),
        ("x-webkit-deflate-frame", ""),
        ("permessage-deflate; server_max_window_bits=9", ""),
        ("permessage-deflate; server_max_window_bits", ""),
        ("permessage-deflate; server_max_window_bits=16", ""),
        ("permessage-deflate; client_max_window_bits=7", ""),
        ("permessage-deflate; client_max_window_bits=012", ""),
        ("permessage-deflate; client_max_window_bits; client_max_window_bits=10", ""),
        ("permessage-deflate; server_no_context_takeover=1", ""),
        ("permessage-deflate; mystery", ""),
        ("permessage-deflate-2", ""),
        (";;,=,", ""),
    ],
)
def test_only_an_offer_that_can_be_kept_is_agreed_to(offers: str, agreed: str) -> None:
    assert compression.negotiated(offers) == agreed


def test_a_message_is_compressed_once_for_a_room(monkeypatch: pytest.MonkeyPatch) -> None:
    packed: list[bytes] = []
    deflated = compression.deflated
    monkeypatch.setattr(compression, "deflated", lambda data: packed.append(data) or deflated(data))
    store = open_store("memory", 100)
    room = pump.Pump(store, "room", websocket.DEFLATED, (store.epoch, 0), lambda seconds: None)
    boxes = [Box((store.epoch, 0)) for _ in range(50)]
    room.followers.update(boxes)
    for box in boxes:
        room.join(box)
    store.append("room", Draft("id", "Ada", PROSE))
    room._turn()
    assert len(packed) == 1
    (piece,) = {id(box.pieces[0]): box.pieces[0] for box in boxes}.values()
    assert piece[0] == 0xC1 and all(len(box.pieces) == 1 for box in boxes)


def inflate(*frames: bytes, limit: int = 100) -> bytes | CloseReason:
    """What the extension makes of a message's frames."""
    extension, decoder = compression.Inflating(limit), FrameDecoder(client=False)
    out = b""
    for n, frame in enumerate(frames):
        opcode = Opcode.TEXT if n == 0 else Opcode.CONTINUATION
        assert extension.frame_inbound_header(decoder, opcode, RsvBits(n == 0, False, False), len(frame))
        for data in (
            extension.frame_inbound_payload_data(decoder, frame),
            extension.frame_inbound_complete(decoder, n == len(frames) - 1) or b"",
        ):
            if isinstance(data, CloseReason):
                return data
            out += data
    assert extension._inflater is None, "nothing is kept"
    return out


def test_a_message_may_inflate_to_the_limit_and_no_further() -> None:
    def packed(size: int) -> bytes:
        return compression.deflated(b"x" * size)[:-4]

    assert inflate(packed(100)) == b"x" * 100
    assert inflate(packed(100)[:5], packed(100)[5:], b"") == b"x" * 100
    assert inflate(packed(101)) == inflate(packed(10**7)) == CloseReason.MESSAGE_TOO_BIG
    assert inflate(packed(101)[:5], packed(101)[5:]) == CloseReason.MESSAGE_TOO_BIG
    assert inflate(b"\xff\xff\xff") == CloseReason.INVALID_FRAME_PAYLOAD_DATA


def test_the_library_asks_for_this_extension() -> None:
    import simple_websocket.ws

    import servers.connections  # noqa: F401  # which sees to it

    assert "Inflating" in simple_websocket.ws.PerMessageDeflate.__code__.co_names
    assert not FrameProtocol(client=False, extensions=[compression.Inflating(1)]).extensions, "until it is agreed"


# WebSocket


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


def large(opcode: int, payload: bytes, first: int = 0xC0) -> bytes:
    """A client's frame of any length below 16 MiB, with a mask of zeros."""
    return struct.pack("!BBQ", first | opcode, 0xFF, len(payload)) + bytes(4) + payload if len(payload) > 65_535 else (
        struct.pack("!BBH", first | opcode, 0xFE, len(payload)) + bytes(4) + payload
        if len(payload) > 125
        else masked(opcode, payload, first)
    )  # fmt: skip


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


def processes(server: Server) -> list[psutil.Process]:
    """gunicorn's master and its worker; of pywsgi the one."""
    parent = psutil.Process(server.process.pid)
    return [parent, *parent.children(recursive=True)]


def forget_peak(server: Server) -> int:
    """The resident bytes of a server's processes, from which `peak` counts anew (proc_pid_clear_refs(5))."""
    for process in processes(server):
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    return sum(process.memory_info().rss for process in processes(server))


def peak(server: Server) -> int:
    """The most bytes that were resident since."""
    status = [Path(f"/proc/{process.pid}/status").read_text() for process in processes(server)]
    return sum(int(text.partition("VmHWM:")[2].split()[0]) * 1024 for text in status)


BOMBS = {  # of 64 KiB or so
    "one message of 60 MB": [compression.gzipped(bytes(60 * 10**6))[10:-8]],
    "nine hundred of 64 KiB": [compression.deflated(b" " * 65_536)[:-4]] * 900,
}


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of another process's memory is known by /proc")
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_takes_no_memory_and_disturbs_nobody(squeezing: Server, room: str, bomb: str) -> None:
    frames = b"".join(large(TEXT, payload) for payload in BOMBS[bomb])
    assert 55_000 < len(frames) < 90_000
    with open_socket(squeezing, room) as other:
        assert said(other)["type"] == "ready"
        for attempt in range(4):
            with raw(squeezing, room, **OFFER) as (connection, incoming, _):
                assert read_frame(incoming)[0] == TEXT
                connection.sendall(frames)
                assert squeezing.request("GET", "/health").status == 200
                if len(BOMBS[bomb]) == 1:
                    opcode, payload = read_frame(incoming)
                    assert (opcode, payload[:2]) == (CLOSE, struct.pack("!H", 1009))
                else:
                    *answers, (opcode, payload) = [read_frame(incoming) for _ in range(STRIKES + 1)]
                    assert all(b'"status":400' in payload for _, payload in answers)
                    assert (opcode, payload[:2]) == (CLOSE, struct.pack("!H", 1008))
            if attempt == 0:  # the first has the interpreter get ready for such things
                before = forget_peak(squeezing)
        assert answered(other, DRAFT)["type"] == "ack"
    # Of the 60 MB in each. A piece of 4 KiB that was read when the tenth was refused has 45 of the small ones: 6 MiB,
    # as bytes and as text, and the next connection may come before they are gone.
    assert peak(squeezing) - before < 16 * MIB


def test_a_compressed_binary_message_is_refused_like_any_other(squeezing: Server, room: str) -> None:
    with open_socket(squeezing, room, compression="deflate") as client:
        client.send(b"word " * 100)
        assert closing_code(client) == 1003


def test_a_message_over_the_limit_closes_1009_as_without_compression(squeezing: Server, room: str) -> None:
    with open_socket(squeezing, room, compression="deflate") as client:
        client.send("x" * 66_000)
        assert closing_code(client) == 1009


# Polls


@pytest.fixture(params=["short-polling", "long-polling"])
def polls(request: pytest.FixtureRequest, room: str) -> str:
    return f"/{request.param}/rooms/{room}/messages"


def test_a_poll_is_gzipped_for_who_takes_it(squeezing: Server, polls: str) -> None:
    squeezing.request("POST", polls, {"id": "a", "sender": "Ada", "text": PROSE})
    plain = squeezing.request("GET", polls)
    for accept in ("gzip, deflate, br, zstd", "gzip;q=0.1", "*"):
        packed = squeezing.request("GET", polls, headers={"Accept-Encoding": accept})
        assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(packed.body) == plain.body
        assert int(packed.headers["Content-Length"]) == len(packed.body) < len(plain.body) / 3
    for accept in ("", "identity", "gzip;q=0", "br", "gzip;q=0, *"):
        answer = squeezing.request("GET", polls, headers={"Accept-Encoding": accept})
        assert answer.headers["Content-Encoding"] is None and answer.headers["Vary"] == "Accept-Encoding"
        assert answer.body == plain.body


def test_what_is_short_stays_as_it_is(squeezing: Server, room: str) -> None:
    accept = {"Accept-Encoding": "gzip"}
    answer = squeezing.request("GET", f"/short-polling/rooms/{room}/messages", headers=accept)
    assert answer.json["messages"] == [] and answer.headers["Content-Encoding"] is None


def test_the_etag_of_a_gzipped_answer_is_weak_and_either_is_answered_304(squeezing: Server, room: str) -> None:
    path = f"/short-polling/rooms/{room}/messages"
    epoch = squeezing.request("POST", path, {"id": "a", "sender": "Ada", "text": PROSE}).json["epoch"]
    tags = f'"{epoch}-1"', f'W/"{epoch}-1"'
    for accept, tag in zip(("identity", "gzip"), tags, strict=True):
        assert squeezing.request("GET", path, headers={"Accept-Encoding": accept}).headers["ETag"] == tag
        for known in tags:
            asked = {"Accept-Encoding": accept, "If-None-Match": known}
            answer = squeezing.request("GET", path, headers=asked)
            assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
            assert answer.headers["Vary"] == "Accept-Encoding" and answer.headers["Content-Encoding"] is None


def test_without_the_option_nothing_is_compressed(site: Server, room: str) -> None:
    path = f"/short-polling/rooms/{room}/messages"
    site.request("POST", path, {"id": "a", "sender": "Ada", "text": PROSE})
    answer = site.request("GET", path, headers={"Accept-Encoding": "gzip"})
    assert PROSE in answer.json["messages"][0]["text"]
    assert answer.headers["Content-Encoding"] is None is answer.headers["Vary"]
    with stream(site, EVENTS.format(room), Accept_Encoding="gzip") as response:
        assert response.headers["Content-Encoding"] is None is response.headers["Vary"]
        assert lines(response, 1) == [b"id:\n"]


# Streams


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


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file descriptors to count")
def test_clients_that_go_away_leave_nothing_behind(squeezing: Server, room: str) -> None:
    come_and_go(squeezing, room, 1)  # a process that has answered nothing yet has not opened all that it needs
    before = sum(process.num_fds() for process in processes(squeezing))
    come_and_go(squeezing, room, 5)
    until(lambda: sum(process.num_fds() for process in processes(squeezing)) <= before + 1)


def come_and_go(server: Server, room: str, times: int) -> None:
    """Sockets and streams, until none of them is in flight."""
    for _ in range(times):
        with raw(server, room, **OFFER) as (_, incoming, _):
            assert read_frame(incoming)[0] == TEXT
        with stream(server, EVENTS.format(room), Accept_Encoding="gzip") as response:
            response.read1(10)
    until(lambda: server.metric("polls_apart_in_flight") == 1)
