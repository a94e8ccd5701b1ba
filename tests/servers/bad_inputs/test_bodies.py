"""Bodies that are no message, that may end in two places, that never end, and those that are taken."""

import json
import socket
from contextlib import ExitStack
from itertools import product

import pytest

from tests.processes import Server
from tests.servers.bad_inputs.asking import SENDING, body, dripped, head, post, refused
from tests.servers.conftest import PYWSGI
from tests.servers.raw import Raw

BODIES = [  # what is sent as JSON, the status, and the field that the answer names
    ("hello", 400, ""),
    ('{"id":', 400, ""),
    ("[" * 10_000, 400, ""),
    ('{"a":' * 10_000, 400, ""),
    (body()[:-1] + ', "text": NaN}', 400, ""),
    (r'{"id": "a", "sender": "Ada", "text": "\ud800"}', 400, ""),
    (b'{"id": "a", "sender": "Ada", "text": "\xff"}', 400, ""),
    ("", 400, ""),
    ("[]", 422, ""),
    ("null", 422, ""),
    (body(text=1), 422, "text"),
    (body(text=None), 422, "text"),
    (body(surprise=1), 422, "surprise"),
    (body(text=""), 422, "text"),
    (body(text="x" * 4001), 422, "text"),
    (body(id=""), 422, "id"),
    (body(id="x" * 65), 422, "id"),
    (body(sender=""), 422, "sender"),
    (body(sender="x" * 65), 422, "sender"),
    (body(sender="Eve"), 403, "Ada"),
    (body(text="x" * 64 * 1024), 413, ""),
    (body(id="taken", text="another"), 409, ""),
]
FRAMINGS = [  # of a body that is a message, and which may end in two places
    ("Content-Length: {n}\r\nTransfer-Encoding: chunked\r\n", 400),
    ("Content-Length: {n}\r\nContent-Length: {n}\r\n", 400),
    ("Content-Length: {n}\r\nContent-Length: 1\r\n", 400),
    ("Content-Length: -1\r\n", 400),
    ("Content-Length: +{n}\r\n", 400),
    ("Content-Length: 0x10\r\n", 400),
    ("Content-Length: {n}, {n}\r\n", 400),
    ("Content-Length : {n}\r\n", 400),
    ("Transfer-Encoding: gzip, chunked\r\n", 400),
    ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 400),
    ("Transfer-Encoding: xchunked\r\n", 400),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
    ("Transfer-Encoding: identity\r\n", 400),
    ("X: a\r\n b\r\nContent-Length: {n}\r\n", 400),
    ("Transfer-Encoding: chunked\r\n", 400),  # and then no chunks
]


@pytest.mark.parametrize("transport", SENDING)
def test_a_body_that_is_no_message_is_refused_and_its_field_named(server: Server, transport: str, room: str) -> None:
    post(server, transport, body(id="taken"), room)
    for content, status, field in BODIES:
        told, answer = post(server, transport, content, room)
        assert told == status, content[:80]
        assert field in json.loads(answer)["detail"]


@pytest.mark.parametrize("transport", SENDING)
def test_a_body_over_64_kib_is_refused_in_chunks_too(server: Server, transport: str) -> None:
    chunks = (b"4000\r\n" + b" " * 0x4000 + b"\r\n") * 5 + b"0\r\n\r\n"
    more = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    request = head(server, "POST", f"/{transport}/rooms/kept/messages", more).encode()
    assert refused(server, request + chunks)[0] == 413


@pytest.mark.parametrize("transport", SENDING)
def test_a_body_that_is_not_declared_json_is_refused(server: Server, transport: str) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        more = f"Content-Type: {kind}\r\nContent-Length: 2\r\n\r\n{{}}"
        assert refused(server, head(server, "POST", f"/{transport}/rooms/kept/messages", more))[0] == 415


@pytest.mark.parametrize("transport", SENDING)
def test_a_request_that_may_end_in_two_places_is_refused_and_nothing_follows(server: Server, transport: str) -> None:
    content = body(id="smuggled")
    for framing, status in FRAMINGS:
        framing = framing.replace("{n}", str(len(content)))
        more = f"Content-Type: application/json\r\n{framing}\r\n{content}"
        with Raw(server) as raw:
            raw.send(head(server, "POST", f"/{transport}/rooms/kept/messages", more))
            assert raw.answer()[0] == status, framing
            assert raw.ended(), framing


STALLING = ("Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\n{")


def test_bodies_that_stall_are_closed_in_time(server: Server) -> None:
    with ExitStack() as stack:
        stalled = []
        for transport, part in product(SENDING, STALLING):  # side by side: each is waited for
            raw = stack.enter_context(Raw(server))
            more = f"Content-Type: application/json\r\n{part}"
            raw.send(head(server, "POST", f"/{transport}/rooms/kept/messages", more))
            raw.sock.settimeout(10)
            stalled.append(raw)
        for raw in stalled:
            assert raw.answer()[0] in (400, 408)
            assert raw.ended()


@pytest.mark.parametrize(
    "broken", ["zz\r\n{}\r\n", "-1\r\n", "5\r\n{}\r\n", "2\r\n{}XX0\r\n\r\n", "ffffffffffffffff1\r\n{}"]
)
def test_chunks_that_are_none_are_refused(server: Server, broken: str) -> None:
    more = f"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{broken}"
    with Raw(server) as raw:
        raw.send(head(server, "POST", "/sse/rooms/kept/messages", more))
        raw.sock.shutdown(socket.SHUT_WR)
        assert raw.answer()[0] in (400, 413, 422)
        assert raw.ended()


@pytest.mark.parametrize("broken", ["0x2\r\n{}\r\n", "2\r\n{}\r\n0\r\nX\r\n\r\n"])
@pytest.mark.parametrize("path", ["/nothing", "/sse/rooms/kept/messages"])
def test_chunks_that_are_none_in_a_body_that_nobody_reads_end_the_connection(
    server: Server, path: str, broken: str
) -> None:
    """What the server's log has of it, which must be nothing, is looked at when all is over."""
    with Raw(server) as raw:
        raw.send(head(server, "POST", path, f"Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n{broken}"))
        raw.sock.shutdown(socket.SHUT_WR)
        assert raw.answer()[0] in (400, 404, 415)
        assert raw.ended()


def test_a_body_that_comes_a_byte_at_a_time_is_not_waited_for(server: Server, engine: str) -> None:
    if engine == PYWSGI:
        pytest.skip("gevent's own server bounds each read of a body, not all of them")
    with Raw(server) as raw:
        more = "Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
        raw.send(head(server, "POST", "/sse/rooms/kept/messages", more))
        assert dripped(raw) < 10
        assert raw.answer()[0] == 400


def test_what_is_left_of_a_refused_body_is_no_request(server: Server, room: str) -> None:
    """The body of a request that nobody read holds another request, which must not be answered."""
    inner = head(server, "POST", f"/sse/rooms/{room}/messages", "Content-Type: application/json\r\n")
    inner += f"Content-Length: {len(body())}\r\n\r\n{body()}"
    more = f"Content-Type: text/plain\r\nContent-Length: {len(inner)}\r\n\r\n"
    with Raw(server) as raw:
        raw.send(head(server, "POST", f"/sse/rooms/{room}/messages", more) + inner)
        assert raw.answer()[0] == 415
        raw.send(head(server, "GET", f"/short-polling/rooms/{room}/messages", "\r\n"))
        status, _, page = raw.answer()
        assert status == 200 and json.loads(page)["messages"] == []


@pytest.mark.parametrize("coding", ["chunked", "Chunked"])
def test_a_message_in_chunks_is_taken(server: Server, room: str, coding: str) -> None:
    more = f"Content-Type: application/json\r\nTransfer-Encoding: {coding}\r\n\r\n"
    request = head(server, "POST", f"/sse/rooms/{room}/messages", more)
    assert refused(server, f"{request}{len(body()):x};a=b\r\n{body()}\r\n0\r\n\r\n")[0] == 201
