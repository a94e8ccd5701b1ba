"""A line to a server: cut, mended, and cut in the middle of what the server says."""

import socket

from lab.grader.ours import Line
from lab.grader.story import Story

PATIENCE = 5  # seconds


def connected(line):
    return socket.create_connection(("127.0.0.1", line.port), PATIENCE)


def all_of(client):
    """What comes until the connection ends, however it does."""
    came = b""
    try:
        while piece := client.recv(100):
            came += piece
    except ConnectionResetError:
        pass
    return came


def test_a_line_is_cut_right_behind_a_text_and_refuses_until_it_is_mended():
    with socket.create_server(("127.0.0.1", 0)) as server, Line(server.getsockname()[1], Story()) as line:
        line.cut_at(b"hell")
        with connected(line) as client:
            peer, _ = server.accept()
            peer.sendall(b"say he")
            assert client.recv(6, socket.MSG_WAITALL) == b"say he"
            peer.sendall(b"llo")
            assert all_of(client) == b"ll"
        assert not line.tried(1, 0)
        with connected(line) as client:
            assert all_of(client) == b""
        assert line.tried(1, PATIENCE) and not line.tried(2, 0)
        line.mend()
        with connected(line) as client:
            peer, _ = server.accept()
            peer.sendall(b"hello")
            assert client.recv(5, socket.MSG_WAITALL) == b"hello"


def test_a_line_ends_what_goes_through_it_when_it_is_cut():
    with socket.create_server(("127.0.0.1", 0)) as server, Line(server.getsockname()[1], Story()) as line:
        with connected(line) as client:
            peer, _ = server.accept()
            client.sendall(b"hello")
            assert peer.recv(5, socket.MSG_WAITALL) == b"hello"
            line.cut()
            assert all_of(client) == b"" and all_of(peer) == b""
        assert len(line.opened) == 1


def test_a_line_that_flaps_takes_every_connection_and_ends_it_behind_a_text():
    with socket.create_server(("127.0.0.1", 0)) as server, Line(server.getsockname()[1], Story()) as line:
        line.flap(b"\n\n")
        for times in (1, 2):
            with connected(line) as client:
                client.sendall(b"GET /sse/ HTTP/1.1")
                peer, _ = server.accept()
                assert peer.recv(3, socket.MSG_WAITALL) == b"GET"
                peer.sendall(b"id:\n\nid: 7")
                assert all_of(client) == b"id:\n\n"
            assert line.tried(times, PATIENCE) and not line.tried(times + 1, 0) and line.asked.startswith(b"GET /sse/")
        line.mend()
        with connected(line) as client:
            peer, _ = server.accept()
            peer.sendall(b"id:\n\nid: 7")
            assert client.recv(10, socket.MSG_WAITALL) == b"id:\n\nid: 7"


def test_a_connection_that_came_just_before_a_line_flaps_ends_with_the_others():
    class Late(Story):
        """At the first connection its line flaps: it was let in, and is not led on yet."""

        def tell(self, teller, text, hearer=""):
            if text == "a connection is opened" and not self.steps:
                super().tell(teller, text, hearer)
                line.flap(b"\n\n")

    with socket.create_server(("127.0.0.1", 0)) as server, Line(server.getsockname()[1], Late()) as line:
        with connected(line) as client:
            assert all_of(client) == b""
        assert len(line.opened) == 1 and not line.tried(1, 0)
