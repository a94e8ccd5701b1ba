"""One run: a fresh server process, a fresh generator process, each on a CPU of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import structs

from lab.behind import Nginx, Way
from lab.children import STOP_TIME, RunFailed, address_of, killed_after, last_words, own_group, stop
from lab.fault import stall
from lab.link import Link
from lab.netem import FAR_ADDRESS, Cable
from lab.plan import Cell, PlannedRun
from lab.proxy import Proxy
from loadtests import scenario as scenarios
from loadtests.scenario import Scalar

CONNECT_TIME = 30.0  # seconds the generator gives its users to get in
WRITE_TIME = 60.0  # seconds to write the tables of a large run
COLLECT_TIME = 5.0  # seconds of collection after the last publish, or two poll intervals
NGINX_LOG = "nginx.log"
ROUND_TRIPS = 20  # of a link, in which users get in and the last messages come: more than the generator grants itself


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
    link: Link = Link()
    stall_s: float = 0.0  # the server stands still for so long, in the middle of the window
    server_cpu: int | None = None
    generator_cpu: int | None = None
    link_cpu: int | None = None
    worker_cpus: tuple[int, ...] = ()  # of the generator processes when there are several; each takes one in turn
    generators: int = 1
    join_s: float = 0.0  # for the generator processes to come together
    behind: Way = "direct"  # what stands before the server: nothing, or nginx, on the server's CPU


def warmed(setup: Setup, poll_intervals: Iterable[float]) -> Setup:
    """The same with its times: all transports warm up for the longest poll interval, so as to meet the same load."""
    scenario = scenarios.load(setup.scenario, setup.changes)
    found = scenarios.warmed(scenario, *poll_intervals)
    longer = {} if found.warmup_s == scenario.warmup_s else {"warmup_s": found.warmup_s}
    return structs.replace(
        setup, duration_s=found.duration_s, warmup_s=found.warmup_s, changes=setup.changes | longer
    )  # fmt: skip


class Server:
    """A server process, started and perhaps not listening yet."""

    def __init__(self, cell: Cell, setup: Setup, log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        self.log = log
        self.cable = Cable(setup.link) if setup.link.kind == "netem" else None
        far, host = (self.cable.far, ["--host", FAR_ADDRESS, "--auth", "off"]) if self.cable else ([], [])
        with log.open("wb") as errors:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                [*far, sys.executable, "-m", *module_of(cell, setup), *host, "--port", "0"],
                stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, **own_group(),
            )  # fmt: skip
        if setup.server_cpu is not None:
            with contextlib.suppress(OSError):  # it has ended already; the missing first line will say so
                os.sched_setaffinity(self.process.pid, {setup.server_cpu})

    def address(self) -> str:
        """Where it listens; RunFailed if it does not say so in time."""
        return address_of(self.process, "server", self.log)

    def stop(self) -> None:
        """Ask it to drain, and do not leave before it has ended."""
        stop(self.process)
        if self.cable:
            self.cable.remove()


def module_of(cell: Cell, setup: Setup) -> list[str]:
    """What is run, and with what."""
    if cell.target == "null":
        return ["loadtests.null", cell.transport]
    return ["servers", cell.transport, "--engine", setup.engine, *setup.server_options]


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
    proxy: Proxy | None = None
    nginx: Nginx | None = None

    def hear(event: str) -> None:
        say(event)
        if proxy:
            proxy.hear(event)

    try:
        url = server.address()
        if setup.behind != "direct":
            nginx = Nginx(url, part / NGINX_LOG, cpu=setup.server_cpu)
            url = nginx.url(setup.behind)
        if setup.link.kind == "proxy":
            proxy = Proxy(setup.link, url, planned.seed, setup.link_cpu, part)
            url = urlsplit(url)._replace(netloc=urlsplit(proxy.address()).netloc).geturl()
        generator = start_generator(planned, url, server, setup, part, nginx)
        try:
            follow(generator, server, setup, planned, hear, while_writing)
        except BaseException:
            interrupt(generator)
            raise
        if generator.returncode:
            raise RunFailed(f"the generator gave up: {last_words(part / 'generator.log')}")
    finally:
        for before_it in (proxy, nginx):
            if before_it:
                before_it.stop()
        server.stop()


def start_generator(
    planned: PlannedRun, url: str, server: Server, setup: Setup, part: Path, nginx: Nginx | None = None
) -> subprocess.Popen[bytes]:
    cell = planned.cell
    near = server.cable.near if server.cable else []
    command = [*near, sys.executable, "-m", "loadtests.run", url, "--transport", cell.transport]
    command += ["--scenario", setup.scenario, "--seed", str(planned.seed), "--run", str(planned.run)]
    command += ["--out", str(part), "--server-pid", str(server.process.pid)]
    if setup.behind == "nginx+h2" and cell.transport != "websocket":
        command += ["--http", "2"]
    if nginx:
        command += ["--ca", str(nginx.ca), "--server-pid", str(nginx.process.pid)]
    if cell.poll_interval_s is not None:
        command += ["--poll-interval", str(cell.poll_interval_s)]
    for field, value in setup.changes.items():
        command += ["--set", f"{field}={str(value).lower() if isinstance(value, bool) else value}"]
    if setup.link.longest_ms:
        command += ["--rtt-ms", str(setup.link.longest_ms)]
    command += setup.generator_options
    if cpus := setup.worker_cpus or (() if setup.generator_cpu is None else (setup.generator_cpu,)):
        command += ["--cpu", ",".join(map(str, cpus))]
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
    on_the_way = ROUND_TRIPS * setup.link.longest_ms / 1_000
    measuring = setup.warmup_s + setup.duration_s + collecting
    longest = setup.join_s + CONNECT_TIME + on_the_way + measuring + WRITE_TIME
    pause_s = (setup.duration_s - setup.stall_s) / 2
    with killed_after(longest, generator), stall(server.process.pid, pause_s, setup.stall_s) as begin_stall:
        for line in generator.stdout:
            event = json.loads(line)["event"]
            say(event)
            if event == "window":
                begin_stall()
            if event == "collected":
                if server.process.poll() is not None:
                    raise RunFailed(f"the server ended in mid-run: {last_words(server.log)}")
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
