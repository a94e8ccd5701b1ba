"""One run: a fresh server process, a fresh generator process, each on a CPU of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from lab.plan import PlannedRun
from loadtests.scenario import Scalar

START_TIME = 20.0  # seconds for a server to say where it listens
STOP_TIME = 5.0  # seconds for a process to end by itself when asked; the servers' drain takes 3 at most
CONNECT_TIME = 30.0  # seconds the generator gives its users to get in
WRITE_TIME = 60.0  # seconds to write the tables of a large run
COLLECT_TIME = 5.0  # seconds of collection after the last publish, or two poll intervals


class RunFailed(Exception):
    """Why a run came to nothing, in one sentence."""


class Setup(msgspec.Struct, frozen=True):
    """How a run is made, beside its cell. CPUs are None where processes cannot be pinned.

    `changes` are values for the scenario's fields in place of the file's; the duration and the warm-up are what
    comes out, in seconds.
    """

    scenario: str
    duration_s: float
    warmup_s: float
    engine: str = "gevent"
    changes: dict[str, Scalar] = {}
    server_options: tuple[str, ...] = ()
    generator_options: tuple[str, ...] = ()
    server_cpu: int | None = None
    generator_cpu: int | None = None


class Server:
    """A server process, started and perhaps not listening yet."""

    def __init__(self, transport: str, setup: Setup, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        with log.open("wb") as errors:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-m", "servers", transport, "--port", "0", "--engine", setup.engine,
                 *setup.server_options],
                stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, **own_group(),
            )  # fmt: skip
        if setup.server_cpu is not None:
            with contextlib.suppress(OSError):  # it has ended already; the missing first line will say so
                os.sched_setaffinity(self.process.pid, {setup.server_cpu})

    def address(self) -> str:
        """Where it listens; RunFailed if it does not say so in time."""
        assert self.process.stdout is not None
        with killed_after(START_TIME, self.process):
            line = self.process.stdout.readline().decode(errors="replace").strip()
        if not line.startswith("listening on "):
            raise RunFailed(f"the server did not start: {last_line(self.log) or line or 'it said nothing'}")
        return line.removeprefix("listening on ")

    def stop(self) -> None:
        """Ask it to drain, and do not leave before it has ended."""
        stop(self.process)


def measure(
    planned: PlannedRun,
    server: Server,
    setup: Setup,
    part: Path,
    say: Callable[[str], None],
    while_writing: Callable[[], None],
) -> None:
    """Make one run, whose tables end up in `part`. RunFailed, or KeyboardInterrupt with what there was written.

    `say` hears each step; `while_writing` is called when the measurement is over and only files are being written.
    """  # fmt: skip
    try:
        generator = start_generator(planned, server, setup, part)
        try:
            follow(generator, server, setup, planned, say, while_writing)
        except BaseException:
            interrupt(generator)
            raise
        if generator.returncode:
            raise RunFailed(f"the generator gave up: {last_line(part / 'generator.log') or 'it said nothing'}")
    finally:
        server.stop()


def start_generator(planned: PlannedRun, server: Server, setup: Setup, part: Path) -> subprocess.Popen[bytes]:
    cell = planned.cell
    command = [sys.executable, "-m", "loadtests.run", server.address(), "--transport", cell.transport]
    command += ["--scenario", setup.scenario, "--seed", str(planned.seed), "--run", str(planned.run)]
    command += ["--out", str(part), "--server-pid", str(server.process.pid)]
    if cell.poll_interval_s is not None:
        command += ["--poll-interval", str(cell.poll_interval_s)]
    for field, value in setup.changes.items():
        command += ["--set", f"{field}={value}"]
    command += setup.generator_options
    if setup.generator_cpu is not None:
        command += ["--cpu", str(setup.generator_cpu)]
    part.mkdir(parents=True, exist_ok=True)
    with (part / "generator.log").open("wb") as errors:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, **own_group())


def follow(
    generator: subprocess.Popen[bytes], server: Server, setup: Setup, planned: PlannedRun,
    say: Callable[[str], None], while_writing: Callable[[], None],
) -> None:  # fmt: skip
    """Listen to the generator to its end; let the server drain as soon as all is collected."""
    assert generator.stdout is not None
    collecting = max(COLLECT_TIME, 2 * (planned.cell.poll_interval_s or 0))
    with killed_after(CONNECT_TIME + setup.warmup_s + setup.duration_s + collecting + WRITE_TIME, generator):
        for line in generator.stdout:
            event = json.loads(line)["event"]
            say(event)
            if event == "collected":
                if server.process.poll() is not None:
                    raise RunFailed(f"the server ended in mid-run: {last_line(server.log) or 'it said nothing'}")
                server.process.terminate()
                while_writing()
        generator.wait()


def interrupt(generator: subprocess.Popen[bytes]) -> None:
    """Let the generator write what it has."""
    if generator.poll() is None and sys.platform != "win32":
        generator.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            generator.wait(2 * STOP_TIME)
    stop(generator)


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
