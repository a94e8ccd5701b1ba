"""The load generator's process: one run, that is one transport against one fresh server.

    python -m loadtests.run http://127.0.0.1:5005 --transport sse --seed 1 --out results/runs/try

It prints one JSON object for each step (connected, window, window-end, collected, written), and leaves one run's part
of a run folder. After `collected` it waits up to 3 s for the server to close every connection: end the server then,
and the byte counts are whole.

With --workers 2 it shares the users out to two processes that it starts, and puts their records together; with
--master too, it waits for them to come from other hosts (`python -m loadtests.worker`).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from psutil import NoSuchProcess

from loadtests import processes
from loadtests.awake import kept_awake
from loadtests.command import BadUse, read_command
from loadtests.preparation import (
    INTERRUPTED,
    Interrupted,
    Run,
    interrupt_on_signals,
    load_of,
    make_folder,
    note_unexpected,
    prepare,
    say,
)
from loadtests.records import Recorder
from loadtests.scenario import ScenarioError, load, warmed


def main() -> int:
    """Returns 0 when done, 2 on bad use, 130 when interrupted; what was measured until then is written."""
    try:
        return make_run(read_command(__doc__))
    except (BadUse, ScenarioError) as error:
        print(f"loadtests: {error}", file=sys.stderr)
        return 2


def make_run(args: argparse.Namespace) -> int:
    run = read_run(args)
    server = server_tree(args.server_pid)
    if args.workers > run.scenario.users:
        raise BadUse(f"{args.workers} workers cannot share {run.scenario.users} users: give fewer with --workers.")
    make_folder(Path(args.out))
    if args.workers > 1 or args.master:
        from loadtests import master

        return master.make_run(args, run, server)
    capabilities = prepare(run.transport, run.scenario.users, args.cpu)

    from locust.env import Environment  # takes a second, and patches this process for gevent

    from loadtests import parts
    from loadtests.measure import Marks, measure
    from loadtests.users import USERS

    recorder, marks, status = Recorder(), Marks(), 0
    group = load_of(run, recorder)
    USERS[run.transport].load = group
    environment = Environment(user_classes=[USERS[run.transport]])
    note_unexpected(environment, group)
    runner = environment.create_local_runner()
    interrupt_on_signals()
    try:
        with kept_awake(args.cpu):
            measure(group, runner, recorder, server, marks, say)
    except Interrupted:
        status = INTERRUPTED
    parts.write(Path(args.out), run.run, run.transport, run.url, group, recorder, marks, capabilities)
    say("written")
    return status


def read_run(args: argparse.Namespace) -> Run:
    changes = dict(args.set) | ({} if args.duration is None else {"duration_s": args.duration})
    changes |= {"loop": "closed"} if args.closed_loop else {}
    scenario = load(args.scenario, changes)
    polls = args.transport == "short-polling"
    interval_s = (args.poll_interval or scenario.poll_intervals[0]) if polls else 0.0
    scenario = warmed(scenario, interval_s)
    if args.http == "2" and (args.transport == "websocket" or not args.url.startswith("https:") or scenario.deaf):
        raise BadUse("HTTP/2 is for polls and streams at an https address that all are to read: leave out --http 2.")
    rtt_s, ca = args.rtt_ms / 1_000, args.ca or ""
    return Run(args.run, args.transport, args.url, args.seed, scenario, interval_s, rtt_s, ca, args.http)


def server_tree(pids: Sequence[int]) -> processes.ServerTree | None:
    try:
        return processes.ServerTree(*pids) if pids else None
    except NoSuchProcess as error:
        raise BadUse(f"There is no process {error.pid}: give --server-pid the server's, or leave it out.") from None


if __name__ == "__main__":
    sys.exit(main())
