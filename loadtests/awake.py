"""Keeping a CPU awake: a process that does nothing, and gives way to everybody.

A CPU with nothing to do goes to sleep, and whoever sends to a process there pays for waking it. Between two machines
the network card does that; on one machine it is the server, and its bill for each WebSocket message was a third higher
(100 and 111 us against 69 to 78, in comparisons of two runs each, one after the other). The sleeper itself wakes 0.2 ms
late at p99, which would read as delivery latency.
So the generator's CPU is kept awake while it measures, and the server's is left as it is.

The policy SCHED_IDLE (sched(7)) lets any other process on that CPU go first. A kernel that preempts nobody in user
space does so only when this one calls it, which it therefore does all the time.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

CALLS = 1_000  # between two looks at the clock and the parent: some 0.5 ms
LONGEST = 3_600.0  # seconds


@contextlib.contextmanager
def kept_awake(cpus: list[int]) -> Iterator[bool]:
    """Keep these CPUs awake; yields False where the system has no way to do it without being in the way."""
    processes = [start(cpu) for cpu in cpus] if supported() else []
    try:
        yield bool(processes)
    finally:
        for process in processes:
            process.kill()
            process.wait()


def supported() -> bool:
    return hasattr(os, "SCHED_IDLE") and hasattr(os, "sched_setaffinity")


def start(cpu: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", "-S", __file__, str(cpu), str(os.getpid())]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def main(cpu: int, parent: int) -> None:
    """Stay on this CPU until the parent has ended, or an hour is over."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is the generator's to hear
    os.sched_setaffinity(0, {cpu})
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    give_way, end = os.sched_yield, time.monotonic() + LONGEST
    while os.getppid() == parent and time.monotonic() < end:
        for _ in range(CALLS):
            give_way()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
