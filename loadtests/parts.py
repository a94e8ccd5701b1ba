"""Writing a run's part of a run folder from what its users, sockets and samplers hold."""

import time
from collections.abc import Sequence
from pathlib import Path

from loadtests.load import Load
from loadtests.measure import Marks
from loadtests.records import Recorder, RunInfo, Table, Worker, write_part
from loadtests.sockets import Counts, MeteredSocket
from loadtests.timer import SECOND


def write(
    folder: Path, run: int, transport: str, url: str, load: Load, recorder: Recorder, marks: Marks,
    capabilities: dict[str, bool], workers: Sequence[Worker] = (),
) -> None:  # fmt: skip
    """Everything there is, whether or not the run reached its end; one of several processes says which it is."""
    if load.scenario.loop == "open":  # in a closed loop nobody knows what was left out: that is the mistake
        add_unsent(load, recorder)
    add_receivers(load, recorder.tables["receivers"], marks.collected_ns or time.monotonic_ns())
    for sock in load.sockets:
        recorder.tables["connections"].append(*connection_row(sock))
    polls = transport == "short-polling"
    info = RunInfo(
        run=run,
        transport=transport,
        poll_interval_s=load.poll_interval_s if polls else None,
        scenario=load.scenario.name,
        seed=load.seed,
        url=url,
        users=load.scenario.users,
        rooms=load.scenario.rooms,
        window_begin_ns=marks.begin_ns,
        window_end_ns=marks.end_ns,
        publish_end_ns=marks.publish_end_ns,
        collected_ns=marks.collected_ns,
        server_cpu_begin_ns=marks.server_cpu_begin_ns,
        server_cpu_end_ns=marks.server_cpu_end_ns,
        generator_cpu_ns_window=difference(marks.own_cpu_end_ns, marks.own_cpu_begin_ns),
        offered=offered(load),
        listeners=load.scenario.users - load.scenario.rooms * load.scenario.deaf,
        limits=recorder.limits,
        loop=load.scenario.loop,
        skipped_polls=load.skipped_polls,
        errors=dict(recorder.errors),
        capabilities=capabilities,
        workload=load.scenario.kind,
        workers=list(workers),
    )
    write_part(folder, info, recorder.tables)


def offered(load: Load) -> int:
    """How many publishes the schedule has in the window."""
    plans = (load.plan(number) for number in range(load.scenario.users))
    return sum(offset_s >= load.scenario.warmup_s for plan in plans for offset_s, _ in plan)


def add_unsent(load: Load, recorder: Recorder) -> None:
    """The publishes whose moment came while their sender was still busy with one before."""
    now_ns = time.monotonic_ns()
    for user in load.users:
        if user.start_ns:
            for n, (offset_s, text) in enumerate(user.due):
                intended_ns = user.start_ns + round(offset_s * SECOND)
                if intended_ns <= now_ns:
                    id = f"unsent-{user.number}-{n}"
                    recorder.published(user.room, id, user.number, len(text.encode()), intended_ns, -1)


def add_receivers(load: Load, table: Table, left_ns: int) -> None:
    for user in load.users:
        if user.subscribed_ns:
            table.append(user.number, user.room, user.subscribed_ns, left_ns)


def connection_row(sock: MeteredSocket) -> tuple[int | str, ...]:
    """A connection's life totals, and those of the window."""
    in_window = sock.end.since(sock.begin or Counts()) if sock.end else Counts()
    counts = [-1 if count is None else count for count in (*sock.counts(), *in_window)]
    closed_ns = sock.closed_ns if sock.closed_ns >= 0 else time.monotonic_ns()
    return sock.number, sock.user, sock.role, sock.opened_ns, closed_ns, sock.complete, *counts


def difference(later: int | None, earlier: int | None) -> int | None:
    return None if later is None or earlier is None else later - earlier
