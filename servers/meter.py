"""What each transport costs on the wire, as the kernel has counted it on the server's own sockets (TCP_INFO).

socket   what was read and written
ip       the same as packets: headers, handshake, acknowledgements, and what was sent again

Up is from the client. Nothing is counted while it passes. A connection is looked at before and after each answer, when
the next request has come, before it is closed, and whenever somebody asks; what the kernel has counted since the last
look belongs to the transport of its last request. Only what a new request brings with it belongs to the new one.

The last look is before the server's FIN: that, and what the client still sends, are not among the IP bytes.
"""

import socket
import struct
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache, partial
from itertools import product
from typing import Any, NamedTuple

from flask import Flask, Response, g, request
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

PAGE = "page"  # what belongs to no transport
CLOSED, HUNG_UP = 7, {8, 9, 11}  # TCP_CLOSE; TCP_CLOSE_WAIT, LAST_ACK, CLOSING: the client's FIN has come


class Bytes(NamedTuple):
    """One direction of a connection so far."""

    socket: int = 0
    ip: int = 0


@cache
def supported() -> bool:
    """Whether this kernel says all that is needed (Linux from 4.19 on)."""
    if sys.platform != "linux":
        return False
    with socket.socket() as probe:
        return len(probe.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 512)) >= 216


def counts(sock: Any) -> dict[str, Bytes]:
    """What the kernel has counted, up and down, on a connection that was accepted (struct tcp_info in linux/tcp.h).

    A segment has 20 bytes of IP (40 of IPv6), 20 of TCP, and 12 for timestamps; a SYN has 8 more, or 12 without them.
    The SYN-ACK, which was sent before there was a socket, is in no counter of the kernel's. A FIN counts as a byte
    received, and its acknowledgement as a byte acknowledged: by that a connection that was closed is told from one that
    was reset. Raises OSError where the socket is closed.
    """
    info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 512)
    state, timestamps = info[0], info[5] & 1
    acknowledged, received = struct.unpack_from("=QQ", info, 120)
    segments_out, segments_in = struct.unpack_from("=II", info, 136)
    sent, again = struct.unpack_from("=QQ", info, 200)
    received -= state in HUNG_UP or (state == CLOSED and acknowledged > sent - again)
    header = (40 if sock.family == socket.AF_INET6 else 20) + 20 + (12 if timestamps else 0)
    options = 8 if timestamps else 12
    return {
        "up": Bytes(received, received + segments_in * header + options),
        "down": Bytes(sent - again, sent + (segments_out + 1) * header + options),
    }


class Line:
    """An open connection, the transport of its last request, and what the last look at each direction saw."""

    __slots__ = ("seen", "sock", "transport")

    def __init__(self, sock: Any) -> None:
        self.sock, self.transport = sock, ""
        self.seen = {"up": Bytes(), "down": Bytes()}


class Meter(Collector):
    """All connections of a process, and what those of each transport have cost so far."""

    def __init__(self, transports: Iterable[str]) -> None:
        self._transports = [PAGE, *transports]
        self._lines: dict[Any, Line] = {}
        self._spent: Counter[tuple[str, str, str]] = Counter()  # bytes, by layer, transport and direction
        self._lock = threading.Lock()

    def open(self, sock: Any) -> None:
        """A connection was accepted."""
        with self._lock:
            self._lines[sock] = Line(sock)

    def request(self, sock: Any, transport: str) -> None:
        """A request has come. What is of no transport, such as POST /session, is the page's."""
        transport = transport if transport in self._transports else PAGE
        with self._lock:
            if line := self._lines.get(sock):
                self._look(line, up=transport, down=line.transport or transport)
                line.transport = transport

    def answer(self, sock: Any) -> None:
        """A request was read, and its answer begins."""
        with self._lock:
            if line := self._lines.get(sock):
                self._look(line, up=line.transport)

    def answered(self, sock: Any) -> None:
        """The answer is over. The next request may be here already, so what has come is not looked at."""
        with self._lock:
            if line := self._lines.get(sock):
                self._look(line, down=line.transport)

    def close(self, sock: Any) -> None:
        """A connection is about to be closed."""
        with self._lock:
            if line := self._lines.pop(sock, None):
                self._look(line, up=line.transport or PAGE, down=line.transport or PAGE)

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            for line in self._lines.values():
                self._look(line, up=line.transport or PAGE, down=line.transport or PAGE)
            opened = Counter(line.transport or PAGE for line in self._lines.values())
            spent = self._spent.copy()
        connections = GaugeMetricFamily(
            "polls_apart_tcp_connections", "TCP connections that are open, by their last request.", labels=["transport"]
        )
        for transport in self._transports:
            connections.add_metric([transport], opened[transport])
        yield connections
        if not supported():
            return
        for layer, said in (("socket", "Bytes read and written"), ("ip", "Bytes of IP packets")):
            family = CounterMetricFamily(
                f"polls_apart_{layer}_bytes", f"{said}, by TCP_INFO.", labels=["transport", "direction"]
            )
            for transport, direction in product(self._transports, ("up", "down")):
                family.add_metric([transport, direction], spent[layer, transport, direction])
            yield family

    def _look(self, line: Line, **whose: str) -> None:
        """What was counted since the last look belongs, in each direction that is named, to that transport."""
        if not supported():
            return
        with suppress(OSError):  # it was closed, after an error
            counted = counts(line.sock)
            for direction, transport in whose.items():
                now, before = counted[direction], line.seen[direction]
                self._spent["socket", transport, direction] += now.socket - before.socket
                self._spent["ip", transport, direction] += now.ip - before.ip
                line.seen[direction] = now


def init_app(app: Flask, meter: Meter) -> None:
    """Tell the meter of each request and its answer. A WebSocket's is over when its connection is."""

    @app.before_request
    def begin() -> None:
        g.sock = request.environ.get("gunicorn.socket")
        meter.request(g.sock, request.blueprint or PAGE)

    @app.after_request
    def end(response: Response) -> Response:
        meter.answer(g.sock)
        response.call_on_close(partial(meter.answered, g.sock))
        return response
