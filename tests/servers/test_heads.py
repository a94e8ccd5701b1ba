"""The requests of a connection, as gunicorn's parser reads them here."""

import socket

import pytest

pytest.importorskip("gunicorn.config", reason="gunicorn does not run here", exc_type=ImportError)

from gunicorn.config import Config

from servers.engines.heads import Heads
from tests.processes import PATIENCE


def test_a_connection_goes_on_if_the_last_answer_said_so_though_the_server_begins_to_end() -> None:
    """Closed with a question unread it would be reset, and that answer with it."""
    ending = False
    client, served = socket.socketpair()
    with client, served:
        heads = Heads(Config(), served, ("127.0.0.1", 1), PATIENCE, lambda: ending)
        client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2)
        first = heads.following()
        assert first and not first.should_close()
        ending = True
        assert not first.should_close()
        second = heads.following()
        assert second and second.should_close()
        assert heads.following() is None
