"""Making the planned runs, one after the other, into a run folder."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from lab import folder, machine, manifest
from lab.children import RunFailed
from lab.manifest import Manifest, RunRecord, State
from lab.plan import Cell, PlannedRun
from lab.progress import Progress
from lab.proxy import read_report
from lab.runs import COLLECT_TIME, Server, Setup, measure
from loadtests.records import LinkReport, RunInfo, read_info

START_TIME = 3.5  # seconds a run takes beside its warm-up, window and collection; the estimate before one was made

SetupOf = Callable[[Cell], Setup]


def duration(planned: PlannedRun, setup: Setup) -> float:
    """About how many seconds a run takes."""
    interval = planned.cell.poll_interval_s or 0.0
    return START_TIME + max(setup.warmup_s, interval) + setup.duration_s + interval + min(interval, COLLECT_TIME)


def make_runs(
    plan: Sequence[PlannedRun], setup_of: SetupOf, where: Path, record: Manifest, progress: Progress,
    go_on: bool = False,
) -> Manifest:  # fmt: skip
    """Make those that `record` does not hold yet; returns it with them, and with how it ended.

    A run that fails is the last, unless told to `go_on` with the others; one that is interrupted is the last always.
    """
    made = {run.run: run for run in record.runs}
    todo = [planned for planned in plan if planned.run not in made or made[planned.run].state != "complete"]
    progress.plan([duration(planned, setup_of(planned.cell)) for planned in todo])
    waiting: list[Server] = []  # the one that is measured, and the next: whatever comes, they are ended

    def start(planned: PlannedRun) -> Server:
        return Server(planned.cell, setup_of(planned.cell), folder.server_log(where, planned.run))

    def so_far(state: State, note: str) -> Manifest:
        runs = [made[number] for number in sorted(made)]
        return msgspec.structs.replace(record, runs=runs, state=state, note=note, files={})

    of = f" of {len(plan)}" if len(plan) > 1 else ""  # a search does not know how many there will be
    state: State = "complete"
    note = ""
    try:
        with interrupted_by_signals(), progress:
            for planned, following in pairwise([*todo, None]):
                assert planned is not None  # only the last has none to follow it
                if not waiting:
                    waiting.append(start(planned))
                server = waiting[0]

                def start_next(following: PlannedRun | None = following) -> None:
                    """Let the next server start while the last run's files are written."""
                    if following is not None:
                        waiting.append(start(following))

                run = make_run(planned, server, setup_of(planned.cell), where, progress, start_next)
                waiting.remove(server)  # it has been ended
                made[run.run] = run
                if run.state == "interrupted":
                    state, note = "interrupted", f"Interrupted in run {planned.run + 1}{of}."
                    break
                if run.state == "failed":
                    state, note = "failed", f"{planned.cell.title}, block {planned.block + 1}: {run.note}"
                    if not go_on:
                        break
                manifest.write(where, so_far("running", note))
                progress.end(planned, run.took_s)
    except KeyboardInterrupt:
        state, note = "interrupted", f"Interrupted after run {len(made)}{of}."
    finally:
        for server in waiting:
            server.stop()
    return so_far(state, note)


def make_run(
    planned: PlannedRun, server: Server, setup: Setup, where: Path, progress: Progress, start_next: Callable[[], None]
) -> RunRecord:
    """One run, whatever becomes of it."""
    began, load_before, begun = folder.now(), machine.load_average(), time.monotonic()
    state: State = "complete"
    note = ""
    progress.begin(planned)
    try:
        measure(planned, server, setup, folder.part(where, planned.run), progress.step, start_next)
    except RunFailed as error:
        state, note = "failed", str(error).removesuffix(".") + "."
    except KeyboardInterrupt:
        state = "interrupted"
    return RunRecord(
        run=planned.run, block=planned.block, cell=planned.cell, seed=planned.seed, state=state, began=began,
        took_s=round(time.monotonic() - begun, 1), load_before=load_before, note=note, info=info_of(where, planned),
        link=link_of(where, planned, setup), setup=setup,
        server_errors=lines_in(folder.server_log(where, planned.run)),
    )  # fmt: skip


def lines_in(log: Path) -> int:
    """How many lines that are not blank; a server that is well writes none."""
    with contextlib.suppress(OSError):
        return sum(bool(line.strip()) for line in log.read_bytes().splitlines())
    return 0


def info_of(where: Path, planned: PlannedRun) -> RunInfo | None:
    """What the run says of itself; None where it did not get so far."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return read_info(folder.part(where, planned.run))
    return None


def link_of(where: Path, planned: PlannedRun, setup: Setup) -> LinkReport | None:
    """What its link says of itself; None where there is no process that could."""
    return read_report(folder.part(where, planned.run)) if setup.link.kind == "proxy" else None


@contextlib.contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """SIGTERM, and the terminal's closing, end a comparison as Ctrl-C does: what was measured is kept."""
    before = {}

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            with contextlib.suppress(ValueError):  # not the main thread
                before[name] = signal.signal(getattr(signal, name), stop)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
