"""Generator CPU per received delivery: our user, the usual recipe, and the floors, all against one cheap server.

All are connected all the time and take turns, block by block, so that a machine that slows down slows all of them.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

HERE = Path(__file__).parent
RECEIVERS = 200
MESSAGES = 25  # in a block, each to all receivers
EVERY = 0.03  # seconds between them: less than half of what the recipe can take
BLOCKS = 12
REST = 0.1  # seconds to finish what has come

HALL = """
description = "Rooms in which the only voice is the bench's own server."
participants = {participants}
senders = 1
duration_s = 3600.0
warmup_s = 0.0

[workload]
kind = "silence"
rooms = {rooms}
"""


class Sender:
    """The server, on a CPU of its own where there are two."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.load_bench.sender"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())
        pin(self.process.pid, first=True)

    def __enter__(self) -> "Sender":
        return self

    def __exit__(self, *failure: object) -> None:
        self.process.kill()
        self.process.communicate()

    def do(self, *words: object) -> None:
        """Tell it, and wait until it has."""
        assert self.process.stdin and self.process.stdout
        print(*words, file=self.process.stdin, flush=True)
        self.process.stdout.readline()


def commands(port: int, folder: Path) -> dict[str, list[str]]:
    """How each side is started."""
    scenario, python = folder / "hall.toml", sys.executable
    scenario.write_text(HALL.format(participants=RECEIVERS, rooms=1))
    url = f"127.0.0.1:{port}"
    sides = {
        "ours": [python, "-m", "loadtests.run", f"http://{url}", "--transport", "websocket", "--scenario",
                 str(scenario), "--out", str(folder / "out")],
        "recipe": [python, "-m", "locust", "-f", str(HERE / "recipe.py"), "--headless", "--host", f"ws://{url}",
                   "--users", str(RECEIVERS), "--spawn-rate", str(RECEIVERS), "--only-summary", "--loglevel", "ERROR"],
        "floor in Python": [python, "-m", "tests.load_bench.floor", str(port), str(RECEIVERS)],
    }  # fmt: skip
    if compiler := shutil.which("cc"):
        subprocess.run([compiler, "-O2", "-o", folder / "floor", HERE / "floor.c"], check=True)
        sides["floor in C"] = [str(folder / "floor"), str(port), str(RECEIVERS)]
    return sides


@contextmanager
def running(command: list[str]) -> Iterator[int]:
    """A side's process, interrupted at the end; its pid."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    pin(process.pid, first=False)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def pin(pid: int, first: bool) -> None:
    if hasattr(os, "sched_setaffinity"):
        cpus = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(pid, {cpus[0] if first else cpus[-1]})


def measure() -> dict[str, list[float]]:
    """CPU per delivery, in microseconds, for each block of each side."""
    with tempfile.TemporaryDirectory() as folder, Sender() as sender, ExitStack() as stack:
        pids = {}
        for name, command in commands(sender.port, Path(folder)).items():
            pids[name] = stack.enter_context(running(command))
            sender.do("accept", RECEIVERS)
        time.sleep(2)  # for all to have settled: Locust says a few things first
        costs: dict[str, list[float]] = {name: [] for name in pids}
        names = list(pids)
        for block in range(BLOCKS + 1):
            for name in names[block % len(names) :] + names[: block % len(names)]:
                before = cpu_ns(pids[name])
                sender.do("send", names.index(name), MESSAGES, EVERY)
                time.sleep(REST)
                if block:  # the first warms up
                    costs[name].append((cpu_ns(pids[name]) - before) / (MESSAGES * RECEIVERS) / 1000)
        return costs


def cpu_ns(pid: int) -> int:
    return time.clock_gettime_ns((~pid << 3) | 2)
