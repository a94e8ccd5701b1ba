"""What the libraries do by themselves, as lessons/reference/websocket-conformance.md reports it.

When a test here fails, a new version has mended something: then the report goes, and perhaps what works around it.
"""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import simple_websocket.ws
from simple_websocket import ConnectionClosed, Server
from wsproto import ConnectionType
from wsproto.connection import Connection
from wsproto.events import CloseConnection
from wsproto.extensions import PerMessageDeflate
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from tests.processes import PATIENCE
from tests.servers.conformance import PAGE
from tests.servers.conformance.wire import TEXT, close, frame, head, text
from tests.servers.contract.clients import HANDSHAKE


@pytest.fixture(autouse=True)
def as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its own compression, where `servers.connections` has put another in its place."""
    monkeypatch.setattr(simple_websocket.ws, "PerMessageDeflate", PerMessageDeflate)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(PATIENCE)
        yield ours, theirs


def accept(ours: socket.socket, **options: Any) -> Server:
    """The library's server on a connection. What the client has sent before is read when it starts.

    Options in capitals change the handshake's environ: None takes one away.
    """
    changes = {name: options.pop(name) for name in list(options) if name.isupper()}
    fields = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in HANDSHAKE.items()}
    environ = {"werkzeug.socket": ours, "REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "x", **fields}
    environ = {name: value for name, value in (environ | changes).items() if value is not None}
    return Server.accept(environ, **options)


def answer(theirs: socket.socket) -> bytes:
    """What comes after the handshake, to the end."""
    received = b"".join(iter(lambda: theirs.recv(4096), b""))
    return received.partition(b"\r\n\r\n")[2]


def test_the_longest_message_is_counted_in_characters(pair: tuple[socket.socket, socket.socket]) -> None:
    ws = accept(pair[0], max_message_size=100)
    pair[1].sendall(text("€".encode() * 100))
    assert ws.receive(PATIENCE) == "€" * 100


def test_a_length_that_is_merely_declared_is_waited_for(pair: tuple[socket.socket, socket.socket]) -> None:
    accept(pair[0], max_message_size=100)
    pair[1].sendall(head(TEXT, 1 << 30) + bytes(4))
    pair[1].shutdown(socket.SHUT_WR)
    assert answer(pair[1]) == b"", "no closing frame"


def test_a_connection_with_something_unread_is_reset(pair: tuple[socket.socket, socket.socket]) -> None:
    pair[1].sendall(frame(0x3) + text(b"x" * 100) * 200)
    accept(pair[0])
    with pytest.raises(ConnectionResetError):
        answer(pair[1])


class Event(threading.Event):
    """An event whose setter is overtaken: it goes on when the other has seen it, and waits again."""

    def __init__(self) -> None:
        super().__init__()
        self.waits, self.waiting = 0, threading.Condition()

    def wait(self, timeout: float | None = None) -> bool:
        with self.waiting:
            self.waits += 1
            self.waiting.notify_all()
        return super().wait(timeout)

    def set(self) -> None:
        with self.waiting:
            assert self.waiting.wait_for(lambda: self.waits >= 1, PATIENCE)
            super().set()
            assert self.waiting.wait_for(lambda: self.waits >= 2, PATIENCE)


def test_a_handler_waits_for_ever_after_a_message_that_is_too_long(pair: tuple[socket.socket, socket.socket]) -> None:
    ws = accept(pair[0], max_message_size=100, event_class=Event)

    def handle() -> None:
        with pytest.raises(ConnectionClosed):
            ws.receive()

    handler = threading.Thread(target=handle, daemon=True)
    handler.start()
    pair[1].sendall(text(b"x" * 101))
    ws.thread.join(PATIENCE)
    assert not ws.connected and not ws.event.is_set() and handler.is_alive(), "nobody is left to wake it"
    threading.Event.set(ws.event)  # as this project does
    handler.join(PATIENCE)
    assert not handler.is_alive()


def test_a_connection_that_was_closed_comes_back_to_life(pair: tuple[socket.socket, socket.socket]) -> None:
    ws = accept(pair[0])
    ws.close()
    assert not ws.connected
    pair[1].sendall(text(b"late"))
    assert ws.event.wait(PATIENCE)
    assert ws.receive() == "late"


def test_who_sends_while_the_client_closes_gets_the_error_of_the_layer_below(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ws = accept(pair[0])
    ws.ws.receive_data(close(1000))
    next(ws.ws.events())  # the library's thread, before it says that it is not connected
    with pytest.raises(LocalProtocolError):
        ws.send("hello")


@pytest.mark.parametrize(
    ("fields", "failure"),
    [
        ({"HTTP_HOST": None}, RemoteProtocolError),
        ({"HTTP_HOST": "\xe9"}, UnicodeDecodeError),
        ({"HTTP_CONNECTION": "Upgrade, \xe9"}, UnicodeDecodeError),
        ({"HTTP_SEC_WEBSOCKET_PROTOCOL": "\xe9"}, UnicodeDecodeError),
    ],
)
def test_a_broken_handshake_is_an_exception_and_no_answer(
    pair: tuple[socket.socket, socket.socket], fields: dict[str, str | None], failure: type[Exception]
) -> None:
    with pytest.raises(failure):
        accept(pair[0], **fields)
    pair[1].setblocking(False)
    with pytest.raises(BlockingIOError):
        pair[1].recv(100)


def test_the_code_1014_is_taken_for_a_fault() -> None:
    connection = Connection(ConnectionType.SERVER)
    connection.receive_data(close(1014))
    (event,) = connection.events()
    assert isinstance(event, CloseConnection) and event.code == 1002


def test_each_of_these_is_in_the_documentation() -> None:
    page = PAGE.read_text(encoding="utf-8")
    tests = [name for name in globals() if name.startswith("test_")]
    assert all(f"`{name}`" in page for name in tests if name != "test_each_of_these_is_in_the_documentation")
