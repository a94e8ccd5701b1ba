"""Child processes: started apart from the terminal, listened to, and ended by their pid."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

START_TIME = 20.0  # seconds for a process to say where it listens
STOP_TIME = 5.0  # seconds for a process to end by itself when asked; the servers' drain takes 3 at most


ROOM = 65_536  # bytes; with fewer no table can be written
TERMINATE = int(signal.SIGTERM)
PR_SET_PDEATHSIG = 1  # Linux's prctl(2): a signal for when the parent is gone
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class RunFailed(Exception):
    """Why a run came to nothing, in one sentence."""


def address_of(process: subprocess.Popen[bytes], what: str, log: Path) -> str:
    """Where it listens, which is its first line; RunFailed if it does not say so in time."""
    assert process.stdout is not None
    with killed_after(START_TIME, process):
        line = process.stdout.readline().decode(errors="replace").strip()
    if not line.startswith("listening on "):
        raise RunFailed(f"the {what} did not start: {last_line(log) or line or last_words(log)}")
    return line.removeprefix("listening on ")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process by its pid: asked first, then killed."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_TIME)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


@contextlib.contextmanager
def killed_after(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Kill a process that hangs, so that reading from it ends."""
    watch = threading.Timer(seconds, process.kill)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def own_group() -> dict[str, Any]:
    """Keep the terminal's Ctrl-C from the children: the lab hears it and ends them in order."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True, **tied()}


def tied() -> dict[str, Any]:
    """End a child when this process has been killed and cannot do it any more, where the system does that: on Linux."""
    return {"preexec_fn": partial(end_with_parent, os.getpid())} if LIBC else {}


def end_with_parent(parent: int) -> None:
    """Called in the child, before its program; it must not import or allocate much, since threads may hold locks."""
    assert LIBC is not None
    LIBC.prctl(PR_SET_PDEATHSIG, TERMINATE)
    if os.getppid() != parent:  # which was killed before this was asked for
        os._exit(1)


def last_words(log: Path) -> str:
    """What a process that failed said last, or why it may have said nothing."""
    return last_line(log) or full(log.parent) or "it said nothing"


def full(folder: Path) -> str:
    """A sentence when the folder's disk has no room left."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(folder).free < ROOM:
            return f"the disk of {folder} is full: free some of it, or measure with --out on another"
    return ""


def last_line(log: Path) -> str:
    """The last words of a process that failed."""
    with contextlib.suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
    return ""
