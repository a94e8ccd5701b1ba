"""loadtests/tls.py: what crosses, what waits and what ends, against Python's own TLS."""

import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import authority
from loadtests import sockets, tls
from tests.loadtests.answering import answering
from tests.processes import PATIENCE, until

linux = pytest.mark.skipif(not sockets.tcp_info_supported(), reason="this system's kernel does not count by connection")


@pytest.fixture(scope="module")
def signed(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> authority.Authority:
    tool("openssl")
    return authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def echo(signed: authority.Authority) -> Iterator[sockets.Address]:
    """A server by TLS that answers each piece three times over, and closes when the client does, or says `bye`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed.certificate, signed.key)
    context.set_alpn_protocols(["h2", "http/1.1"])

    def answer(plain: socket.socket) -> None:
        try:
            with context.wrap_socket(plain, server_side=True) as connection:
                while (data := connection.recv(65_536)) and data != b"bye":
                    connection.sendall(data * 3)
        except OSError:
            pass  # a client that does not trust it, or has gone

    with answering(answer) as address:
        yield sockets.look_up(*address)


def registry(ca: Path, protocol: str = "http/1.1") -> sockets.Sockets:
    return sockets.Sockets(tls.opener(ca.read_text(), "127.0.0.1", protocol))


def received(sock: sockets.MeteredSocket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        found += sock.recv()
    return found


@linux
@pytest.mark.parametrize("size", [1, 1_448, 16_384, 16_385, 100_000])
def test_text_comes_whole_and_socket_bytes_are_exactly_those_the_kernel_counted(
    echo: sockets.Address, signed: authority.Authority, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    last: list[sockets.TcpInfo | None] = []
    ask = sockets.tcp_info
    monkeypatch.setattr(sockets, "tcp_info", lambda sock: last.append(ask(sock)) or last[-1])
    opened = registry(signed.ca)
    sock = opened.open(echo, user=0, role="both")
    sock.send(b"x" * size)
    assert received(sock, 3 * size) == b"x" * 3 * size
    opened.drain()
    kernel = last[-1]
    assert sock.complete and kernel
    assert sock.final.socket_up == kernel.bytes_sent - kernel.bytes_retransmitted > size
    assert sock.final.socket_down == kernel.bytes_received - 1 > 3 * size  # the FIN counts as one


def test_a_piece_is_read_without_waiting_and_nothing_waits_unseen(
    echo: sockets.Address, signed: authority.Authority
) -> None:
    opened, heard = registry(signed.ca), bytearray()
    sock = opened.open(echo, user=0, role="both")
    line = opened.watch(sock, lambda data, _: heard.extend(data))
    sock.send(b"x" * 25_000)
    while len(heard) < 75_000:
        sockets.gevent.sleep(0.001)
    assert heard == b"x" * 75_000 and not line.ended.ready()
    opened.drain()


def test_tickets_for_the_next_time_do_not_make_a_connection_unfit(
    echo: sockets.Address, signed: authority.Authority
) -> None:
    opened = registry(signed.ca)
    sock = opened.open(echo, user=0, role="both")
    shaken = sock.socket_down
    until(lambda: bool(sock.idle() and sock.socket_down > shaken), PATIENCE)  # the tickets have come, and were read
    assert sock.idle()
    opened.drain()
    assert not sock.idle()


def test_one_that_the_server_ended_is_not_used_again(echo: sockets.Address, signed: authority.Authority) -> None:
    sock = registry(signed.ca).open(echo, user=0, role="both")
    sock.send(b"bye")
    assert sock.recv() == b""
    assert not sock.idle()
    sock.finish(1)


@pytest.mark.parametrize("protocol", ["h2", "http/1.1"])
def test_it_speaks_what_was_agreed(echo: sockets.Address, signed: authority.Authority, protocol: str) -> None:
    opened = registry(signed.ca, protocol)
    assert tls.agreed(opened.open(echo, user=0, role="both")) == protocol
    opened.drain()


def test_a_server_whose_authority_is_not_trusted_is_an_error_and_leaves_no_socket_open(
    echo: sockets.Address, signed: authority.Authority, tmp_path: Path
) -> None:
    opened = registry(authority.make(tmp_path).ca)
    with pytest.raises(OSError, match="certificate verify failed"):
        opened.open(echo, user=0, role="both")
    assert [sock.sock.fileno() for sock in opened] == [-1]
