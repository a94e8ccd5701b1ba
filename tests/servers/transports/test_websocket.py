"""WebSocket over a real connection, on each engine: the handshake, the frames, and the one writer."""

import json
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode

from servers.message import Draft, Page
from servers.stores.memory import MemoryStore
from servers.transports.websocket import greet
from tests.processes import PATIENCE, Server, until
from tests.servers.contract.clients import HANDSHAKE, Sse, WebSocket
from tests.servers.sockets import (
    CLOSE,
    CONTINUATION,
    DRAFT,
    PATH,
    PING,
    PONG,
    TEXT,
    answered,
    closing_code,
    frames,
    masked,
    messages,
    open_socket,
    raw,
    read_frame,
    said,
)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Upgrade": None, "Connection": None}, 400),
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Version": None}, 426),
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Key": "c2hvcnQ="}, 400),
        ({"Sec-WebSocket-Key": "not base64 at all, and some"}, 400),
        ({"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="[:-1]}, 400),
    ],
)
def test_a_broken_handshake_is_refused(site: Server, room: str, change: dict[str, str | None], status: int) -> None:
    headers = {name: value for name, value in (HANDSHAKE | change).items() if value is not None}
    answer = site.request("GET", PATH.format(room), headers=headers)
    assert answer.status == status and answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Sec-WebSocket-Version"] == ("13" if status == 426 else None)
    assert answer.headers["Upgrade"] == ("websocket" if status == 426 else None)


def test_a_plain_get_is_told_what_the_address_is_for(site: Server, room: str) -> None:
    assert "takes nothing but its handshake" in site.request("GET", PATH.format(room)).json["detail"]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST"])
def test_a_handshake_is_a_get(site: Server, room: str, method: str) -> None:
    answer = site.request(method, PATH.format(room), headers=HANDSHAKE)
    assert answer.status == 405 and "GET" in answer.headers["Allow"]


def test_compression_is_not_negotiated(site: Server, room: str) -> None:
    offer = {"Sec_WebSocket_Extensions": "permessage-deflate; client_max_window_bits"}
    with raw(site, room, **offer) as (_, _, head):
        assert head.startswith(b"HTTP/1.1 101") and b"extensions" not in head.lower()
    with open_socket(site, room, compression="deflate") as client:
        assert client.protocol.extensions == []


def test_the_first_frame_says_where_the_client_stands(site: Server, room: str) -> None:
    with open_socket(site, room) as client:
        ready = said(client)
        assert ready == {"type": "ready", "epoch": ready["epoch"], "cursor": 0}
        answered(client, DRAFT)
    epoch = ready["epoch"]
    with open_socket(site, room, f"?after=1&epoch={epoch}") as client:
        assert said(client) == {"type": "ready", "epoch": epoch, "cursor": 1}
    for query in (f"?after=2&epoch={epoch}", "?after=1&epoch=another"):
        with open_socket(site, room, query) as client:
            assert said(client) == {"type": "reset", "epoch": epoch, "cursor": 0}
            assert said(client)["seq"] == 1, "it goes on over the same socket"


def test_who_comes_late_is_greeted_without_the_log_being_read() -> None:
    class Weighed(MemoryStore):
        read = 0  # messages

        def since(self, *args: Any, **options: Any) -> Page:
            page = super().since(*args, **options)
            self.read += len(page.messages)
            return page

    store, frames = Weighed(1000), []
    for number in range(1000):
        store.append("room", Draft(str(number), "Ada", "hello"))
    assert greet(SimpleNamespace(send=frames.append), store, "room", 0, None) == (store.epoch, 0)
    assert json.loads(frames[0]) == {"type": "ready", "epoch": store.epoch, "cursor": 0}
    assert store.read <= 1


def test_a_send_is_acknowledged_and_comes_back_as_a_message(site: Server, room: str) -> None:
    with open_socket(site, room) as client:
        epoch = said(client)["epoch"]
        client.send(json.dumps(DRAFT))
        frames = [said(client), said(client)]
        assert {"type": "ack", "id": "a", "seq": 1, "epoch": epoch} in frames
        (message,) = [frame for frame in frames if frame["type"] == "message"]
        assert message == {**DRAFT, "type": "message", "seq": 1, "at": message["at"]}


@pytest.mark.parametrize(
    ("frame", "id", "status"),
    [
        ("hello", None, 400),
        ('{"type": "send", "id": "a"}', "a", 422),
        (DRAFT | {"type": "shout"}, "a", 422),
        ({"id": "a", "sender": "Ada", "text": "hello"}, "a", 422),
        (DRAFT | {"id": "taken"}, "taken", 409),
    ],
)
def test_what_is_refused_is_an_error_frame_and_the_socket_stays(
    site: Server, room: str, frame: str | dict[str, Any], id: str | None, status: int
) -> None:
    with open_socket(site, room) as client:
        assert said(client)["type"] == "ready"
        answered(client, DRAFT | {"id": "taken", "text": "other"})
        error = answered(client, frame)
        assert (error["type"], error["id"], error["status"]) == ("error", id, status)
        assert error["title"]
        assert answered(client, DRAFT)["type"] == "ack"


def test_a_binary_message_closes_1003(site: Server, room: str) -> None:
    with open_socket(site, room) as client:
        client.send(json.dumps(DRAFT).encode())
        assert closing_code(client) == 1003


FLOODS = {  # what it begins with, and what comes 3,000 times
    "sends": (b"", masked(TEXT, json.dumps(DRAFT).encode())),
    "what is not JSON": (b"", masked(TEXT, b"no")),
    "pings": (b"", masked(PING, b"there?")),
    "empty fragments": (masked(TEXT, b"{", first=0x00), masked(CONTINUATION, first=0x00)),
}


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_is_refused_ten_times_and_closed_1008_and_harms_nobody(site: Server, room: str, kind: str) -> None:
    first, then = FLOODS[kind]
    with (
        open_socket(site, room) as other,
        raw(site, room) as (connection, incoming, _),
        ThreadPoolExecutor() as pool,
    ):
        assert said(other)["type"] == "ready"
        heard = pool.submit(incoming.read)
        for n in range(30):
            with suppress(OSError):  # it may be over
                connection.sendall((b"" if n else first) + then * 100)
            assert answered(other, DRAFT | {"id": f"other-{n}"})["type"] == "ack"
        *before, last = frames(heard.result(PATIENCE))
    answers = [json.loads(frame.data) for frame in before if frame.opcode is Opcode.TEXT]
    refusals = [answer["status"] for answer in answers if answer["type"] == "error"]
    assert refusals == [400 if kind == "what is not JSON" else 429] * 10
    assert last.opcode is Opcode.CLOSE and int.from_bytes(last.data[:2], "big") == 1008


def test_a_client_that_does_not_answer_the_close_is_let_go(site: Server, room: str) -> None:
    with raw(site, room) as (connection, incoming, _):
        assert read_frame(incoming)[0] == TEXT
        connection.sendall(masked(TEXT, b"no") * 10)
        *refusals, last = frames(incoming.read())
        assert len(refusals) == 10 and last.opcode is Opcode.CLOSE


def test_a_message_over_64_kib_closes_1009_also_in_fragments(site: Server, room: str) -> None:
    for message in ("x" * 66_000, ["x" * 22_000] * 3):
        with open_socket(site, room) as client:
            with suppress(ConnectionClosed):  # the refusal may come before the last fragment is out
                client.send(message)
            assert closing_code(client) == 1009


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (bytes([0x81, 0x02]) + b"hi", 1002),
        (masked(TEXT, b"hi", first=0xC0), 1002),
        (masked(0x3, b"hi"), 1002),
        (masked(PING, first=0x00), 1002),
        (masked(0x0, b"hi"), 1002),
        (masked(TEXT, b"\xff\xfe"), 1007),
    ],
    ids=["unmasked", "reserved bit", "unknown opcode", "control in fragments", "orphan continuation", "bad UTF-8"],
)
def test_a_frame_that_breaks_the_protocol_closes_the_socket(site: Server, room: str, frame: bytes, code: int) -> None:
    with raw(site, room) as (connection, incoming, _):
        assert read_frame(incoming)[0] == TEXT
        connection.sendall(frame)
        opcode, payload = read_frame(incoming)
        assert (opcode, struct.unpack("!H", payload[:2])[0]) == (CLOSE, code)
        assert incoming.read() == b"", "and nothing after it"


def test_a_close_is_answered_and_nothing_follows(site: Server, room: str) -> None:
    with raw(site, room) as (connection, incoming, _):
        assert read_frame(incoming)[0] == TEXT
        connection.sendall(masked(CLOSE, struct.pack("!H", 1000)))
        assert read_frame(incoming) == (CLOSE, struct.pack("!H", 1000))
        assert incoming.read() == b""


def test_a_ping_is_answered(site: Server, room: str) -> None:
    with raw(site, room) as (connection, incoming, _):
        assert read_frame(incoming)[0] == TEXT
        connection.sendall(masked(PING, b"are you there"))
        assert read_frame(incoming) == (PONG, b"are you there")


def test_the_server_pings_who_is_quiet_and_closes_when_no_pong_comes(brisk: Server, room: str) -> None:
    with raw(brisk, room) as (connection, incoming, _):
        assert read_frame(incoming)[0] == TEXT
        for _ in range(2):
            opcode, payload = read_frame(incoming)
            assert opcode == PING
            connection.sendall(masked(PONG, payload))
        assert read_frame(incoming)[0] == PING
        opcode, payload = read_frame(incoming)
        assert opcode == CLOSE and struct.unpack("!H", payload[:2]) == (1008,)
        assert incoming.read() == b""


def test_a_client_that_goes_away_leaves_nothing_behind(brisk: Server, room: str) -> None:
    for _ in range(5):
        with raw(brisk, room) as (_, incoming, _):
            assert read_frame(incoming)[0] == TEXT
    until(lambda: brisk.metric("polls_apart_in_flight") == 1)


def test_a_reader_that_stops_is_cut_harms_nobody_and_goes_on_by_its_cursor(brisk: Server, room: str) -> None:
    text, last = "x" * 4000, 0
    publisher, cuts = Sse(brisk), brisk.metric("polls_apart_cuts_total")
    with raw(brisk, room) as (_, incoming, _), open_socket(brisk, room) as healthy:
        epoch = said(healthy)["epoch"]
        while brisk.metric("polls_apart_cuts_total") == cuts:
            for _ in range(50):
                last = publisher.send(room, {"id": f"id-{last}", "sender": "Ada", "text": text}).seq
        assert [said(healthy)["seq"] for _ in range(last)] == list(range(1, last + 1))
        heard = messages(incoming.read())
        assert heard == list(range(1, len(heard) + 1)) and len(heard) < last
    rest = WebSocket(brisk).read(room, last - len(heard), len(heard), epoch)
    assert [message["seq"] for message in rest] == list(range(len(heard) + 1, last + 1))


def test_a_slow_reader_gets_whole_frames_in_order(site: Server, room: str) -> None:
    """It takes a little at a time of more than the kernel holds, so that most of it waits in the log."""
    with raw(site, room) as (connection, incoming, _), open_socket(site, room) as client:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        for number in range(300):
            client.send(json.dumps(DRAFT | {"id": str(number), "text": "x" * 4000}))
        received = bytearray()
        while received.count(b'"at":') < 300 or not received.endswith(b'"}'):
            received += incoming.read1(4096)
    assert messages(bytes(received)) == list(range(1, 301))


def test_frames_of_many_senders_do_not_mix(site: Server, room: str) -> None:
    """Acks and messages leave by one socket; each client floods, and reads when it has sent all."""
    clients = [open_socket(site, room).__enter__() for _ in range(3)]
    drafts = [DRAFT | {"id": str(number), "text": "x" * (17 * number + 1)} for number in range(60)]
    for number, draft in enumerate(drafts):
        clients[number % 3].send(json.dumps(draft))
    for mine, client in enumerate(clients):
        heard: list[dict[str, Any]] = []
        while len(heard) < 1 + 60 + 20:
            heard.append(said(client))
        messages = [frame for frame in heard if frame["type"] == "message"]
        acks = [frame["id"] for frame in heard if frame["type"] == "ack"]
        assert [message["seq"] for message in messages] == list(range(1, 61))
        assert all(len(message["text"]) == 17 * int(message["id"]) + 1 for message in messages)
        assert acks == [draft["id"] for draft in drafts[mine::3]]
        client.close()
