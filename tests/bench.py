"""`make bench`: what the parts cost, as ratios with intervals. Not a test: nothing passes or fails.

Two servers run at once and take turns, block by block, so that a machine that slows down slows both. CPU is read from
the kernel's clock of the server's processes, in microseconds; the interval is the jackknife's over the blocks, 95 %.
"""

import http.client
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from rich.console import Console
from rich.table import Table
from scipy import stats

from tests.fanout_bench.costs import measure as measure_sides
from tests.fanout_bench.costs import sides
from tests.fanout_bench.memory import HELD
from tests.fanout_bench.memory import measure as measure_memory
from tests.load_bench.costs import measure
from tests.site import building
from tests.site.first_page import measure as measure_pages

BLOCKS = 12
POLLS = 300  # in a block
LISTENERS = (100, 500, 1000, 2000, 10_000)
OURS = ("WebSocket", "SSE")
HELD_BY = "WebSocket"


class Server:
    """A real server process, and the CPU time that it and its worker have used."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "servers", *options, "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline().rpartition(":")[2])
        self.get("/health")

    def cpu_us(self) -> float:
        tree = [self.process.pid, *(child.pid for child in psutil.Process(self.process.pid).children(recursive=True))]
        return sum(time.clock_gettime_ns((~pid << 3) | 2) for pid in tree) / 1000

    def get(self, path: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", path)
        connection.getresponse().read()
        connection.close()


@contextmanager
def servers(**options: list[str]) -> Iterator[dict[str, Server]]:
    """Both servers, stopped at the end."""
    running = {name: Server(*flags) for name, flags in options.items()}
    try:
        yield running
    finally:
        for server in running.values():
            server.process.terminate()
            server.process.wait()


def poll(server: Server) -> Callable[[int], int]:
    """A block of polls over one kept connection; returns how many."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)

    def block(number: int) -> int:
        for _ in range(POLLS):
            connection.request("GET", "/rooms/bench/messages")
            connection.getresponse().read()
        return POLLS

    return block


def compare(running: dict[str, Server], blocks: dict[str, Callable[[int], int]]) -> dict[str, list[float]]:
    """CPU per unit, in microseconds, for each block of each side, in turn."""
    costs: dict[str, list[float]] = {name: [] for name in blocks}
    for number in range(BLOCKS + 1):
        for name in sorted(blocks, reverse=number % 2 == 1):
            before = running[name].cpu_us()
            units = blocks[name](number)
            if number:  # the first warms up
                costs[name].append((running[name].cpu_us() - before) / units)
    return costs


def ratio(a: list[float], b: list[float]) -> tuple[float, float, float]:
    """The ratio of the means of a and b, with its 95 % interval: the jackknife's, on the log, without one block each.

    In a block of its own a small cost may drown in the noise, and come out as less than nothing.
    """
    log, count = math.log(sum(a) / sum(b)), len(a)
    without = [math.log((sum(a) - x) / (sum(b) - y)) for x, y in zip(a, b, strict=True)]
    error = math.sqrt(count - 1) * statistics.pstdev(without)
    low, high = stats.t.interval(0.95, count - 1, log, error)
    return math.exp(log), math.exp(low), math.exp(high)


def interval(a: list[float], b: list[float]) -> str:
    return "{:.2f} ({:.2f} to {:.2f})".format(*ratio(a, b))


def main() -> None:
    """Run the benches and print a table for each."""
    Console().print(generator())
    Console().print(server())
    Console().print(fan_out())
    Console().print(held())
    Console().print(first_words())
    Console().print(first_page())


def generator() -> Table:
    """What a delivery costs the load generator."""
    sides = measure()
    table = Table("a delivery, by", "CPU", "ours against it (95 % interval)", title="Generator CPU, WebSocket")
    for name, side in sides.items():
        against = "" if name == "ours" else interval(sides["ours"], side)
        table.add_row(name, f"{sorted(side)[len(side) // 2]:.1f} us", against)
    return table


def fan_out() -> Table:
    """What a delivery costs the server, without what it takes to publish."""
    table = Table("listeners", "a delivery, by", "CPU", title="Server CPU, fan-out")
    for name in OURS:
        table.add_column(f"{name} against it (95 % interval)")
    with sides() as running:
        if "ws on Node" not in running:
            table.caption = "Not measured here: ws on Node. To get it on Debian or Ubuntu: sudo apt-get install node-ws"
        for count in LISTENERS:
            costs = measure_sides(running, count)
            for name, side in costs.items():
                against = ["" if ours == name else interval(costs[ours], side) for ours in OURS]
                table.add_row(f"{count:,}", name, f"{sorted(side)[len(side) // 2]:.1f} us", *against)
    return table


def held() -> Table:
    """What a connection takes of the server's memory."""
    sides = measure_memory()
    against = f"{HELD_BY} against it (95 % interval)"
    table = Table("held by", "KiB each", against, title=f"Server memory, {HELD:,} connections held")
    for name, side in sides.items():
        compared = "" if name == HELD_BY else interval(sides[HELD_BY], side)
        table.add_row(name, f"{statistics.median(side):.1f}", compared)
    return table


def server() -> Table:
    """What a poll costs the server."""
    table = Table("what", "CPU", "against", "CPU", "ratio (95 % interval)", title="Server CPU")

    def row(what: str, costs: dict[str, list[float]]) -> None:
        (name, a), (other, b) = costs.items()
        middle = [f"{sorted(side)[len(side) // 2]:.0f} us" for side in (a, b)]
        table.add_row(what + ", " + name, middle[0], other, middle[1], interval(a, b))

    with servers(threads=["short-polling", "--engine", "threads"], gevent=["short-polling"]) as running:
        row("a poll", compare(running, {name: poll(server) for name, server in running.items()}))
    return table


def first_words() -> Table:
    """How long somebody waits who types `lab --help`, against a Python that does nothing: seconds, not CPU."""
    python = [sys.executable, "-c", "pass"]
    spans: dict[str, list[float]] = {"lab --help": [], "python -c pass": []}
    for number in range(BLOCKS + 1):
        for name, command in zip(spans, ([sys.executable, "-m", "lab", "--help"], python), strict=True):
            begun = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            if number:  # the first warms up
                spans[name].append(time.perf_counter() - begun)
    table = Table("command", "time", "against python -c pass (95 % interval)", title="Time to the first words")
    for name, side in spans.items():
        against = "" if name == "python -c pass" else interval(side, spans["python -c pass"])
        table.add_row(name, f"{sorted(side)[len(side) // 2]:.2f} s", against)
    return table


def first_page() -> Table:
    """How long somebody waits who comes to the course for the first time: milliseconds, not CPU."""
    with TemporaryDirectory() as folder:
        spans = measure_pages(building.site(Path(folder) / "site"))
    table = Table("page", "time", "against a page of one word (95 % interval)", title="Time until it can be used")
    for name, side in spans.items():
        against = "" if name == "a page of one word" else interval(side, spans["a page of one word"])
        table.add_row(name, f"{sorted(side)[len(side) // 2]:.0f} ms", against)
    return table


if __name__ == "__main__":
    main()
