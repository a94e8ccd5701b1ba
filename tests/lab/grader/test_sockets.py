"""A checker's WebSocket: how it begins, and how it says that it ended."""

import socket
import threading
import warnings
from contextlib import contextmanager

import pytest
from websockets.sync.server import serve

from lab.grader.clients import Client
from lab.grader.sockets import Socket
from lab.grader.story import Story

ENDINGS = {
    "a close with 4401": lambda peer: peer.close(4401),
    "a connection that ended without a closing frame": lambda peer: peer.socket.shutdown(socket.SHUT_RDWR),
    "a socket that stays open, and nothing said": lambda peer: peer.recv(),
}


@contextmanager
def server(does):
    """The port of a server that does this with whoever comes."""
    with serve(does, "127.0.0.1", 0) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield listening.socket.getsockname()[1]
        listening.shutdown()


def opened(port):
    return Socket(Client("Ada", port, "lobby", Story(), lambda: None), "/rooms/{room}/socket")


@pytest.mark.parametrize("ending", ENDINGS)
def test_it_says_how_it_ended(ending):
    with server(ENDINGS[ending]) as port:
        ada = opened(port)
        assert ada.receive(within=0.2 if "open" in ending else 5.0) is None
        assert ada.ending == ending
        ada.close()


def test_it_sends_what_is_no_message_and_warns_of_nothing():
    heard = []
    with server(lambda peer: heard.extend(peer)) as port, warnings.catch_warnings():
        warnings.simplefilter("error")
        ada = opened(port)
        for frame in ("hello", b"\x00\xff"):
            ada.say(frame)
        ada.send(type="auth")
        ada.close()
    assert heard == ["hello", b"\x00\xff", '{"type": "auth"}']
