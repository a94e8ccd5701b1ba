"""loadtests/sockets.py: our counts against the kernel's."""

import socket
from collections.abc import Iterator

import pytest

from loadtests import sockets
from tests.loadtests.answering import answering

linux = pytest.mark.skipif(not sockets.tcp_info_supported(), reason="this system's kernel does not count by connection")


def answer(connection: socket.socket) -> None:
    with connection:
        data = b"".join(iter(lambda: connection.recv(65536), b""))
        connection.sendall(data * 3)


@pytest.fixture
def echo() -> Iterator[sockets.Address]:
    """A server that answers each connection's bytes, once it has them all, three times over."""
    with answering(answer) as address:
        yield sockets.look_up(*address)


@linux
@pytest.mark.parametrize("size", [0, 1, 1448, 1449, 100_000])
def test_socket_bytes_are_exactly_those_the_kernel_counted(
    echo: sockets.Address, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    last: list[sockets.TcpInfo | None] = []
    ask = sockets.tcp_info
    monkeypatch.setattr(sockets, "tcp_info", lambda sock: last.append(ask(sock)) or last[-1])
    registry = sockets.Sockets()
    sock = registry.open(echo, user=0, role="both")
    sock.send(b"x" * size)
    registry.drain()
    kernel = last[-1]
    assert sock.complete and kernel
    assert sock.final.socket_up == size == kernel.bytes_sent - kernel.bytes_retransmitted
    assert sock.final.socket_down == 3 * size == kernel.bytes_received - 1  # the FIN counts as one


@linux
def test_a_connection_that_says_nothing_still_costs_its_packets(echo: sockets.Address) -> None:
    registry = sockets.Sockets()
    sock = registry.open(echo, user=0, role="both")
    registry.drain()
    # up: SYN, ACK, FIN, ACK of the server's FIN; down: SYN-ACK, ACK of our FIN and FIN, which may share a packet
    assert sock.final.ip_up == 4 * 52 + 8
    assert sock.final.ip_down in (2 * 52 + 8, 3 * 52 + 8)


def test_the_formula_follows_the_headers() -> None:
    info = sockets.TcpInfo(sockets.CLOSED, True, 5, 4, 1000, 2001, 0)
    assert sockets.ip_bytes(info, fin_received=True, ipv6=False) == (1000 + 5 * 52 + 8, 2000 + 4 * 52 + 8)
    assert sockets.ip_bytes(info, fin_received=True, ipv6=True) == (1000 + 5 * 72 + 8, 2000 + 4 * 72 + 8)
    bare = info._replace(timestamps=False)
    assert sockets.ip_bytes(bare, fin_received=False, ipv6=False) == (1000 + 5 * 40 + 12, 2001 + 4 * 40 + 12)


def test_a_window_holds_what_passed_between_its_ends(echo: sockets.Address) -> None:
    registry = sockets.Sockets()
    early = registry.open(echo, user=0, role="both")
    early.send(b"before")
    registry.begin_window()
    early.send(b"inside")
    inside = registry.open(echo, user=1, role="both")
    inside.send(b"all of it")
    registry.end_window()
    early.send(b"after")
    registry.drain()
    assert early.end.since(early.begin).socket_up == len("inside")
    assert inside.begin is None and inside.end.socket_up == len("all of it")
    assert early.final.socket_up == len("beforeinsideafter")


def test_a_connection_that_the_server_ended_is_not_used_again(echo: sockets.Address) -> None:
    sock = sockets.Sockets().open(echo, user=0, role="send")
    assert sock.idle()
    sock.sock.shutdown(socket.SHUT_WR)
    while sock.recv():
        pass
    assert not sock.idle()
    sock.finish(1)


def test_without_tcp_info_the_ip_layer_is_not_measured(echo: sockets.Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "tcp_info_supported", lambda: False)
    registry = sockets.Sockets()
    sock = registry.open(echo, user=0, role="both")
    registry.begin_window()
    sock.send(b"hello")
    registry.end_window()
    registry.drain()
    assert sock.final == sockets.Counts(0, 0, 5, 15, None, None, None)
    assert sock.end.since(sock.begin).ip_up is None


def test_a_server_that_is_not_there_is_an_error_and_leaves_no_socket_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = sockets.look_up(*listener.getsockname())
    registry = sockets.Sockets()
    with pytest.raises(ConnectionRefusedError):
        registry.open(address, user=0, role="send")
    assert [sock.sock.fileno() for sock in registry] == [-1]
    assert not next(iter(registry)).complete


def test_who_waits_at_most_so_long_waits_no_longer_after_it_was_asked_whether_it_is_idle(echo: sockets.Address) -> None:
    registry = sockets.Sockets()
    sock = registry.open(echo, user=0, role="send")
    sock.wait_at_most(0.05)
    for _ in range(2):
        assert sock.idle()
        with pytest.raises(TimeoutError):
            sock.recv()  # the server waits for our end
    registry.drain()
