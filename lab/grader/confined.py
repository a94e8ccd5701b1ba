"""Become another program within limits: python -m lab.grader.confined FOLDER COMMAND...

The program may write in FOLDER alone and read what programs need; not the exercises, nor their solutions.
"""

import os
import signal
import sys
from pathlib import Path

from lab.grader import landlock, tasks

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

MIB, PR_SET_PDEATHSIG = 1 << 20, 1
CPU_TIME, DATA, FILES, FILE_SIZE = 30, 1024 * MIB, 512, 16 * MIB  # seconds, bytes, descriptors, bytes
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/proc", "/sys", "/dev", "/opt", "/nix", "/snap")
DEVICES = ("/dev/null", "/dev/tty", "/dev/shm", "/dev/ptmx", "/dev/pts")


def main(folder: str, *command: str) -> None:
    if resource is not None:
        limits = {"CPU": CPU_TIME, "DATA": DATA, "NOFILE": FILES, "FSIZE": FILE_SIZE, "CORE": 0}
        for name, limit in limits.items():
            kind = getattr(resource, f"RLIMIT_{name}")
            hard = resource.getrlimit(kind)[1]
            limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(kind, (limit, limit))
    tasks.limit()
    if sys.platform == "linux":
        landlock.libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    landlock.restrict(readable(), [Path(folder), *map(Path, DEVICES)])
    os.environ.pop("PYTHONPATH", None)  # which led to this module
    os.chdir(folder)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run: {error.strerror}")


def readable() -> list[Path]:
    """The system, this Python and its packages, and the homes of whatever is on the path."""
    programs = [Path(entry).resolve().parent for entry in os.environ.get("PATH", "").split(os.pathsep) if entry]
    homes = [path for path in programs if len(path.parts) > 2 and path != Path.home()]
    return [*map(Path, SYSTEM), Path(sys.prefix), Path(sys.base_prefix), *homes]


if __name__ == "__main__":
    main(*sys.argv[1:])
