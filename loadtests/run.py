"""The load generator's process: one run, that is one transport against one fresh server.

    python -m loadtests.run http://127.0.0.1:5005 --transport sse --seed 1 --out results/runs/try

It prints one JSON object for each step (connected, window, window-end, collected, written), and leaves one run's part
of a run folder. After `collected` it waits up to 3 s for the server to close every connection: end the server then,
and the byte counts are whole.
"""

import argparse
import gc
import json
import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
from psutil import NoSuchProcess

from loadtests import processes
from loadtests.command import BadUse, read_command
from loadtests.records import Recorder
from loadtests.scenario import Scenario, ScenarioError, load

if TYPE_CHECKING:
    from loadtests.users.base import Load

DESCRIPTORS = {"short-polling": 2, "long-polling": 2, "sse": 2, "websocket": 1}  # of each user
SPARE_DESCRIPTORS = 64  # for the interpreter, the timer and the files written at the end
INTERRUPTED = 130  # 128 + SIGINT, as a shell has it


class Interrupted(BaseException):
    """SIGINT or SIGTERM came."""


def main() -> int:
    """Returns 0 when done, 2 on bad use, 130 when interrupted; what was measured until then is written."""
    try:
        return make_run(read_command(__doc__))
    except (BadUse, ScenarioError) as error:
        print(f"loadtests: {error}", file=sys.stderr)
        return 2


def make_run(args: argparse.Namespace) -> int:
    changes = dict(args.set) | ({} if args.duration is None else {"duration_s": args.duration})
    changes |= {"loop": "closed"} if args.closed_loop else {}
    scenario = load(args.scenario, changes)
    server = server_tree(args.server_pid)
    capabilities = prepare(args, scenario)

    from locust.env import Environment  # takes a second, and patches this process for gevent

    from loadtests import parts
    from loadtests.measure import Marks, measure
    from loadtests.users import USERS

    recorder, marks, status = Recorder(), Marks(), 0
    group = load_of(args, scenario, recorder)
    USERS[args.transport].load = group
    environment = Environment(user_classes=[USERS[args.transport]])

    @environment.events.user_error.add_listener  # type: ignore[untyped-decorator]
    def note(exception: Exception, **_: Any) -> None:
        group.note(f"unexpected: {exception!r}")

    runner = environment.create_local_runner()
    interrupt_on_signals()
    try:
        measure(group, runner, recorder, server, marks, say)
    except Interrupted:
        status = INTERRUPTED
    parts.write(Path(args.out), args.run, args.transport, args.url, group, recorder, marks, capabilities)
    say("written")
    return status


def prepare(args: argparse.Namespace, scenario: Scenario) -> dict[str, bool]:
    """Make this process and its folder ready; returns what it can and cannot measure here."""
    needed = DESCRIPTORS[args.transport] * scenario.users + SPARE_DESCRIPTORS
    if (limit := processes.raise_descriptor_limit(needed)) is not None:
        raise BadUse(f"{scenario.users} users need {needed} open files, and this process may have {limit}: "
                     f"raise the limit with `ulimit -n {needed}`.")  # fmt: skip
    try:
        Path(args.out).mkdir(parents=True, exist_ok=True)
        (Path(args.out) / "run.json").write_text("")
    except OSError as error:
        raise BadUse(
            f"The folder {args.out} cannot be written to ({error.strerror}): give another with --out."
        ) from None
    try:
        pinned = args.cpu is not None and processes.pin(args.cpu)
    except OSError:
        raise BadUse(f"There is no CPU {args.cpu} to run on: leave --cpu out, or give another.") from None
    logging.getLogger("locust").setLevel(logging.ERROR)  # it warns of many users at once, which is meant
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 1_000)  # the default stops everything for half a second while thousands connect
    return processes.capabilities() | {"pinned": pinned}


def load_of(args: argparse.Namespace, scenario: Scenario, recorder: Recorder) -> "Load":
    from loadtests.users.base import Load

    polls = args.transport == "short-polling"
    interval_s = (args.poll_interval or scenario.poll_intervals[0]) if polls else 0.0
    horizon_s = scenario.warmup_s + scenario.duration_s
    try:
        return Load(scenario, args.seed, args.url, interval_s, recorder, horizon_s, args.rtt_ms / 1_000)
    except OSError as error:
        raise BadUse(f"The server's name in {args.url} cannot be looked up: {error.strerror}.") from None


def server_tree(pid: int | None) -> processes.ServerTree | None:
    try:
        return None if pid is None else processes.ServerTree(pid)
    except NoSuchProcess:
        raise BadUse(f"There is no process {pid}: give --server-pid the server's, or leave it out.") from None


def interrupt_on_signals() -> None:
    """Let SIGINT and SIGTERM end the measurement where it stands."""
    main_greenlet = gevent.getcurrent()
    for name in ("SIGINT", "SIGTERM"):
        if hasattr(signal, name):
            gevent.signal_handler(getattr(signal, name), gevent.kill, main_greenlet, Interrupted())


def say(event: str, **more: Any) -> None:
    print(json.dumps({"event": event, **more}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
