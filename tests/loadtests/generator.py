"""The load generator as its users start it: a process of its own, since Locust patches the one it is in."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from loadtests import records
from tests.front import Front
from tests.processes import PATIENCE, Server

SMALL = """
description = "Small enough for a test."
participants = 3
senders = 2
duration_s = 1.2
warmup_s = 0.2
poll_intervals = [0.25]
headers = "{headers}"

[workload]
kind = "poisson"
rooms = 4
rate_per_s = 7.0
bytes = 40
"""


def small(folder: Path, headers: str = "browser") -> Path:
    """A scenario of 12 users and some 32 messages."""
    path = folder / "small.toml"
    path.write_text(SMALL.format(headers=headers))
    return path


class Generator:
    """`python -m loadtests.run`, as a process whose events are read as they come."""

    def __init__(self, *arguments: object, prefix: tuple[str, ...] = (), module: str = "loadtests.run") -> None:
        command = [*prefix, sys.executable, "-m", module, *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def events(self) -> Iterator[dict[str, Any]]:
        return (json.loads(line) for line in self.process.stdout)

    def wait_for(self, name: str) -> dict[str, Any]:
        """The event of this name; what comes before it is read past."""
        for event in self.events():
            if event["event"] == name:
                return event
        raise AssertionError(f"there was no {name}: {self.process.stderr.read()}")

    def end(self) -> tuple[int, str]:
        """The exit code, and what was said on stderr."""
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)


@contextmanager
def generator(*arguments: object, **options: Any) -> Iterator[Generator]:
    """A generator that is not left running."""
    started = Generator(*arguments, **options)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            os.kill(started.process.pid, signal.SIGKILL)
        started.process.communicate()


class Part:
    """What one run left behind."""

    def __init__(self, folder: Path) -> None:
        self.info = records.read_info(folder)
        for name in records.TABLES:
            setattr(self, name, records.scan(folder, name).collect())

    publishes: pl.DataFrame
    deliveries: pl.DataFrame
    receivers: pl.DataFrame
    connections: pl.DataFrame
    requests: pl.DataFrame
    server: pl.DataFrame
    generator: pl.DataFrame

    @property
    def share(self) -> int:
        """How many hear each message."""
        return self.info.users // self.info.rooms


def run(
    server: Server | Front, transport: str, scenario: object, out: Path, *options: object, module: str = "loadtests.run"
) -> Part:
    """A whole run, the server ended as the lab ends it."""
    arguments = (server.url, "--transport", transport, "--scenario", scenario, "--out", out)
    with generator(*arguments, "--server-pid", server.process.pid, *options, module=module) as process:
        process.wait_for("collected")
        server.terminate()
        process.wait_for("written")
        assert process.end() == (0, "")
    return Part(out)
