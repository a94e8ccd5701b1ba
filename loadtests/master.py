"""The master of several generator processes: starts them, keeps them in step, and puts their records together.

It has no users of its own. It watches the server, if that is a process of its host.
"""

import argparse
import contextlib
import functools
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gevent
import locust.runners
import msgspec
from gevent.event import AsyncResult
from gevent.queue import Empty
from locust.env import Environment
from locust.exception import RPCError

from loadtests import clock, merge, schedule
from loadtests.command import BadUse
from loadtests.distributed import FROM_WORKERS, LOST_AFTER, Hello, Job, Line, Records, Shares
from loadtests.measure import Marks, collect_time, connect_time, soon, start, watch
from loadtests.preparation import INTERRUPTED, Interrupted, Run, interrupt_on_signals, load_of, prepare, say
from loadtests.processes import Samplers, ServerTree, limits
from loadtests.records import Recorder
from loadtests.users import USERS

JOIN_TIME = 300.0  # seconds for all workers to come: somebody has to type a command on each host
READY_TIME = 60.0  # seconds to work out the schedule
STEP_TIME = 30.0  # seconds for any other step, beside what it takes by itself
WRITE_TIME = 120.0  # seconds to write the tables of a large run, and to send them
HEAD_START = 0.5  # seconds from the last subscription to the common start, which each worker has to hear of first
STOP_TIME = 5.0  # seconds for a worker to end by itself
LOOK_EVERY = 0.02  # seconds between looks whether all workers are well


class Child:
    """A worker on this host."""

    def __init__(self, number: int, host: str, port: int, cpus: Sequence[int], out: Path) -> None:
        self.log = out / f"worker-{number}.log"
        command = [sys.executable, "-m", "loadtests.worker", "--master-host", host, "--master-port", str(port)]
        if cpus:
            command += ["--cpu", str(cpus[number % len(cpus)])]
        with self.log.open("wb") as errors:
            self.process: subprocess.Popen[bytes] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
            )

    def last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")

    def end(self) -> None:
        """Wait until it has ended; kill it when it does not."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_TIME)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Crew:
    """The workers of a run. `names` are Locust's for them, by their numbers."""

    def __init__(self, runner: Any, size: int) -> None:
        self.runner, self.size = runner, size
        self.line = Line(runner, FROM_WORKERS)
        self.children: list[Child] = []
        self.names: list[str] = []

    def start_children(self, host: str, cpus: Sequence[int], out: Path) -> None:
        """Start all workers on this host."""
        for number in range(self.size):
            self.children.append(Child(number, host, self.runner.server.port, cpus, out))

    def muster(self) -> list[Hello]:
        """Wait until all have come, and number them: our children in the order in which they were started."""
        said = self.wait_for("hello", JOIN_TIME)
        came = {name: msgspec.convert(data, Hello) for name, data in said.items()}
        started = [child.process.pid for child in self.children]
        self.names = sorted(came, key=lambda name: started.index(came[name].pid) if started else 0)
        return [came[name] for name in self.names]

    def gather(self, kind: str, seconds: float) -> list[Any]:
        """What each worker says under this name, by its number. BadUse when one fails, is lost or takes too long."""
        said = self.wait_for(kind, seconds)
        return [said[name] for name in self.names]

    def wait_for(self, kind: str, seconds: float) -> dict[str, Any]:
        said: dict[str, Any] = {}
        deadline = time.monotonic() + seconds
        while len(said) < self.size:
            if time.monotonic() > deadline:
                raise BadUse(f"Only {len(said)} of {self.size} workers were heard of within {seconds:.0f} s ({kind}).")
            with contextlib.suppress(Empty):
                name, data = self.line.said[kind].get(timeout=LOOK_EVERY)
                if not self.names or name in self.names:
                    said[name] = data
        return said

    def guard(self, main_greenlet: Any) -> None:
        """End the run, wherever it is, as soon as a worker is not well."""
        while True:
            try:
                self.check()
            except BadUse as error:
                gevent.kill(main_greenlet, error)
                return
            gevent.sleep(LOOK_EVERY)

    def check(self) -> None:
        """BadUse when a worker is not well."""
        with contextlib.suppress(Empty):
            raise BadUse(self.line.said["failed"].get_nowait()[1])
        for number, child in enumerate(self.children):
            if child.process.poll() is not None:
                raise BadUse(f"Worker {number} ended in mid-run: {child.last_words()}")
        for number, name in enumerate(self.names):
            node = self.runner.clients.get(name)
            if node is None or node.state == "missing":
                raise BadUse(f"Nothing was heard of worker {number} for {LOST_AFTER} s.")

    def dismiss(self, why: str) -> None:
        """Let everybody go."""
        for name in list(self.runner.clients):
            member = name in self.names or not self.names
            self.line.tell("over", why if member else "The run had all its workers already.", name)
        for child in self.children:
            if not self.names:  # it may still be on its way to us
                child.process.terminate()
            child.end()
        gevent.sleep(0 if self.children else STOP_TIME / 10)  # for the word to reach the other hosts


def make_run(args: argparse.Namespace, run: Run, server: ServerTree | None) -> int:
    """A run by several processes. Returns 0, or 130 when interrupted; BadUse when a worker fails."""
    prepare(run.transport, 0, args.cpu[:1])
    environment = Environment(user_classes=[USERS[run.transport]])
    host, port = args.master_host, args.master_port if args.master else 0
    crew = Crew(listen(environment, host, port), args.workers)
    interrupt_on_signals()
    guard = gevent.spawn(crew.guard, gevent.getcurrent())
    why = "The master was interrupted."
    try:
        if args.master:
            say("waiting", workers=args.workers, host=host, port=port)
        else:
            crew.start_children(host, args.cpu, Path(args.out))
        status = lead(crew, args, run, server)
        why = ""
        return status
    except Interrupted:
        return INTERRUPTED
    except BadUse as error:
        why = str(error)
        raise
    finally:
        guard.kill()
        crew.dismiss(why)


def listen(environment: Any, host: str, port: int) -> Any:
    """Locust's master; port 0 picks a free one. It bears with a worker that writes its tables and says nothing."""
    locust.runners.HEARTBEAT_LIVENESS = LOST_AFTER  # instead of 3 s
    try:
        return environment.create_master_runner(host, port)
    except (RPCError, SystemExit) as error:  # Locust exits when the port is in use
        busy = isinstance(error, SystemExit)
        reason = "is in use: give another with --master-port" if busy else "is not an address of this host"
        raise BadUse(f"The master cannot listen at {host}:{port}, which {reason}.") from None


def lead(crew: Crew, args: argparse.Namespace, run: Run, server: ServerTree | None) -> int:
    """The run, step by step, each when all workers have taken the one before."""
    hellos = crew.muster()
    clocks = [*(hello.clock for hello in hellos), clock.identity()]
    asks = clock.ASKS if len(set(clocks)) > 1 else 0
    shares = schedule.shared_out(run.scenario, run.seed, crew.size)
    run_id = str(uuid.uuid4())
    hosts = [hello.host for hello in hellos]
    for number, name in enumerate(crew.names):
        job = Job(number, hosts.index(hosts[number]), crew.size, run, run_id, compare_clocks=asks > 0)
        crew.line.tell("job", job, name)
    counts = {name: len(share) for name, share in zip(crew.names, shares, strict=True)}
    crew.runner.environment.dispatcher_class = functools.partial(Shares, counts)
    recorder, marks, status = Recorder(), Marks(), 0
    recorder.limits = limits(server)
    load = load_of(run, recorder)
    load.begin = AsyncResult()
    begin: list[clock.Reading] = []
    end: list[clock.Reading] = []
    try:
        crew.gather("ready", READY_TIME)
        crew.runner.start(run.scenario.users, spawn_rate=run.scenario.users)
        crew.gather("subscribed", connect_time(load, run.scenario.users) + STEP_TIME)
        begin = clock.ask(run.url, asks, run.ca)
        say("connected", users=run.scenario.users)
        samplers = Samplers(load.timer, server, recorder.tables["server"], recorder.tables["generator"])
        start_ns = soon(HEAD_START)
        crew.line.tell("start", start_ns + clock.best(begin).offset_ns if begin else start_ns)
        start(load, marks, start_ns)
        watch(load, server, marks, say)
        marks.publish_end_ns = marks.end_ns
        crew.gather("collected", collect_time(load) + load.poll_interval_s + STEP_TIME)
        marks.collected_ns = time.monotonic_ns()
        samplers.stop()
        crew.line.tell("leave")
        crew.gather("left", STEP_TIME)
        end = clock.ask(run.url, asks, run.ca)
        say("collected")
        crew.line.tell("drain")
    except Interrupted:
        status = INTERRUPTED
        crew.line.tell("interrupted")
    parts = save(crew, Path(args.out))
    own = clock.estimate(begin, end) if begin else None
    merge.merge(parts, clocks, own, marks, recorder, Path(args.out))
    say("written")
    return status


def save(crew: Crew, out: Path) -> list[Path]:
    """The records of each worker, as they are, into a folder of its own."""
    parts = []
    for number, data in enumerate(crew.gather("records", WRITE_TIME)):
        parts.append(out / f"worker-{number}")
        parts[-1].mkdir(exist_ok=True)
        for name, content in msgspec.convert(data, Records).files.items():
            (parts[-1] / Path(name).name).write_bytes(content)
    return parts
