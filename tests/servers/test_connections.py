"""A WebSocket and a stream: what keeps each alive, what ends it, and how the library's handler comes home."""

import gc
import logging
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import flask_sock
import pytest
import simple_websocket
from simple_websocket import ConnectionClosed
from werkzeug.serving import make_server
from wsproto.utilities import LocalProtocolError

from servers import connections
from servers.app import create_app
from servers.connections import LAST_BYTES, Socket, Stream, chunk, closing
from servers.settings import Settings
from servers.stores import open_store
from servers.transports.sse import EVENTS
from tests.processes import PATIENCE, until
from tests.servers.conformance.wire import PING, TEXT, frame, head
from tests.servers.contract.clients import HANDSHAKE

HEARTBEAT = 15.0  # seconds
PONG = bytes([0x8A, 0x02]) + b"\x88\x88"  # its payload is not a closing frame
CLOSING = bytes([0x88, 0x02, 0x03, 0xE8])  # RFC 6455 section 5.5.1: FIN, opcode 8, the code 1000


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(PATIENCE)
        yield ours, theirs


@pytest.fixture
def reader(pair: tuple[socket.socket, socket.socket]) -> socket.socket:
    return pair[1]


@pytest.fixture
def ws(pair: tuple[socket.socket, socket.socket]) -> Socket:
    return Socket(pair[0], Settings(body_limit=100, frames_per_s=0.001, frames_burst=5))


@pytest.fixture
def stream(pair: tuple[socket.socket, socket.socket]) -> Stream:
    return Stream(pair[0], b":\n\n")


def test_after_a_closing_frame_nothing_leaves(ws: Socket, reader: socket.socket) -> None:
    for data in (b"\x81\x02hi", CLOSING, b"\x81\x02no", CLOSING):
        assert ws.send(data) == len(data)
    ws.close()
    assert b"".join(iter(lambda: reader.recv(100), b"")) == b"\x81\x02hi" + CLOSING


def test_a_closing_frame_behind_a_pong_is_the_last_one_too(ws: Socket, reader: socket.socket) -> None:
    ws.send(PONG + CLOSING)
    ws.send(PONG)
    ws.hang_up()
    assert b"".join(iter(lambda: reader.recv(100), b"")) == PONG + CLOSING


def test_after_the_last_words_nothing_is_read(ws: Socket, reader: socket.socket) -> None:
    ws.refuse(1008)
    reader.sendall(b"\x81\x80masked")
    assert ws.recv(100) == b""


def test_the_library_reads_what_came_before_a_fault_and_then_the_end(ws: Socket, reader: socket.socket) -> None:
    good, far = frame(TEXT, b"hello"), head(TEXT, 101)
    reader.sendall(good + far)
    assert ws.recv(100) == good and not ws.over
    assert ws.recv(100) == b"" and ws.over
    assert reader.recv(100)[2:4] == (1009).to_bytes(2, "big")


def test_pings_over_the_bound_are_answered_by_errors_and_then_the_end(ws: Socket, reader: socket.socket) -> None:
    reader.sendall(frame(PING) * 20)
    assert ws.recv(1000) == frame(PING) * 14, "all that did not end it"
    assert ws.recv(1000) == b""
    said = reader.recv(10_000)
    assert said.count(b'"status":429') == 10 and b"\x88" in said and (1008).to_bytes(2, "big") in said


def test_a_connection_that_ends_waits_for_the_client_and_drops_what_it_says(ws: Socket, reader: socket.socket) -> None:
    """With something unread, the kernel would reset the connection, and the closing frame might never be read."""
    let_go = threading.Event()
    ws.on_close = let_go.set
    ws.send(CLOSING)
    ender = threading.Thread(target=ws.close)
    ender.start()
    assert b"".join(iter(lambda: reader.recv(100), b"")) == CLOSING, "and that there is no more"
    reader.sendall(bytes(10_000))
    reader.close()
    ender.join(PATIENCE)
    assert let_go.is_set()


def test_who_goes_on_after_the_end_is_not_heard_for_ever(ws: Socket, reader: socket.socket) -> None:
    ws.send(CLOSING)
    ender = threading.Thread(target=ws.close)
    ender.start()
    with pytest.raises(OSError):
        for _ in range(2 * LAST_BYTES // 1000):
            reader.sendall(bytes(1000))
    ender.join(PATIENCE)


def test_a_client_that_is_quiet_is_pinged_before_a_heartbeat_is_over(ws: Socket, reader: socket.socket) -> None:
    start = time.monotonic()
    ws.beat(start + 11, HEARTBEAT)
    ws.put(b"nothing so far, ")
    ws.beat(start + 13, HEARTBEAT)
    assert reader.recv(100) == b"nothing so far, \x89\0"


def test_whatever_a_client_says_answers_a_ping(ws: Socket, reader: socket.socket) -> None:
    ws.beat(time.monotonic(), 0.0)
    reader.sendall(b"well?")
    assert ws.recv(100) == b"well?"
    ws.beat(time.monotonic() + 5, HEARTBEAT)
    assert not ws.over


def test_a_ping_without_an_answer_closes_within_20_seconds(ws: Socket, reader: socket.socket) -> None:
    start = time.monotonic()
    for second in range(1, 20):
        ws.beat(start + second, HEARTBEAT)
    assert ws.over and ws.was_cut
    received = reader.recv(100)
    assert received.startswith(b"\x89\0\x88") and b"\x03\xf0No pong came." in received, "1008"


def test_a_stream_that_is_quiet_says_a_comment_before_a_heartbeat_is_over(
    stream: Stream, reader: socket.socket
) -> None:
    start = time.monotonic()
    stream.put(b"news")
    for second in (0, 11, 13):
        stream.beat(start + second, HEARTBEAT)
    assert reader.recv(100) == b"news:\n\n"


def test_a_stream_that_ends_wakes_whoever_waits_and_can_still_say_goodbye(
    stream: Stream, pair: tuple[socket.socket, socket.socket]
) -> None:
    stream.end(1012)
    stream.wait()
    pair[0].sendall(b"0\r\n\r\n")
    assert pair[1].recv(100) == b"0\r\n\r\n", "the server's own last chunk"


def test_a_stream_whose_client_went_is_over(stream: Stream, reader: socket.socket) -> None:
    reader.close()
    stream.wait()


def test_when_a_client_says_something_its_stream_is_over_and_no_event_comes_after_it(
    pair: tuple[socket.socket, socket.socket], reader: socket.socket
) -> None:
    app = create_app(["sse"], open_store("memory", 10))
    environ = {"gunicorn.socket": pair[0], "SERVER_PROTOCOL": "HTTP/1.1"}
    with app.test_request_context("/rooms/tea/events", environ_overrides=environ):
        body = connections.stream(app.fanout, "tea", (None, 0), EVENTS, b"retry: 1\n\n", b":\n\n")
        assert next(body) == b"retry: 1\n\n"
        reader.sendall(b"GET ")
        followed: list[Stream] = []
        app.fanout.on_open = lambda transport: followed.extend(app.fanout.outboxes)
        assert list(body) == []
    (outbox,) = followed
    outbox.put(b"data: late\n\n")
    reader.setblocking(False)
    with pytest.raises(BlockingIOError):
        reader.recv(100)


def test_several_events_are_one_chunk() -> None:
    assert chunk([b"data: 1\n\n", b"data: 2\n\n"]) == b"12\r\ndata: 1\n\ndata: 2\n\n\r\n"


class Connection:
    """What `closing` asks of the library: an event that ends it, a thread that reads, and the socket."""

    def __init__(self, sock: Socket) -> None:
        self.sock = sock
        self.event = threading.Event()
        self.thread = SimpleNamespace(join=lambda seconds: None, is_alive=lambda: True)


@pytest.mark.parametrize(
    ("failure", "said"),
    [(ConnectionClosed(), b""), (LocalProtocolError(), b""), (ValueError("x"), b"\x88\x02\x03\xf3")],
    ids=["closed", "closing", "1011"],
)
def test_a_conversation_that_fails_says_so(
    failure: Exception, said: bytes, ws: Socket, reader: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    def converse(ws: Connection, room: str) -> None:
        raise failure

    app = create_app(["websocket"], open_store("memory", 10))
    with app.test_request_context(), caplog.at_level(logging.ERROR):
        closing(converse)(Connection(ws), "room")
    assert reader.recv(100) == said
    assert ("A WebSocket failed." in caplog.text) == bool(said)
    assert not len(app.fanout)


def test_nothing_of_a_websocket_is_left_for_the_collector_to_find_among_what_is_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held: list[weakref.ref[object]] = []

    class Watched(simple_websocket.Server):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            held.extend(weakref.ref(one) for one in (self, self.ws.handshake.connection._proto))

    monkeypatch.setattr(flask_sock, "Server", Watched)
    server = make_server("127.0.0.1", 0, create_app(["websocket"], open_store("memory", 10)), threaded=True)
    threading.Thread(target=server.serve_forever).start()
    with socket.create_connection(server.server_address, PATIENCE) as client:
        lines = ["GET /rooms/a/socket HTTP/1.1", "Host: localhost", *map(": ".join, HANDSHAKE.items()), "", ""]
        client.sendall("\r\n".join(lines).encode())
        said = b""
        while b"ready" not in said:
            said += client.recv(4096)
        gc.collect()  # all of it is old now
    until(lambda: gc.collect(0) >= 0 and not any(one() for one in held))
    server.shutdown()
    server.server_close()
    assert len(held) == 2
