"""Where a comparison was made: what a reader needs to judge whether it says anything about their own machine."""

import contextlib
import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = (
    "flask", "flask-sock", "simple-websocket", "wsproto", "gevent", "gunicorn", "greenlet", "werkzeug", "h11", "h2",
    "locust", "msgspec", "websockets", "psutil", "polars", "scipy", "numpy", "matplotlib",
)  # fmt: skip
SYSCTLS = (
    "net/core/somaxconn", "net/ipv4/tcp_congestion_control", "net/ipv4/tcp_timestamps", "net/ipv4/tcp_rmem",
    "net/ipv4/tcp_wmem", "net/ipv4/ip_local_port_range", "fs/file-max", "kernel/sched_autogroup_enabled",
)  # fmt: skip


def facts() -> dict[str, Any]:
    """Processor, memory, system and the settings that matter to sockets; what is not known is None."""
    import psutil

    return {
        "cpu": cpu_model(),
        "cores": psutil.cpu_count(logical=False),
        "cpus": os.cpu_count(),
        "cpus_allowed": len(allowed_cpus()) or None,
        "memory_bytes": memory(),
        "system": platform.system(),
        "kernel": platform.release(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sysctls": {name.replace("/", "."): sysctl(name) for name in SYSCTLS},
    }


def allowed_cpus() -> list[int]:
    """The CPUs this process may run on; none where the system does not say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def memory() -> int:
    """All there is, in bytes."""
    import psutil

    return int(psutil.virtual_memory().total)


def descriptor_limit() -> int | None:
    """How many open files a process may have at most; None where there is no limit, or none that is told."""
    try:
        import resource
    except ImportError:
        return None
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return None if hard == resource.RLIM_INFINITY else hard


def cpu_model() -> str | None:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or None


def sysctl(name: str) -> str | None:
    with contextlib.suppress(OSError):
        return " ".join((Path("/proc/sys") / name).read_text().split())
    return None


def load_average() -> float | None:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def stolen_and_all() -> tuple[float, float]:
    """CPU seconds since boot: those that other guests of the host took, and all there were."""
    import psutil

    times = psutil.cpu_times()
    return getattr(times, "steal", 0.0), sum(times)


def packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def version() -> str:
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version("polls-apart")
    return "unknown"


def commit() -> tuple[str | None, bool | None]:
    """(the commit of the code, whether it was changed since); (None, None) outside a git checkout."""
    root = Path(__file__).parent.parent
    if not (root / ".git").exists():
        return None, None
    head = git(root, "rev-parse", "HEAD")
    status = git(root, "status", "--porcelain")
    return head, None if status is None else bool(status)


def git(root: Path, *args: str) -> str | None:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(["git", "-C", str(root), *args], capture_output=True, text=True, timeout=10)
        return done.stdout.strip() if done.returncode == 0 else None
    return None


def command() -> str:
    """The command line as it would be typed, but for the folder that `lab` is in."""
    import shlex

    return shlex.join(["lab", *sys.argv[1:]])
