"""Child processes: started apart from the terminal, listened to, and ended by their pid."""

import contextlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START_TIME = 20.0  # seconds for a process to say where it listens
STOP_TIME = 5.0  # seconds for a process to end by itself when asked; the servers' drain takes 3 at most


class RunFailed(Exception):
    """Why a run came to nothing, in one sentence."""


def address_of(process: subprocess.Popen[bytes], what: str, log: Path) -> str:
    """Where it listens, which is its first line; RunFailed if it does not say so in time."""
    assert process.stdout is not None
    with killed_after(START_TIME, process):
        line = process.stdout.readline().decode(errors="replace").strip()
    if not line.startswith("listening on "):
        raise RunFailed(f"the {what} did not start: {last_line(log) or line or 'it said nothing'}")
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
    return {"start_new_session": True}


def last_line(log: Path) -> str:
    """The last words of a process that failed."""
    with contextlib.suppress(OSError):
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")
    return ""
