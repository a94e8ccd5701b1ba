"""A process and all that it started: what they take, and their end."""

import contextlib
import ctypes
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

PR_SET_CHILD_SUBREAPER, ROUNDS = 36, 20  # and how often strays are looked for, which may start others meanwhile
SLEPT = re.compile(r"^voluntary_ctxt_switches:\s*(\d+)", re.MULTILINE)


class Family:
    """A process that we started, and its children's children."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    @property
    def children(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            found: list[psutil.Process] = psutil.Process(self.pid).children(recursive=True)
            return found
        return []

    @property
    def members(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            return [psutil.Process(self.pid), *self.children]
        return []

    def memory(self) -> int:
        """Bytes that they have now."""
        return sum(one.memory_info().rss for one in self.members)

    def computed(self) -> float:
        """Seconds of processor time that they have taken so far."""
        seconds = 0.0
        for one in self.members:
            with contextlib.suppress(psutil.Error):
                times = one.cpu_times()
                seconds += times.user + times.system
        return seconds

    def woken(self, within: float) -> int:
        """How often threads that are there all the time are woken in so many seconds."""
        before = self.sleeps()
        time.sleep(within)
        after = self.sleeps()
        return sum(after[thread] - before[thread] for thread in before.keys() & after.keys())

    def sleeps(self) -> dict[int, int]:
        """How often each of their threads has gone to sleep so far."""
        found = dict[int, int]()
        for one in self.members:
            with contextlib.suppress(psutil.Error):
                found |= sleeps_of(one)
        return found


def sleeps_of(process: psutil.Process) -> dict[int, int]:
    """Of each thread, as Linux counts; elsewhere of all together. (On Linux psutil counts the first thread alone.)"""
    threads = Path(f"/proc/{process.pid}/task")
    if not threads.is_dir():
        return {process.pid: int(process.num_ctx_switches().voluntary)}
    found = dict[int, int]()
    for status in threads.glob("*/status"):
        with contextlib.suppress(OSError):
            if count := SLEPT.search(status.read_text()):
                found[int(status.parent.name)] = int(count[1])
    return found


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Be the parent of whatever leaves its own (prctl(2), Linux), and end it all afterwards."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    me = psutil.Process()
    before = set(me.children(recursive=True))
    try:
        yield
    finally:
        for _ in range(ROUNDS):
            strays = [one for one in me.children(recursive=True) if one not in before]
            for stray in strays:
                with contextlib.suppress(psutil.Error):
                    stray.kill()
            psutil.wait_procs(strays, timeout=1)
            if not strays:
                break
