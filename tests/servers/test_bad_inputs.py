"""Bad input over raw sockets: on every transport and engine it gets its answer, and the server is as it was before."""

import io
import json
import select
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from tests.processes import PATIENCE, Server, until
from tests.servers.conftest import PYWSGI
from tests.servers.contract.clients import HANDSHAKE
from tests.servers.transports.test_websocket import CLOSE, masked, read_frame

READ_TIME = 0.5  # seconds in place of 10
LIMIT = 20  # MiB that a server may keep of what it was sent, in its allocator
NOUNS = {"short-polling": "messages", "long-polling": "messages", "sse": "events", "websocket": "socket"}
SENDING = ("short-polling", "long-polling", "sse")
DRAFT = {"id": "a", "sender": "Ada", "text": "hello"}
FOREIGN = [
    "http://evil.example", "null", "", "file://", "http://127.0.0.1.evil.example:{port}", "http://127.0.0.1:{port}0",
    "http://127.0.0.1:{port}.evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "http://evil.example:{port}",
    "http://localhost:{port}", "http://user@127.0.0.1:{port}", "http://127.0.0.1:{port}/", "ws://127.0.0.1:{port}",
    "http://127.0.0.1:{port} http://evil.example",
]  # fmt: skip


def body(**changes: Any) -> str:
    return json.dumps({name: value for name, value in (DRAFT | changes).items() if value is not None})


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
HEADS = [  # fields, and the status
    ("A: " + "x" * 8 * 1024 + "\r\n", 431),
    ("".join(f"A{n}: {'x' * 900}\r\n" for n in range(10)), 431),
    ("".join(f"A{n}: x\r\n" for n in range(101)), 431),
    ("A: " + "x" * 7 * 1024 + "\r\n", 200),
    ("".join(f"A{n}: x\r\n" for n in range(90)), 200),
    ("no colon\r\n", 400),
]
FIRST_FRAMES = ["{}", "hello", '{"type":"auth"}', '{"type":"auth","token":1}', '{"type":"auth","token":"x"}']
FIRST_FRAMES += ['{"type":"send","id":"a","sender":"Ada","text":"x"}', '{"type":"auth","token":"{token}x"}']

Guarded = Callable[..., Any]


class Raw:
    """A connection without a library."""

    def __init__(self, server: Server) -> None:
        self.sock = socket.create_connection((server.host, server.port), PATIENCE)
        self.incoming: io.BufferedReader = self.sock.makefile("rb")

    def send(self, data: str | bytes) -> None:
        self.sock.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """The status, the fields and the body of an answer."""
        status = int(self.incoming.readline().split()[1])
        lines = iter(self.incoming.readline, b"\r\n")
        fields = dict(line.decode().strip().lower().split(": ", 1) for line in lines)
        return status, fields, self.incoming.read(int(fields.get("content-length", 0)))

    def ended(self) -> bool:
        """Whether the server has closed; waits until it has."""
        try:
            return self.incoming.read() == b""
        except ConnectionResetError:
            return True

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *failure: object) -> None:
        self.incoming.close()
        self.sock.close()


class Footprint:
    """What a server holds: files, threads, memory, requests and connections."""

    def __init__(self, server: Server) -> None:
        self.server = server
        parent = psutil.Process(server.process.pid)
        self.process = (parent.children() or [parent])[0]
        self.files, self.threads = self.process.num_fds(), self.process.num_threads()
        self.memory = self.process.memory_info().rss

    def is_left(self) -> bool:
        """Whether nothing is held any more that was not held then. The question itself is one request."""
        held = self.server.metric("polls_apart_in_flight"), self.server.metric("polls_apart_connections")
        return (
            held == (1, 0)
            and self.process.num_fds() <= self.files
            and self.process.num_threads() <= self.threads
            and self.process.memory_info().rss < self.memory + LIMIT * 2**20
        )


@pytest.fixture(scope="module")
def server(engine: str, serving: Callable[..., Server]) -> Iterator[Server]:
    """A server that asks for tokens. In the end it must be as it was, and have lost nothing that it acknowledged."""
    options = ("--read-time", READ_TIME, "--auth-time", READ_TIME, "--hold", 0.2, "--heartbeat", 1)
    server = serving(engine, "--auth", "token", "--send-rate", 1000, *options)
    headers = bearer(server)
    for transport in SENDING:  # whatever is made lazily is made before it is counted
        server.request("POST", f"/{transport}/rooms/kept/messages", DRAFT | {"id": transport}, headers)
    until(lambda: server.metric("polls_apart_in_flight") == 1)
    footprint = Footprint(server)
    yield server
    assert server.request("GET", "/health").status == 200
    until(footprint.is_left)
    kept = server.request("GET", "/short-polling/rooms/kept/messages", headers=headers).json["messages"]
    assert [message["id"] for message in kept] == list(SENDING)
    assert "Traceback" not in server.stderr
    assert b'status="5' not in server.request("GET", "/metrics").body


TOKENS: dict[Server, str] = {}


def token(server: Server) -> str:
    if server not in TOKENS:
        TOKENS[server] = server.request("POST", "/session", {"name": "Ada"}).json["token"]
    return TOKENS[server]


def bearer(server: Server) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(server)}"}


def head(server: Server, method: str, path: str, more: str = "") -> str:
    """A request's head, up to what its own fields add."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n"
        f"Authorization: Bearer {token(server)}\r\n{more}"
    )


def refused(server: Server, request: str | bytes) -> tuple[int, bytes]:
    """The status and the body of the answer to a request."""
    with Raw(server) as raw:
        raw.send(request)
        status, fields, body = raw.answer()
        if status >= 400:
            assert fields["content-type"] == "application/problem+json"
            assert json.loads(body)["status"] == status
        return status, body


def post(server: Server, transport: str, content: str | bytes, room: str = "kept", more: str = "") -> tuple[int, bytes]:
    content = content.encode() if isinstance(content, str) else content
    more += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return refused(server, head(server, "POST", f"/{transport}/rooms/{room}/messages", more).encode() + content)


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


@pytest.mark.parametrize("transport", NOUNS)
def test_a_head_that_is_too_large_is_refused(server: Server, transport: str) -> None:
    path = f"/{transport}/rooms/kept/{NOUNS[transport]}"
    for fields, status in HEADS:
        if status == 200:
            path = "/health"
        assert refused(server, head(server, "GET", path, fields + "\r\n"))[0] == status, fields[:80]
    for length, status in ((4096, 404), (4097, 414), (9000, 414)):
        target = f"/{transport}/".ljust(length, "a")
        assert refused(server, head(server, "GET", target, "\r\n"))[0] == status


@pytest.mark.parametrize("transport", ["short-polling", "long-polling", "sse"])
def test_without_a_valid_token_nothing_is_told(server: Server, transport: str) -> None:
    good = token(server)
    path = f"/{transport}/rooms/kept/{NOUNS[transport]}"
    for bad in ("", "x", good[:-1], good + "x", "." + good, "\xff" * 20, "a" * 7000):
        for field in (
            f"Authorization: Bearer {bad}",
            f"Cookie: polls_apart_session={bad}",
            f"Authorization: Basic {good}",
        ):
            request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n"
            assert refused(server, request)[0] == 401, field
    for query in ("token", "access_token", "polls_apart_session"):
        assert refused(server, f"GET {path}?{query}={good} HTTP/1.1\r\nHost: localhost\r\n\r\n")[0] == 401
    assert server.request("POST", f"/{transport}/rooms/kept/messages", DRAFT).status == 401


@pytest.mark.parametrize("transport", NOUNS)
def test_what_is_not_there_is_404_and_a_wrong_method_405(server: Server, transport: str) -> None:
    for path in ("rooms/TEA/", "rooms/te%0D%0Aa/", f"rooms/{'x' * 65}/", "rooms/../", "rooms/%2e%2e/", "nothing/"):
        assert refused(server, head(server, "GET", f"/{transport}/{path}{NOUNS[transport]}", "\r\n"))[0] == 404
    for method in ("PUT", "DELETE", "PATCH"):
        path = f"/{transport}/rooms/kept/{NOUNS[transport]}"
        assert refused(server, head(server, method, path, "Content-Length: 0\r\n\r\n"))[0] == 405


@pytest.mark.parametrize("transport", NOUNS)
def test_a_cursor_that_makes_no_sense_is_refused(server: Server, transport: str) -> None:
    upgrade = "".join(f"{name}: {value}\r\n" for name, value in HANDSHAKE.items()) if transport == "websocket" else ""
    for after in ("-1", "abc", str(2**64), "1.5", "", "%00", "%EF%BC%91"):
        path = f"/{transport}/rooms/kept/{NOUNS[transport]}?after={after}&epoch=x"
        assert refused(server, head(server, "GET", path, upgrade + "\r\n"))[0] == 400, after
    if "polling" in transport:
        epoch = server.request("GET", f"/{transport}/rooms/kept/messages", headers=bearer(server)).json["epoch"]
        for after, of, status in ((10**6, epoch, 409), (0, "other", 410)):
            path = f"/{transport}/rooms/kept/messages?after={after}&epoch={of}"
            assert refused(server, head(server, "GET", path, "\r\n"))[0] == status


@pytest.mark.parametrize("transport", NOUNS)
def test_a_foreign_page_gets_nothing(server: Server, transport: str) -> None:
    path = f"/{transport}/rooms/kept/{NOUNS[transport]}"
    upgrade = "".join(f"{name}: {value}\r\n" for name, value in HANDSHAKE.items()) if transport == "websocket" else ""
    for origin in FOREIGN:
        field = f"Origin: {origin.replace('{port}', str(server.port))}\r\n"
        assert refused(server, head(server, "GET", path, f"{upgrade}{field}\r\n"))[0] == 403, origin
        if transport != "websocket":
            assert post(server, transport, body(id="foreign"), more=field)[0] == 403, origin
    rebound = (
        f"GET {path} HTTP/1.1\r\nHost: evil.example:{server.port}\r\nOrigin: http://evil.example:{server.port}\r\n"
    )
    assert refused(server, rebound + upgrade + "\r\n")[0] == 403


@pytest.mark.parametrize("transport", SENDING)
def test_a_page_of_ours_and_a_program_are_let_in(server: Server, transport: str, room: str) -> None:
    for number, field in enumerate(("", f"Origin: http://{server.host}:{server.port}\r\n")):
        assert post(server, transport, body(id=str(number)), room, field)[0] == 201


@pytest.mark.parametrize(
    "part", ["GET /hea", "GET /health HTTP/1.1\r\n", "GET /health HTTP/1.1\r\nHost: localhost\r\n", "\r\n"]
)
def test_half_a_head_is_closed_in_time_and_slows_nobody(server: Server, part: str) -> None:
    with Raw(server) as quiet:
        halves = [Raw(server) for _ in range(40)]
        for half in halves:
            half.send(part)
        quiet.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert quiet.answer()[0] == 200
        for half in halves:
            half.sock.settimeout(10)  # seconds; the upper bound that is promised, of a server with shorter ones
            said = half.incoming.read()
            assert not said or said.startswith((b"HTTP/1.1 400", b"HTTP/1.1 408"))
            half.__exit__()


@pytest.mark.parametrize("transport", SENDING)
@pytest.mark.parametrize("part", ["Content-Length: 100\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n5\r\n{"])
def test_a_body_that_stalls_is_closed_in_time(server: Server, transport: str, part: str) -> None:
    with Raw(server) as raw:
        raw.send(head(server, "POST", f"/{transport}/rooms/kept/messages", f"Content-Type: application/json\r\n{part}"))
        raw.sock.settimeout(10)
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


def test_a_line_break_in_an_id_or_in_a_message_forges_no_event(server: Server, room: str) -> None:
    forged = "x\n\nevent: reset\ndata: {}\n\nid: 1\r\n\r\ndata: forged\r\r\u2028data: forged"
    assert post(server, "sse", body(text=forged), room)[0] == 201
    for broken in ("x\rdata: forged", "x\r\n data: forged", "x\ndata: forged", "x\0"):
        with Raw(server) as raw:
            raw.send(head(server, "GET", f"/sse/rooms/{room}/events", f"Last-Event-ID: {broken}\r\n\r\n"))
            status = raw.incoming.readline()
            assert b" 400 " in status, broken
    with Raw(server) as raw:
        raw.send(head(server, "GET", f"/sse/rooms/{room}/events", "\r\n"))
        lines = iter(raw.incoming.readline, b"")
        data = next(line for line in lines if line.startswith(b"data:"))
        assert json.loads(data.removeprefix(b"data: "))["text"] == forged
        assert next(lines) == b"\n"


@pytest.mark.parametrize("pretence", ["event: reset", "x-1%0A%0Adata: forged-1", "9c1e-1\t", "-", "é-1"])
def test_an_event_id_of_somebody_elses_is_no_event(server: Server, room: str, pretence: str) -> None:
    with Raw(server) as raw:
        raw.send(head(server, "GET", f"/sse/rooms/{room}/events", f"Last-Event-ID: {pretence}\r\n\r\n"))
        status = int(raw.incoming.readline().split()[1])
        assert status in (200, 400)
        if status == 200:
            lines = iter(raw.incoming.readline, b"")
            assert json.loads(next(line for line in lines if line.startswith(b"data:")).removeprefix(b"data: "))[
                "epoch"
            ]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Upgrade": None, "Connection": None, "Sec-WebSocket-Version": None, "Sec-WebSocket-Key": None}, 400),
        ({"Upgrade": None, "Connection": None}, 400),
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Version": "thirteen"}, 426),
        ({"Sec-WebSocket-Version": None}, 426),
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Key": "!" * 24}, 400),
        ({"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ=="}, 400),
    ],
)
def test_a_broken_handshake_is_refused(server: Server, change: dict[str, str | None], status: int) -> None:
    fields = "".join(f"{name}: {value}\r\n" for name, value in (HANDSHAKE | change).items() if value is not None)
    assert refused(server, head(server, "GET", "/websocket/rooms/kept/socket", f"{fields}\r\n"))[0] == status


def shaken(raw: Raw, server: Server) -> None:
    """A WebSocket that has said nothing yet, though a cookie and a header have."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in HANDSHAKE.items())
    fields += f"Cookie: polls_apart_session={token(server)}\r\n\r\n"
    raw.send(head(server, "GET", "/websocket/rooms/kept/socket", fields))
    assert b" 101 " in raw.incoming.readline()
    assert list(iter(raw.incoming.readline, b"\r\n"))


@pytest.mark.parametrize("frame", [None, *FIRST_FRAMES])
def test_a_first_frame_without_a_valid_token_closes_4401(server: Server, frame: str | None) -> None:
    with Raw(server) as raw:
        shaken(raw, server)
        if frame is not None:
            raw.send(masked(0x1, frame.replace("{token}", "").encode()))
        opcode, payload = read_frame(raw.incoming)
        assert (opcode, payload[:2]) == (CLOSE, (4401).to_bytes(2))
        assert raw.ended(), "also when the client closes nothing"


def dripped(raw: Raw) -> float:
    """Send a byte now and then until the server has had enough. Returns the seconds that it took."""
    begun = time.monotonic()
    while not select.select([raw.sock], [], [], READ_TIME / 10)[0]:
        raw.send("x")
        assert time.monotonic() - begun < PATIENCE
    return time.monotonic() - begun


def test_a_head_that_comes_a_byte_at_a_time_is_not_waited_for(server: Server) -> None:
    with Raw(server) as raw:
        raw.send("GET /health HTTP/1.1\r\nX: ")
        assert dripped(raw) < 10
        assert raw.answer()[0] == 408


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
