"""What this machine can and cannot measure, and how to mend it. Each probe tries the thing itself."""

import importlib.util
import os
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping

import msgspec

TCP_INFO_LENGTH = 216  # bytes up to and with bytes_retrans in Linux's struct tcp_info
DESCRIPTORS = 4_096  # open files: two for each of the two thousand users of a large scenario
MEASURING = (
    "tcp_info",
    "tcp_maxseg",
    "cpu_affinity",
    "idle_policy",
    "process_cpu_clock",
    "signals",
    "fine_clock",
    "steal",
)
FINE_CLOCK_NS = 1_000  # a microsecond; a coarser clock shows in latencies of a few milliseconds


class Capability(msgspec.Struct, frozen=True):
    """One thing that a measurement uses. `without` says what is then not measured, or is measured less well."""

    name: str
    present: bool
    found: str
    without: str
    mend: str


def tcp_info() -> tuple[bool, str]:
    if sys.platform != "linux":
        return False, "not Linux"
    with socket.socket() as probe:
        length = len(probe.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 512))
    return length >= TCP_INFO_LENGTH, f"{length} bytes of tcp_info"


def tcp_maxseg() -> tuple[bool, str]:
    with socket.socket() as probe:
        probe.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1460)
    return True, "segments can be held to 1460 bytes"


def cpu_affinity() -> tuple[bool, str]:
    allowed = os.sched_getaffinity(0)
    return len(allowed) > 1, f"{len(allowed)} CPUs to choose from"


def idle_policy() -> tuple[bool, str]:
    return hasattr(os, "SCHED_IDLE"), "SCHED_IDLE" if hasattr(os, "SCHED_IDLE") else "no SCHED_IDLE"


def epoll() -> tuple[bool, str]:
    select.epoll().close()
    return True, "one for all connections"


def process_cpu_clock() -> tuple[bool, str]:
    if sys.platform != "linux":
        return False, "not Linux"
    time.clock_gettime_ns((~os.getppid() << 3) | 2)
    return True, "nanoseconds, of any process"


def gunicorn() -> tuple[bool, str]:
    found = sys.platform != "win32" and importlib.util.find_spec("gunicorn") is not None
    return found, "installed" if found else "not for this system, or not installed"


def signals() -> tuple[bool, str]:
    return hasattr(signal, "SIGTERM") and sys.platform != "win32", sys.platform


def descriptors() -> tuple[bool, str]:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = hard == resource.RLIM_INFINITY or hard >= DESCRIPTORS
    now, most = ("none" if limit == resource.RLIM_INFINITY else f"{limit:,}" for limit in (soft, hard))
    return enough, f"open files: soft limit {now}, raised when needed; hard limit {most}"


def fine_clock() -> tuple[bool, str]:
    resolution = min(b - a for a, b in ((time.monotonic_ns(), time.monotonic_ns()) for _ in range(10_000)) if b > a)
    return resolution <= FINE_CLOCK_NS, f"steps of {resolution:,} ns at most"


def steal() -> tuple[bool, str]:
    import psutil

    found = hasattr(psutil.cpu_times(), "steal")
    return found, "readable" if found else "not reported"


def network_namespaces() -> tuple[bool, str]:
    found = hasattr(os, "geteuid") and os.geteuid() == 0 and os.path.exists("/proc/self/ns/net") and bool(which("ip"))
    return found, "root, with ip" if found else "needs Linux, root and the program ip"


def cable() -> tuple[bool, str]:
    from lab import netem

    why = netem.missing()
    return not why, why or "root, with tc and the kernel's netem"


def which(program: str) -> str | None:
    """Where a program is, also where only root's PATH has it."""
    return shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]))


def tool(*names: str) -> Callable[[], tuple[bool, str]]:
    def probe() -> tuple[bool, str]:
        path = next((found for name in names if (found := which(name))), None)
        return path is not None, "found" if path else "not found"

    return probe


class Probe(msgspec.Struct, frozen=True):
    name: str
    try_it: Callable[[], tuple[bool, str]]
    without: str
    mend: str


LINUX = "Run on Linux, or in a Linux container."
PROBES = [
    Probe("tcp_info", tcp_info, "IP bytes are not measured; payload and socket bytes are.", LINUX),
    Probe("tcp_maxseg", tcp_maxseg, "Large answers count too few packets on loopback.", LINUX),
    Probe("cpu_affinity", cpu_affinity, "Server and generator share CPUs and disturb each other.",
          "Give the machine two CPUs or more, on Linux."),
    Probe("idle_policy", idle_policy, "The generator's CPU may fall asleep, and the server pays for waking it.", LINUX),
    Probe("epoll", epoll, "The generator reads each stream in a greenlet, at some four times the CPU.", LINUX),
    Probe("process_cpu_clock", process_cpu_clock, "Server CPU comes in steps of 10 ms.", LINUX),
    Probe("gunicorn", gunicorn, "The server runs on gevent's pywsgi; there is no threads engine.", LINUX),
    Probe("signals", signals, "A server is ended without a drain, so byte counts lack the farewells.", LINUX),
    Probe("descriptors", descriptors, "Large scenarios are refused.",
          f"Raise the hard limit of this shell: sudo prlimit --nofile={DESCRIPTORS} --pid $$."),
    Probe("fine_clock", fine_clock, "Latencies of a few milliseconds are blurred.", "Use another machine."),
    Probe("steal", steal, "A busy host goes unnoticed.", LINUX),
    Probe("network_namespaces", network_namespaces, "Bytes are not checked against a network interface.",
          "Run the tests as root on Linux, with iproute2."),
    Probe("chromium", tool("chromium", "chromium-browser", "google-chrome"), "The page is not tested in a browser.",
          "Install chromium."),
    Probe("redis_server", tool("redis-server"), "The store in Redis, and more than one worker, are not tested.",
          "Install redis-server."),
    Probe("nginx", tool("nginx"), "Nothing is measured behind a proxy.", "Install nginx (on Debian: nginx-light)."),
    Probe("openssl", tool("openssl"), "Nothing is measured by TLS.", "Install openssl."),
    Probe("tshark", tool("tshark"), "No packets are looked at.", "Install tshark."),
    Probe("netem", cable, "A link is a proxy that delays; no real packets are delayed or lost.",
          "Run as root on Linux with netem, iproute2 and ethtool."),
]  # fmt: skip


def lacking(present: Mapping[str, bool]) -> list[str]:
    """What a comparison could not measure, or less well, for want of a capability: a sentence each."""
    return [probe.without for probe in PROBES if probe.name in MEASURING and not present.get(probe.name, True)]


def capabilities() -> list[Capability]:
    """Each probe's answer; a probe that fails in any way is a capability that is not there."""
    return [Capability(probe.name, *answer(probe), probe.without, probe.mend) for probe in PROBES]


def answer(probe: Probe) -> tuple[bool, str]:
    try:
        return probe.try_it()
    except (OSError, AttributeError, ImportError, ValueError) as error:
        return False, f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def present() -> dict[str, bool]:
    return {capability.name: capability.present for capability in capabilities()}
