"""Waking at a given nanosecond.

gevent sleeps in whole milliseconds, and so wakes 0.65 ms late on average, which would read as delivery latency where
a delivery takes two. On Linux one timerfd (timerfd_create(2)), with a heap of who waits for when, does it exactly.
"""

import contextlib
import ctypes
import heapq
import itertools
import os
import struct
import sys
import time

import gevent
from gevent.hub import Waiter

TFD_NONBLOCK = 0o4000
TFD_TIMER_ABSTIME = 1
CLOCK_MONOTONIC = 1
READ = 1  # of libev's events
SECOND = 1_000_000_000
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None  # os.timerfd_create needs Python 3.13


class Timer:
    """Sleeps until moments of time.monotonic_ns; any number of greenlets share one."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, int, Waiter]] = []
        self.order = itertools.count()  # breaks ties between equal moments
        self.fd = timerfd()
        if self.fd is not None:
            self.bell = gevent.get_hub().loop.io(self.fd, READ)
            self.bell.start(self.ring)

    def sleep_until(self, moment_ns: int) -> None:
        """Return at `moment_ns`, at once when it is past."""
        remaining = moment_ns - time.monotonic_ns()
        if remaining <= 0 or self.fd is None:
            gevent.sleep(max(remaining, 0) / SECOND)
            return
        waiter = Waiter()
        heapq.heappush(self.waiting, (moment_ns, next(self.order), waiter))
        if self.waiting[0][2] is waiter:
            arm(self.fd, moment_ns)
        waiter.get()

    def ring(self) -> None:
        """Wake all whose moment has come. Called by gevent's loop, which so needs no greenlet in between."""
        assert self.fd is not None
        with contextlib.suppress(BlockingIOError):  # set anew since it rang, by one who woke in the same moment
            os.read(self.fd, 8)
        while self.waiting and self.waiting[0][0] <= time.monotonic_ns():
            heapq.heappop(self.waiting)[2].switch(None)
        if self.waiting:
            arm(self.fd, self.waiting[0][0])

    def close(self) -> None:
        if self.fd is not None:
            self.bell.stop()
            self.bell.close()
            os.close(self.fd)
            self.fd = None


def timerfd() -> int | None:
    """A timer on the monotonic clock as a file descriptor; None where the system has none."""
    if LIBC is None:
        return None
    fd: int = LIBC.timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | os.O_CLOEXEC)
    return fd if fd >= 0 else None


def arm(fd: int, moment_ns: int) -> None:
    """Let a timer be readable from `moment_ns` on, and not before; a moment of 0 stops it."""
    seconds, nanoseconds = divmod(moment_ns, SECOND)
    setting = struct.pack("@llll", 0, 0, seconds, nanoseconds)
    assert LIBC is not None
    if LIBC.timerfd_settime(fd, TFD_TIMER_ABSTIME, setting, None):
        raise OSError(ctypes.get_errno(), f"The timer could not be set: {os.strerror(ctypes.get_errno())}")
