"""What the processes of a run cost: the server's, seen from outside, and the generator's own.

CPU time comes from the process's CPU clock where there is one: the 10 ms ticks of /proc say nothing of a quiet server.
"""

import contextlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import gevent
import psutil

from loadtests.reactor import epoll_supported
from loadtests.records import Table
from loadtests.sockets import tcp_info_supported
from loadtests.timer import LIBC, SECOND, Timer

LAG_PERIOD_NS = 20_000_000  # often enough for a p99 in some seconds, too seldom to be a load: 0.2 % of a CPU
IANA_PORTS = 16_384  # RFC 6335: 49152 to 65535
CPUCLOCK_SCHED = 2  # linux/posix-timers.h: the kind of clock that counts user and system time


def cpu_ns(process: psutil.Process) -> int:
    """The CPU time that a process has used, its threads together. Raises psutil.NoSuchProcess."""
    if process.pid == os.getpid():
        return time.process_time_ns()
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            return int(time.clock_gettime_ns((~process.pid << 3) | CPUCLOCK_SCHED))
    times = process.cpu_times()
    return int((times.user + times.system) * SECOND)


def descriptors(process: psutil.Process) -> int:
    return int(process.num_fds() if hasattr(process, "num_fds") else process.num_handles())


class ServerTree:
    """A server's process and its children; and those of what stands before it, where more than one is given."""

    def __init__(self, *pids: int) -> None:
        self.roots = [psutil.Process(pid) for pid in pids]
        self.find()

    def find(self) -> None:
        """List the processes; to look through all of the system's takes milliseconds, so only when one has gone."""
        self.processes = [process for root in self.roots for process in (root, *root.children(recursive=True))]

    def descriptor_limit(self) -> int | None:
        """How many files one of the processes may open; None where the system does not tell of others."""
        with contextlib.suppress(psutil.Error, AttributeError, OSError):
            return max(int(process.rlimit(psutil.RLIMIT_NOFILE)[0]) for process in self.processes)
        return None

    def cpu_ns(self) -> int | None:
        """The CPU time of the tree; None when it has ended."""
        with contextlib.suppress(psutil.Error):
            return sum(cpu_ns(process) for process in self.processes)
        return None

    def sample(self, table: Table) -> None:
        """Add a row to the table `server`."""
        try:
            rows = [
                (cpu_ns(process), process.memory_info().rss, descriptors(process), process.num_threads())
                for process in self.processes
            ]
            table.append(time.monotonic_ns(), *map(sum, zip(*rows, strict=True)))
        except psutil.Error:
            with contextlib.suppress(psutil.Error):
                self.find()


class Samplers:
    """Greenlets that fill the tables `server` (each second) and `generator` (each 20 ms, its costs each second)."""

    def __init__(self, timer: Timer, server: ServerTree | None, server_table: Table, generator_table: Table) -> None:
        self.timer, self.server, self.server_table, self.generator_table = timer, server, server_table, generator_table
        self.own = psutil.Process()
        self.stolen = stolen_and_all()
        self.greenlet = gevent.spawn(self.run)

    def run(self) -> None:
        per_second = SECOND // LAG_PERIOD_NS
        tick, start_ns = 0, time.monotonic_ns()
        while True:
            due_ns = start_ns + tick * LAG_PERIOD_NS
            self.timer.sleep_until(due_ns)
            at_ns = time.monotonic_ns()
            costs = self.costs() if tick % per_second == 0 else (-1, -1, -1, -1.0)
            self.generator_table.append(at_ns, at_ns - due_ns, *costs)
            if self.server and tick % per_second == per_second // 2:  # not in the same moment as its own costs
                self.server.sample(self.server_table)
            now_ns = time.monotonic_ns()
            following = max(tick + 1, (now_ns - start_ns) // LAG_PERIOD_NS)
            for missed in range(tick + 1, following):  # they are late too: a long stall must not be a single late tick
                self.generator_table.append(now_ns, now_ns - start_ns - missed * LAG_PERIOD_NS, -1, -1, -1, -1.0)
            tick = following

    def costs(self) -> tuple[int, int, int, float]:
        """This process's CPU time, memory and descriptors; the share of all CPU time that the hypervisor took."""
        before, self.stolen = self.stolen, stolen_and_all()
        span = self.stolen[1] - before[1]
        share = (self.stolen[0] - before[0]) / span if span > 0 and hasattr(psutil.cpu_times(), "steal") else -1.0
        return time.process_time_ns(), self.own.memory_info().rss, descriptors(self.own), share

    def stop(self) -> None:
        self.greenlet.kill()


def stolen_and_all() -> tuple[float, float]:
    """CPU seconds since boot: those that were stolen, and all there were."""
    times = psutil.cpu_times()
    return getattr(times, "steal", 0.0), sum(times)


def raise_descriptor_limit(needed: int) -> int | None:
    """Allow this process `needed` open files. Returns the limit when that is not possible."""
    try:
        import resource
    except ImportError:
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return hard if wanted < needed else None


def limits(server: ServerTree | None) -> dict[str, int]:
    """What can run out, or be too coarse: descriptors (ours and the server's), ports, CPUs, the clock's step in ns."""
    found = {
        "descriptors": own_descriptor_limit(),
        "server_descriptors": server.descriptor_limit() if server else None,
        "ports": ephemeral_ports(),
        "cpus": os.cpu_count(),
        "clock_step_ns": round(time.get_clock_info("monotonic").resolution * SECOND),
    }
    return {name: limit for name, limit in found.items() if limit is not None and limit >= 0}


def own_descriptor_limit() -> int | None:
    try:
        import resource
    except ImportError:
        return None
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def ephemeral_ports() -> int:
    """From how many ports a connection to one address can be opened."""
    with contextlib.suppress(OSError, ValueError):
        first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
        return last - first + 1
    return IANA_PORTS


def pin(cpus: Sequence[int]) -> bool:
    """Keep this process on these CPUs; False where the system cannot."""
    if not hasattr(os, "sched_setaffinity"):
        return False
    os.sched_setaffinity(0, set(cpus))
    return True


def capabilities() -> dict[str, bool]:
    """What can be measured here; what cannot is null in the tables."""
    return {
        "tcp_info": tcp_info_supported(),
        "exact_timer": LIBC is not None,
        "epoll": epoll_supported(),
        "process_cpu_clock": sys.platform == "linux",
        "cpu_affinity": hasattr(os, "sched_setaffinity"),
        "steal": hasattr(psutil.cpu_times(), "steal"),
    }
