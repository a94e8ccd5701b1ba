"""loadtests/reactor.py, and what stands in for it where there is no epoll: the same for whoever uses them."""

import socket
from collections.abc import Callable, Iterator

import gevent
import pytest

from loadtests import reactor, sockets

PATIENCE = 10  # seconds

Received = list[tuple[bytes, int]]


@pytest.fixture(params=["epoll", "a greenlet each"])
def registry(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[sockets.Sockets]:
    if request.param != "epoll":
        monkeypatch.setattr(reactor, "epoll_supported", lambda: False)
    elif not reactor.epoll_supported():
        pytest.skip("this system has no epoll")
    gevent.sleep(0)  # its clock is that of the loop's last turn
    registry = sockets.Sockets()
    assert isinstance(registry.reactor, reactor.Reactor) == (request.param == "epoll")
    yield registry
    for sock in registry:
        registry.forget(sock)
        sock.sock.close()
    registry.reactor.close()


Connect = Callable[[], tuple[sockets.MeteredSocket, socket.socket]]


@pytest.fixture
def connect(registry: sockets.Sockets) -> Iterator[Connect]:
    """Makes a connection: our end, and the server's."""
    servers = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = sockets.look_up(*listener.getsockname())

        def pair() -> tuple[sockets.MeteredSocket, socket.socket]:
            sock = registry.open(address, user=0, role="both")
            servers.append(listener.accept()[0])
            return sock, servers[-1]

        yield pair
        for server in servers:
            server.close()


def until(condition: Callable[[], object]) -> None:
    with gevent.Timeout(PATIENCE):
        while not condition():
            gevent.sleep(0.001)


def joined(received: Received) -> bytes:
    return b"".join(data for data, _ in received)


def test_what_comes_is_taken_in_order_with_its_moment_until_the_end(
    registry: sockets.Sockets, connect: Connect
) -> None:
    received: Received = []
    sock, server = connect()
    line = registry.watch(sock, lambda *piece: received.append(piece))
    for n in range(100):
        server.sendall(b"%03d" % n)
        if n % 10 == 0:
            gevent.sleep(0)
    server.close()
    with gevent.Timeout(PATIENCE), pytest.raises(ConnectionError, match="the server closed the connection"):
        line.wait()
    assert joined(received) == b"".join(b"%03d" % n for n in range(100))
    moments = [moment for _, moment in received]
    assert moments == sorted(moments) and moments[0] > sock.opened_ns
    assert sock.socket_down == 300 and sock.eof


def test_a_connection_that_was_reset_says_so(registry: sockets.Sockets, connect: Connect) -> None:
    sock, server = connect()
    line = registry.watch(sock, lambda data, received_ns: None)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    server.close()
    with gevent.Timeout(PATIENCE), pytest.raises(ConnectionResetError):
        line.wait()


def test_an_error_over_a_piece_ends_its_line_alone(registry: sockets.Sockets, connect: Connect) -> None:
    received: Received = []

    def fail(data: bytes, received_ns: int) -> None:
        raise ValueError("not what was expected")

    (bad, to_bad), (good, to_good) = connect(), connect()
    line = registry.watch(bad, fail)
    registry.watch(good, lambda *piece: received.append(piece))
    to_bad.sendall(b"x")
    with gevent.Timeout(PATIENCE), pytest.raises(ValueError, match="not what was expected"):
        line.wait()
    to_bad.sendall(b"more")
    to_good.sendall(b"y")
    until(lambda: joined(received) == b"y")


def test_what_was_read_is_taken_before_it_is_forgotten_and_nothing_after(
    registry: sockets.Sockets, connect: Connect
) -> None:
    received: Received = []
    sock, server = connect()
    registry.watch(sock, lambda *piece: received.append(piece))
    server.sendall(b"before")
    until(lambda: sock.socket_down)
    registry.forget(sock)
    assert joined(received) == b"before"
    server.sendall(b"after")
    assert sock.recv() == b"after"
    registry.forget(sock)  # again, which does nothing


def test_silence_beyond_a_sockets_patience_is_an_error(registry: sockets.Sockets, connect: Connect) -> None:
    sock, server = connect()
    sock.sock.settimeout(0.05)
    line = registry.watch(sock, lambda data, received_ns: None)
    server.sendall(b"one word, and never another")
    with gevent.Timeout(PATIENCE), pytest.raises(TimeoutError):
        line.wait()


def test_more_than_may_be_put_aside_is_taken_all_the_same(
    registry: sockets.Sockets, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reactor, "MOST_ASIDE", 1)
    received: Received = []
    pairs = [connect() for _ in range(10)]
    for sock, _ in pairs:
        registry.watch(sock, lambda *piece: received.append(piece))
    for round in range(3):
        for _, server in pairs:
            server.sendall(b"x")
        until(lambda round=round: len(joined(received)) == 10 * (round + 1))


@pytest.mark.skipif(not reactor.epoll_supported(), reason="nothing is put aside without epoll")
def test_a_window_counts_what_was_read_and_not_yet_taken() -> None:
    registry = sockets.Sockets()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sock = registry.open(sockets.look_up(*listener.getsockname()), user=0, role="both")

        def take(data: bytes, received_ns: int) -> None:
            sock.payload_down += len(data)

        line = registry.watch(sock, take)
        registry.reactor.aside.append((line, 1, b"five!"))
        registry.begin_window()
        assert sock.begin.payload_down == 5
        registry.forget(sock)
        sock.sock.close()
        registry.reactor.close()
