"""The course of one run: subscribe, start together, warm up, window, collect, leave."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import gevent
from gevent.event import AsyncResult
from locust.runners import LocalRunner

from loadtests.command import BadUse
from loadtests.load import Load
from loadtests.processes import Samplers, ServerTree, limits
from loadtests.records import Recorder
from loadtests.timer import SECOND

CONNECT_TIME = 30.0  # seconds for all users to get in, and for each of them
CONNECT_TIME_EACH = 0.01  # as much more: three times what a server of ours takes for a handshake
HEAD_START = 0.1  # seconds from the last subscription to the common start
QUIET_TIME = 0.3  # seconds, or a poll interval, to go on listening when all has arrived: for a second copy of it
ROUND_TRIPS = 4  # of a link: what getting in takes at most, and what a message may still need when polls are over
LOOK_EVERY = 0.02  # seconds between looks whether all has arrived

Say = Callable[..., None]


@dataclass
class Marks:
    """When a run reached what, and the CPU clocks at those moments; None until then."""

    begin_ns: int | None = None
    end_ns: int | None = None
    publish_end_ns: int | None = None
    collected_ns: int | None = None
    server_cpu_begin_ns: int | None = None
    server_cpu_end_ns: int | None = None
    own_cpu_begin_ns: int | None = None
    own_cpu_end_ns: int | None = None


def measure(
    load: Load, runner: LocalRunner, recorder: Recorder, server: ServerTree | None, marks: Marks, say: Say
) -> None:
    """Make the run; `marks` and the recorder hold what there is, even when it is cut short."""
    load.begin = AsyncResult()
    runner.start(load.scenario.users, spawn_rate=load.scenario.users)
    connect(load, load.scenario.users, recorder)
    say("connected", users=load.subscribed)
    recorder.limits = limits(server)
    samplers = Samplers(load.timer, server, recorder.tables["server"], recorder.tables["generator"])
    start(load, marks, soon(HEAD_START))
    watch(load, server, marks, say)
    collect(load, marks)
    samplers.stop()
    runner.stop()  # before the server is told to go, or the users would take that for a fault and come back
    say("collected")
    load.sockets.drain()


def connect_time(load: Load, users: int) -> float:
    """Seconds for so many users to get in."""
    return CONNECT_TIME + users * CONNECT_TIME_EACH + ROUND_TRIPS * load.rtt_s


def collect_time(load: Load) -> float:
    """Seconds after which what has not arrived is given up."""
    return max(load.scenario.collect_s, 2 * load.poll_interval_s) + ROUND_TRIPS * load.rtt_s


def connect(load: Load, users: int, recorder: Recorder) -> None:
    """Wait until all these users are subscribed."""
    patience_s = connect_time(load, users)
    deadline = time.monotonic() + patience_s
    while load.subscribed < users:
        if time.monotonic() > deadline:
            last = next(reversed(recorder.errors), "no answer")
            raise BadUse(f"Only {load.subscribed} of {users} users could subscribe within "
                               f"{patience_s:.0f} s; the last error: {last}.")  # fmt: skip
        gevent.sleep(LOOK_EVERY)


def soon(head_start_s: float) -> int:
    """The common start, in that time from now."""
    return time.monotonic_ns() + round(head_start_s * SECOND)


def start(load: Load, marks: Marks, start_ns: int) -> None:
    """Let all users go at the same moment; the window begins after the warm-up."""
    assert load.begin is not None
    marks.begin_ns = start_ns + round(load.scenario.warmup_s * SECOND)
    load.begin.set(start_ns)


def watch(load: Load, server: ServerTree | None, marks: Marks, say: Say) -> None:
    """Take the counters at both ends of the window."""
    assert marks.begin_ns is not None
    load.timer.sleep_until(marks.begin_ns)
    load.sockets.begin_window()
    marks.own_cpu_begin_ns, marks.server_cpu_begin_ns = time.process_time_ns(), server.cpu_ns() if server else None
    say("window", begin_ns=marks.begin_ns, seconds=load.scenario.duration_s)
    end_ns = marks.begin_ns + round(load.scenario.duration_s * SECOND)
    load.timer.sleep_until(end_ns)
    load.sockets.end_window()
    marks.own_cpu_end_ns, marks.server_cpu_end_ns = time.process_time_ns(), server.cpu_ns() if server else None
    marks.end_ns = end_ns
    say("window-end")


def collect(load: Load, marks: Marks) -> None:
    """Wait for every expected delivery, and a little longer; give up on what is late by more than is bearable.

    To go on for the whole time when nothing is missing would make each run some seconds longer. A second copy comes
    on the heels of the first, or with the next poll: that is waited for.
    """
    marks.publish_end_ns = marks.end_ns
    deadline = time.monotonic() + collect_time(load)
    while (load.writing or load.awaiting > 0) and time.monotonic() < deadline:
        gevent.sleep(LOOK_EVERY)
    gevent.sleep(max(QUIET_TIME, load.poll_interval_s))
    marks.collected_ns = time.monotonic_ns()
