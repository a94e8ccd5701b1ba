"""How many processes and threads a program may have: kept by the kernel, which a fork bomb cannot outrun.

An ordinary user has RLIMIT_NPROC (getrlimit(2)), which does not hold root; root has the cgroup controller pids.
"""

import contextlib
import os
from pathlib import Path

TASKS = 256  # a server may have a thread or two for each of some dozen connections
CGROUPS = (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup"))  # of version 1, and of 2


def limit() -> None:
    """Hold this process and all that it starts to so many, where the system can. Called before its program."""
    if not hasattr(os, "geteuid"):
        return
    if os.geteuid():
        import resource

        most = taken() + TASKS
        hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
        return
    group = group_of(os.getpid())
    with contextlib.suppress(OSError):
        group.mkdir()
        (group / "pids.max").write_text(str(TASKS))
        (group / "cgroup.procs").write_text(str(os.getpid()))


def group_of(pid: int) -> Path:
    """Of a program that root started with this pid."""
    home = next((path for path in CGROUPS if path.is_dir()), CGROUPS[-1])
    return home / f"polls-apart-{pid}"


def forget(pid: int) -> None:
    """Remove its group, if it had one: when all of it has ended."""
    with contextlib.suppress(OSError):
        group_of(pid).rmdir()


def taken() -> int:
    """The tasks that this user has already, which RLIMIT_NPROC counts too."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if process.stat().st_uid == os.getuid():
                found += len(os.listdir(process / "task"))
    return found
