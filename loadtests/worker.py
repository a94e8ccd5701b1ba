"""One of several generator processes: joins a master, has its share of the users, and hands over what they saw.

    python -m loadtests.worker --master-host 10.0.0.1

The master (`python -m loadtests.run --workers N`) starts those of its own host; on other hosts this command does it,
with --stay once for all the runs of a comparison. It is told everything else. It drives whatever server its master
names, so name only a master that you trust.
"""

import argparse
import contextlib
import os
import socket
import sys
import time
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gevent
import msgspec
from gevent.event import AsyncResult, Event

from loadtests import clock, schedule
from loadtests.awake import kept_awake
from loadtests.command import BadUse, read_worker_command
from loadtests.distributed import FROM_MASTER, LOST_AFTER, Halt, Hello, Job, Line, Over, Records
from loadtests.preparation import INTERRUPTED, Interrupted, interrupt_on_signals, load_of, note_unexpected, prepare, say
from loadtests.records import Recorder, Worker

PAUSE = 1.0  # seconds for the master of the last run to be gone, so that we do not join it again
FAREWELL = 5.0  # seconds to wait for the master's last word when there is bad news


class NoMaster(BadUse):
    """There is none at the address given."""


def main() -> int:
    """Returns 0 when done, 2 when there was no run, 130 when interrupted."""
    stay = False
    try:
        args = read_worker_command(__doc__)
        stay = args.stay
        status = work(args)
    except (BadUse, Over) as error:
        print(f"loadtests: {error}", file=sys.stderr)
        status, stay = 2, stay and not isinstance(error, NoMaster)
    except KeyboardInterrupt:  # before we listened for signals
        status = INTERRUPTED
    if stay and status != INTERRUPTED:
        try:
            time.sleep(PAUSE)
        except Interrupted:  # a signal whose greenlet this still is
            return INTERRUPTED
        os.execv(sys.executable, [sys.executable, "-m", "loadtests.worker", *sys.argv[1:]])  # each run a fresh process
    return status


def work(args: argparse.Namespace) -> int:
    """Join, and do one run's work."""
    runner = join(args.master_host, args.master_port)
    line = Line(runner, FROM_MASTER)
    line.end_on_orders()
    interrupt_on_signals()
    gevent.spawn(watch_master, runner, gevent.getcurrent())
    try:
        line.tell("hello", Hello(os.getpid(), socket.gethostname(), clock.identity()))
        do(line, msgspec.convert(line.hear("job"), Job), args.cpu)
        return 0
    except Over as order:
        if str(order):
            raise
        return 0
    except BadUse as error:
        give_up(line, str(error))
        raise
    except (Interrupted, Halt):
        give_up(line, f"A worker on {socket.gethostname()} was interrupted.")
        return INTERRUPTED


def join(host: str, port: int) -> Any:
    """Locust's worker, connected to its master."""
    from locust.env import Environment  # takes a second, and patches this process for gevent

    try:
        socket.getaddrinfo(host, port)
        return Environment().create_worker_runner(host, port)
    except socket.gaierror as error:
        raise NoMaster(f"The master's name {host} cannot be looked up: {error.strerror}.") from None
    except ConnectionError:
        raise NoMaster(f"No master answered at {host}:{port} within five minutes.") from None


def watch_master(runner: Any, main_greenlet: Any) -> None:
    """End the run when nothing is heard of the master any more. Seconds in which we could not listen do not count."""
    last, missed = runner.last_heartbeat_timestamp, 0
    while missed <= LOST_AFTER:
        gevent.sleep(1)
        before, last = last, runner.last_heartbeat_timestamp
        missed = missed + 1 if last == before else 0
    gevent.kill(main_greenlet, BadUse(f"Nothing was heard of the master for {LOST_AFTER} s."))


def do(line: Line, job: Job, cpus: list[int]) -> None:
    """The run, step by step as the master says. Ends with Over; on Halt, what there is is handed over all the same."""
    from loadtests import parts
    from loadtests.measure import Marks, collect, connect, start, watch
    from loadtests.processes import Samplers, limits
    from loadtests.users import USERS

    run = job.run
    numbers = schedule.shared_out(run.scenario, run.seed, job.workers)[job.worker]
    capabilities = prepare(run.transport, len(numbers), cpus)
    recorder, marks = Recorder(), Marks()
    recorder.limits = limits(None)
    load = load_of(run, recorder, numbers, uuid.UUID(job.run_id))
    load.expect_from_elsewhere()
    load.begin = AsyncResult()
    USERS[run.transport].load = load
    line.runner.environment.user_classes = [USERS[run.transport]]
    note_unexpected(line.runner.environment, load)
    begin: list[clock.Reading] = []
    end: list[clock.Reading] = []
    asks = clock.ASKS if job.compare_clocks else 0
    with contextlib.suppress(Halt), kept_awake(cpus):
        line.tell("ready")
        connect(load, len(numbers), recorder)
        begin = clock.ask(run.url, asks, run.ca)
        line.tell("subscribed")
        start_ns = line.hear("start")
        samplers = Samplers(load.timer, None, recorder.tables["server"], recorder.tables["generator"])
        start(load, marks, start_ns - clock.best(begin).offset_ns if begin else start_ns)
        watch(load, None, marks, say)
        collect(load, marks)
        samplers.stop()
        line.tell("collected")
        line.hear("leave")
        line.runner.stop()
        end = clock.ask(run.url, asks, run.ca)
        line.tell("left")
        line.hear("drain")
        load.sockets.drain()
    me = Worker(
        worker=job.worker, host=job.host, users=len(numbers), cpu=cpus[0] if capabilities["pinned"] else None,
        generator_cpu_ns_window=parts.difference(marks.own_cpu_end_ns, marks.own_cpu_begin_ns),
        clock=clock.estimate(begin, end) if begin else None,
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        where = Path(folder)
        parts.write(where, run.run, run.transport, run.url, load, recorder, marks, capabilities, [me])
        line.tell("records", Records({path.name: path.read_bytes() for path in where.iterdir()}))
    while True:
        with contextlib.suppress(Halt):  # too late for that
            Event().wait()  # for the master's word that it has them


def give_up(line: Line, why: str) -> None:
    """Tell the master, and let it hear that before this process is gone."""
    line.tell("failed", why)
    with contextlib.suppress(Over):
        gevent.sleep(FAREWELL)


if __name__ == "__main__":
    sys.exit(main())
