"""TCP sockets that are metered at three layers, in both directions, each counted on its own.

payload   the text of the messages, in UTF-8
socket    what the program wrote and read
ip        what went over the wire as IP packets, headers, handshake and acknowledgements included, from the kernel's
          own count (TCP_INFO in linux/tcp.h); None where the system has none

Up is from client to server. A socket's final figures are read after both sides have sent their FIN and before the
descriptor is closed: only then are they whole. Without retransmissions the IP figures are exact. When the server
resends what the client already has, the client's kernel counts the segment's headers but not its data, nor the 12
bytes by which each acknowledgement of it is longer; so on a lossy link ip_down is a lower bound.
"""

import contextlib
import socket as stdlib_socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import gevent
from gevent import socket
from gevent.exceptions import ConcurrentObjectUseError  # somebody reads it yet: at the end of a run
from gevent.lock import Semaphore

from loadtests.reactor import Line, Take, reactor

MAXIMUM_SEGMENT = 1460  # that of an Ethernet: loopback's own of 64 KiB would hide most packets of a large answer
TIMEOUT = 60.0  # twice the longest silence a server may keep: 25 s and 10 % for a held poll, 15 s for a heartbeat
SLICE = 20  # sockets whose counters are read in one go: some 0.2 ms
PATIENCE = 3.0  # seconds that a server has to close its side: what its drain may take
CLOSED = 7  # TCP_CLOSE, also what a socket in TIME_WAIT reports


class Address(NamedTuple):
    """Where a server is, looked up once."""

    family: int
    sockaddr: tuple[Any, ...]


class TcpInfo(NamedTuple):
    """What the kernel counted on one connection, by the offsets of Linux's struct tcp_info."""

    state: int
    timestamps: bool
    segments_out: int
    segments_in: int
    bytes_sent: int  # retransmissions included; neither SYN nor FIN
    bytes_received: int  # one more after a FIN
    bytes_retransmitted: int


class Counts(NamedTuple):
    """One connection's bytes so far."""

    payload_up: int = 0
    payload_down: int = 0
    socket_up: int = 0
    socket_down: int = 0
    ip_up: int | None = 0
    ip_down: int | None = 0
    retransmitted: int | None = 0

    def since(self, start: "Counts") -> "Counts":
        return Counts._make(None if a is None or b is None else a - b for a, b in zip(self, start, strict=True))


def look_up(host: str, port: int) -> Address:
    """The first address of a host; OSError when it has none."""
    family, _, _, _, sockaddr = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return Address(family, sockaddr)


@cache
def tcp_info_supported() -> bool:
    """Whether this kernel says all that the IP layer needs (Linux from 4.19 on)."""
    if sys.platform != "linux":
        return False
    with stdlib_socket.socket() as probe:
        return len(probe.getsockopt(stdlib_socket.IPPROTO_TCP, stdlib_socket.TCP_INFO, 512)) >= 216


def tcp_info(sock: socket.socket) -> TcpInfo | None:
    if not tcp_info_supported():
        return None
    raw = sock.getsockopt(stdlib_socket.IPPROTO_TCP, stdlib_socket.TCP_INFO, 512)
    (received,) = struct.unpack_from("=Q", raw, 128)
    segments_out, segments_in = struct.unpack_from("=II", raw, 136)
    sent, retransmitted = struct.unpack_from("=QQ", raw, 200)
    return TcpInfo(raw[0], bool(raw[5] & 1), segments_out, segments_in, sent, received, retransmitted)


def ip_bytes(info: TcpInfo, fin_received: bool, ipv6: bool) -> tuple[int, int]:
    """(up, down) of a connection that this side opened: the data, and for each segment its IP and TCP headers.

    A segment has 20 bytes of IP (40 of IPv6), 20 of TCP and, where timestamps are on, 12 for them. A SYN has 20 bytes
    of options with timestamps and 12 without: 8 or 12 more than what each segment is reckoned at.
    """
    header = (40 if ipv6 else 20) + 20 + (12 if info.timestamps else 0)
    handshake = 8 if info.timestamps else 12
    up = info.bytes_sent + info.segments_out * header + handshake
    down = info.bytes_received - fin_received + info.segments_in * header + handshake
    return up, down


class MeteredSocket:
    """One TCP connection of one user."""

    def __init__(self, address: Address, user: int, role: str, number: int) -> None:
        self.address = address
        self.user, self.role, self.number = user, role, number
        self.payload_up = self.payload_down = self.socket_up = self.socket_down = 0
        self.begin: Counts | None = None  # at the window's two ends
        self.end: Counts | None = None
        self.final: Counts | None = None
        self.eof = self.finishing = self.complete = False  # complete: both FINs came before the final counts
        self.closed_ns = -1
        self.writing = Semaphore()
        self.patience_s = TIMEOUT
        self.sock = socket.socket(address.family, socket.SOCK_STREAM)
        self.sock.settimeout(self.patience_s)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_MAXSEG"):
            with contextlib.suppress(OSError):  # macOS allows it only on a connected socket
                self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, MAXIMUM_SEGMENT)
        self.opened_ns = time.monotonic_ns()

    def wait_at_most(self, seconds: float) -> None:
        """For the next bytes; then TimeoutError."""
        self.patience_s = seconds
        self.sock.settimeout(seconds)

    def connect(self) -> None:
        try:
            self.sock.connect(self.address.sockaddr)
        except BaseException:
            self.finish(0)
            raise

    def send(self, data: bytes) -> None:
        """All of `data`; greenlets that write to the same socket take turns."""
        with self.writing:
            self.write(data)

    def write(self, data: bytes) -> None:
        """The same, by whose turn it is."""
        rest = memoryview(data)
        while rest:
            written = self.sock.send(rest)
            self.socket_up += written
            rest = rest[written:]

    def recv(self) -> bytes:
        """What has arrived, at least one byte; b"" when the server has finished."""
        data: bytes = self.sock.recv(65536)
        self.socket_down += len(data)
        self.eof = not data
        return data

    def recv_now(self) -> bytes:
        """The same without waiting: BlockingIOError when nothing is there. Behind gevent's back, which costs 1 us."""
        data: bytes = self.sock._sock.recv(65536)
        self.socket_down += len(data)
        self.eof = not data
        return data

    def send_soon(self, data: bytes) -> None:
        """Send in the background; whoever reads the connection will see when that cannot be."""

        def send() -> None:
            with contextlib.suppress(OSError):
                self.send(data)

        gevent.spawn(send)

    def fileno(self) -> int:
        return int(self.sock.fileno())

    def idle(self) -> bool:
        """Whether the connection is open with nothing to read: fit for another request."""
        if self.finishing or self.eof:
            return False
        try:
            self.sock.setblocking(False)
            self.sock.recv(1, socket.MSG_PEEK)
            return False  # an end of file, or bytes nobody asked for
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            self.sock.settimeout(self.patience_s)

    def counts(self) -> Counts:
        if self.final is not None:
            return self.final
        info = tcp_info(self.sock)
        up, down = ip_bytes(info, self.eof, self.sock.family == socket.AF_INET6) if info else (None, None)
        lost = info.bytes_retransmitted if info else None
        return Counts(self.payload_up, self.payload_down, self.socket_up, self.socket_down, up, down, lost)

    def finish(self, patience_s: float) -> None:
        """Send our FIN, read to the server's, wait for its acknowledgement of ours, take the final counts, close."""
        if self.finishing:
            return
        self.finishing = True
        with contextlib.suppress(OSError, ConcurrentObjectUseError), gevent.Timeout(patience_s, False):
            self.sock.shutdown(socket.SHUT_WR)
            while not self.eof:
                self.recv()
            while (info := tcp_info(self.sock)) and info.state != CLOSED:
                gevent.sleep(0.005)
            self.complete = True
        self.final = self.counts()
        self.closed_ns = time.monotonic_ns()
        self.sock.close()


class Sockets:
    """Every socket of a run, the closed ones included. `make` is the kind that they are: plain, or TLS's (tls.py)."""

    def __init__(self, make: Callable[[Address, int, str, int], MeteredSocket] = MeteredSocket) -> None:
        self.make = make
        self.all: list[MeteredSocket] = []
        self.closing: set[gevent.Greenlet[..., None]] = set()
        self.reactor = reactor()

    def __iter__(self) -> Iterator[MeteredSocket]:
        return iter(self.all)

    def open(self, address: Address, user: int, role: str) -> MeteredSocket:
        """Connect; role is receive, send or both."""
        sock = self.make(address, user, role, len(self.all))
        self.all.append(sock)
        sock.connect()
        return sock

    def watch(self, sock: MeteredSocket, take: Take) -> Line:
        """Give what comes on this socket to `take`, until it is retired."""
        return self.reactor.watch(sock, take)

    def forget(self, sock: MeteredSocket) -> None:
        """Watch it no more; what has come until now is taken before this returns."""
        self.reactor.forget(sock)

    def begin_window(self) -> None:
        for sock in self.in_slices():
            sock.begin = sock.counts()

    def end_window(self) -> None:
        for sock in self.in_slices():
            sock.end = sock.counts()

    def in_slices(self) -> Iterator[MeteredSocket]:
        """All sockets so far, letting the others work between a few of them: a thousand at once would stall them."""
        for number, sock in enumerate(list(self.all)):
            if number % SLICE == 0:
                self.reactor.catch_up()  # or what was read would not be in the payload yet
            yield sock
            if number % SLICE == SLICE - 1:
                gevent.sleep(0.001)  # a sleep of 0 would not do: gevent then goes 5 ms without looking at any socket

    def retire(self, sock: MeteredSocket) -> None:
        """Finish a socket in the background."""
        if not sock.finishing:
            self.forget(sock)
            self.closing.add(gevent.spawn(sock.finish, PATIENCE))

    def drain(self) -> None:
        """Finish all that are open, side by side; those that do not end in time are closed as they are."""
        for sock in self.all:
            self.retire(sock)
        gevent.joinall(list(self.closing))
