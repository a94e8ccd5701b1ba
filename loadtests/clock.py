"""How far this process's monotonic clock is from the server's, and how far off that may be.

Cristian's algorithm (Distributed Computing 3, 1989): ask the server for its clock; its answer was read between the
moments of asking and of being answered, so half the time between them bounds the error, whatever the ways there and
back took. The quickest of many answers has the smallest bound. What the clocks drift apart between the beginning and
the end of a run is taken to be even.
"""

import contextlib
import http.client
import platform
import ssl
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from loadtests.command import BadUse
from loadtests.records import Clock

ASKS = 50  # at each end of a run: some 100 ms in all, and one of them meets nobody on its way
TIMEOUT = 10.0  # seconds for one answer
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TIME_OFFSETS = Path("/proc/self/timens_offsets")  # time_namespaces(7); not there: the kernel has no such namespaces


class Health(msgspec.Struct, frozen=True):
    """The server's answer."""

    clock_ns: int


class Reading(NamedTuple):
    """One answer of the server's, between two moments of this process's clock."""

    asked_ns: int
    server_ns: int
    answered_ns: int

    @property
    def at_ns(self) -> int:
        return (self.asked_ns + self.answered_ns) // 2

    @property
    def offset_ns(self) -> int:
        return self.server_ns - self.at_ns

    @property
    def bound_ns(self) -> int:
        return (self.answered_ns - self.asked_ns + 1) // 2


def identity() -> str:
    """Two processes that say the same read the same clock: the same boot, and the same offset from it."""
    try:
        boot = BOOT_ID.read_text().strip()
    except OSError:  # not Linux: a host's processes share its clock
        return f"{platform.node()} {uuid.getnode()}"
    with contextlib.suppress(OSError):
        for line in TIME_OFFSETS.read_text().splitlines():
            name, *offset = line.split()
            if name == "monotonic":
                return " ".join([boot, *offset])
    return boot


def ask(url: str, times: int = ASKS, ca: str = "") -> list[Reading]:
    """Ask the server at this address for its clock; `ca` is whom to trust by https, in PEM, or the system says it.

    OSError when it does not answer, BadUse when it does not know.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    if parts.scheme == "https":
        context = ssl.create_default_context(cadata=ca or None)
        connection = http.client.HTTPSConnection(parts.netloc, timeout=TIMEOUT, context=context)
    with contextlib.closing(connection):
        return [one_reading(connection) for _ in range(times)]


def one_reading(connection: http.client.HTTPConnection) -> Reading:
    asked_ns = time.monotonic_ns()
    try:
        connection.request("GET", "/health")
        body = connection.getresponse().read()
    except http.client.HTTPException as error:
        raise ConnectionError(f"the server broke off: {error}") from None
    answered_ns = time.monotonic_ns()
    return Reading(asked_ns, read_answer(body), answered_ns)


def read_answer(body: bytes) -> int:
    """The server's clock in nanoseconds. BadUse when it is not there."""
    try:
        return msgspec.json.decode(body, type=Health).clock_ns
    except msgspec.MsgspecError:
        raise BadUse(
            "The server does not tell its clock at /health, so generators whose clocks differ cannot be compared: "
            "run all of them on one host."
        ) from None


def best(readings: Sequence[Reading]) -> Reading:
    """The one with the smallest bound."""
    return min(readings, key=lambda reading: reading.bound_ns)


def estimate(begin: Sequence[Reading], end: Sequence[Reading]) -> Clock:
    """The line through the best reading at the beginning and the best at the end.

    Where it leaves the interval that another reading allows, the bound grows by as much.
    """
    first, last = best(begin), best(end or begin)
    line = Clock((first.at_ns, last.at_ns), (first.offset_ns, last.offset_ns), max(first.bound_ns, last.bound_ns))
    residuals = [abs(offset_ns(line, one.at_ns) - one.offset_ns) - one.bound_ns for one in (*begin, *end)]
    return msgspec.structs.replace(line, bound_ns=line.bound_ns + max(0, *residuals))


def offset_ns(clock: Clock, at_ns: int) -> int:
    """What to add to this moment of the process's clock to have the server's."""
    (begin, end), (first, last) = clock.at_ns, clock.offset_ns
    return first if begin == end else first + round((at_ns - begin) * (last - first) / (end - begin))
