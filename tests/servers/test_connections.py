"""A WebSocket and a stream: what keeps each alive, what ends it, and how the library's handler comes home."""

import logging
import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from simple_websocket import ConnectionClosed

from servers.app import create_app
from servers.connections import Socket, Stream, chunk, closing
from servers.stores import open_store
from tests.processes import PATIENCE

HEARTBEAT = 15.0  # seconds
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
    return Socket(pair[0])


@pytest.fixture
def stream(pair: tuple[socket.socket, socket.socket]) -> Stream:
    return Stream(pair[0], b":\n\n")


def test_after_a_closing_frame_nothing_leaves(ws: Socket, reader: socket.socket) -> None:
    for frame in (b"\x81\x02hi", CLOSING, b"\x81\x02no", CLOSING):
        assert ws.send(frame) == len(frame)
    ws.close()
    assert b"".join(iter(lambda: reader.recv(100), b"")) == b"\x81\x02hi" + CLOSING


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


def test_several_events_are_one_chunk() -> None:
    assert chunk([b"data: 1\n\n", b"data: 2\n\n"]) == b"12\r\ndata: 1\n\ndata: 2\n\n\r\n"


class Connection:
    """What `closing` asks of a connection: to close with a code, and to wait for the other side."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.thread = SimpleNamespace(join=lambda seconds: None)
        self.sock = SimpleNamespace(close=lambda: None)

    def close(self, code: int) -> None:
        self.codes.append(code)


@pytest.mark.parametrize(("failure", "codes"), [(ConnectionClosed(), []), (ValueError("x"), [1011])])
def test_a_conversation_that_fails_says_so(
    failure: Exception, codes: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    def converse(ws: Connection, room: str) -> None:
        raise failure

    connection = Connection()
    with create_app(["websocket"], open_store("memory", 10)).app_context(), caplog.at_level(logging.ERROR):
        closing(converse)(connection, "room")
    assert connection.codes == codes
    assert ("A WebSocket failed." in caplog.text) == (codes == [1011])
