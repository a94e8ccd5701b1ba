"""The course as it is published: built strictly, once for a run's tests, and behind a wall where one can be."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.processes import ROOT
from tests.tools import find

INSIDE = (
    "--net",
    "sh",
    "-c",
    'ip link set lo up && exec "$@"',
    "sh",
)  # a loopback, for Jupyter, and no more


@cache
def wall() -> tuple[str, ...]:
    """What is put before a command so that it reaches nobody: a network namespace, where one can be made."""
    unshare = find("unshare")
    for privilege in ((), ("--map-root-user",)):
        command = (unshare or "unshare", *privilege, *INSIDE)
        if unshare and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
            return command
    return ()


def site(folder: Path) -> Path:
    """The course in that folder, built by whoever comes first."""
    with alone(folder.with_suffix(".lock")):
        if not folder.exists():
            unfinished = folder.with_suffix(".unfinished")
            with alone(folder.parent / "notebooks.lock"):
                run("lab.notebook_pages")
            run("mkdocs", "build", "--strict", "--site-dir", str(unfinished))
            unfinished.rename(folder)
    return folder


def run(module: str, *arguments: str) -> None:
    command = [*wall(), sys.executable, "-m", module, *arguments]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Nobody else who holds the same file's lock, in this process or another, until it is over."""
    import fcntl  # which Windows has not

    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
