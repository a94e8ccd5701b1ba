"""One writer at a time, whole frames only: over a pair of real sockets."""

import logging
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from simple_websocket import ConnectionClosed

from servers.app import create_app
from servers.fanout import Outbox, closing
from servers.stores import open_store
from tests.processes import PATIENCE

FRAME = 1 << 20  # bytes; more than a socket's buffers hold, so that a send has to wait for the reader
CLOSING = bytes([0x88, 0x02, 0x03, 0xE8])  # RFC 6455 section 5.5.1: FIN, opcode 8, the code 1000


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(PATIENCE)
        yield ours, theirs


def test_frames_of_many_writers_leave_whole(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    outbox, writers = Outbox(ours), b"abcd"
    with ThreadPoolExecutor() as pool:
        sending = [pool.submit(outbox.send, bytes([writer]) * FRAME) for writer in writers]
        received = bytearray()
        while len(received) < FRAME * len(writers):
            received += theirs.recv(FRAME)
        assert [sent.result(PATIENCE) for sent in sending] == [FRAME] * len(writers)
    frames = [bytes(received[start : start + FRAME]) for start in range(0, len(received), FRAME)]
    assert sorted(frames) == [bytes([writer]) * FRAME for writer in writers]


def test_after_a_closing_frame_nothing_leaves(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    outbox = Outbox(ours)
    for frame in (b"\x81\x02hi", CLOSING, b"\x81\x02no", CLOSING):
        assert outbox.send(frame) == len(frame)
    outbox.close()
    assert b"".join(iter(lambda: theirs.recv(100), b"")) == b"\x81\x02hi" + CLOSING


class Connection:
    """What `closing` asks of a connection: to close with a code, and to wait for the other side."""

    def __init__(self) -> None:
        self.codes: list[int] = []
        self.thread = SimpleNamespace(join=lambda seconds: None)

    def close(self, code: int, message: str = "") -> None:
        self.codes.append(code)


@pytest.mark.parametrize(("failure", "codes"), [(None, [1012]), (ConnectionClosed(), []), (ValueError("x"), [1011])])
def test_a_conversation_ends_with_the_code_that_says_why(
    failure: Exception | None, codes: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    def converse(ws: Connection, room: str) -> None:
        if failure:
            raise failure

    connection = Connection()
    with create_app(["websocket"], open_store("memory", 10)).app_context(), caplog.at_level(logging.ERROR):
        closing(converse)(connection, "room")
    assert connection.codes == codes
    assert ("A WebSocket failed." in caplog.text) == (codes == [1011])
