"""Whether a client is still there, asked of real connections."""

import socket
from collections.abc import Iterator

import pytest

from servers.held import is_gone


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as theirs:
        ours, _ = listener.accept()
        with ours:
            yield ours, theirs


@pytest.mark.parametrize("seconds", [None, 600, 0])
def test_a_client_that_says_nothing_is_there_and_nobody_waits(
    pair: tuple[socket.socket, socket.socket], seconds: float | None
) -> None:
    ours, theirs = pair
    ours.settimeout(seconds)
    assert not is_gone(ours)
    theirs.close()
    assert is_gone(ours)
    assert ours.gettimeout() == seconds and ours.fileno() > 0, "the socket is as it was"


def test_what_a_client_has_said_is_left_to_be_read(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.sendall(b"next")
    assert not is_gone(ours)
    assert ours.recv(100) == b"next"


def test_a_client_that_broke_off_is_gone(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    ours.sendall(b"never read, so that its close is a reset")
    theirs.recv(1)
    theirs.close()
    assert is_gone(ours)
