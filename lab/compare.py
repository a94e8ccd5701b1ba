"""The main job: the same load on each transport, block after block, into one run folder."""

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lab import doctor, folder, machine, manifest
from lab.errors import BadUse
from lab.finish import Outcome, finish
from lab.manifest import Manifest, RunRecord, State
from lab.plan import TRANSPORTS, PlannedRun, blocks, cells
from lab.progress import Progress
from lab.runs import COLLECT_TIME, RunFailed, Server, Setup, measure
from loadtests import scenario as scenarios
from loadtests.records import RunInfo, read_info

REPEATS = 3
QUICK_REPEATS = 1  # of QUICK_DURATION each: four runs and the report within a minute
QUICK_DURATION = 5.0  # seconds
ENGINES = ("gevent", "threads")
START_TIME = 3.5  # seconds a run takes beside its warm-up, window and collection; the estimate before one was made


class Options(msgspec.Struct, frozen=True):
    """What was asked for; None leaves it to the scenario."""

    scenario: str = scenarios.DEFAULT
    transports: tuple[str, ...] = TRANSPORTS
    repeats: int | None = None
    quick: bool = False
    seed: int = 1
    out: Path = folder.RUNS
    duration_s: float | None = None
    poll_intervals: tuple[float, ...] | None = None
    engine: str = "gevent"


def compare(options: Options, progress: Progress) -> Outcome:
    """Measure. Whatever was measured is in the folder, after Ctrl-C too; BadUse when there is nothing to show."""
    options = with_quick(options)
    if options.engine not in ENGINES:
        raise BadUse(f"There is no engine {options.engine!r}: choose from {', '.join(ENGINES)}.")
    scenario = load(options)
    rows = cells(options.transports, options.poll_intervals or scenario.poll_intervals)
    plan = blocks(rows, options.repeats or REPEATS, options.seed)
    where = folder.create(options.out, scenario.name)
    capabilities = doctor.present()
    commit, dirty = machine.commit()
    record = Manifest(
        created=folder.now(), command=machine.command(), version=machine.version(), commit=commit, dirty=dirty,
        seed=options.seed, repeats=options.repeats or REPEATS, engine=options.engine, cells=rows,
        scenario=scenarios.facts(scenario), machine=machine.facts(), packages=machine.packages(),
        capabilities=capabilities,
    )  # fmt: skip
    manifest.write(where, record)
    setup = setup_of(options, scenario)
    progress.plan([duration(planned, setup) for planned in plan])
    made: list[RunRecord] = []
    state, note = make_runs(plan, setup, where, record, made, progress)
    return finish(where, msgspec.structs.replace(record, runs=made, state=state, note=note))


def with_quick(options: Options) -> Options:
    """--quick gives what was not said otherwise: one short block, and one poll interval."""
    if not options.quick:
        return options
    first = load(options).poll_intervals[:1]
    return msgspec.structs.replace(
        options, repeats=options.repeats or QUICK_REPEATS, duration_s=options.duration_s or QUICK_DURATION,
        poll_intervals=options.poll_intervals or first,
    )  # fmt: skip


def load(options: Options) -> scenarios.Scenario:
    try:
        return scenarios.load(options.scenario, options.duration_s)
    except scenarios.ScenarioError as error:
        raise BadUse(str(error)) from None


def setup_of(options: Options, scenario: scenarios.Scenario) -> Setup:
    """Server and generator on the first two CPUs that this process may use, where there are two."""
    cpus = machine.allowed_cpus()
    server_cpu, generator_cpu = (cpus[0], cpus[1]) if len(cpus) > 1 else (None, None)
    return Setup(
        scenario=options.scenario, engine=options.engine, duration_s=scenario.duration_s, warmup_s=scenario.warmup_s,
        duration_given=options.duration_s is not None, server_cpu=server_cpu, generator_cpu=generator_cpu,
    )  # fmt: skip


def duration(planned: PlannedRun, setup: Setup) -> float:
    """About how many seconds a run takes."""
    interval = planned.cell.poll_interval_s or 0.0
    return START_TIME + setup.warmup_s + setup.duration_s + min(interval, COLLECT_TIME)


def make_runs(
    plan: list[PlannedRun], setup: Setup, where: Path, record: Manifest, made: list[RunRecord], progress: Progress
) -> tuple[State, str]:
    """Make them in order, adding each to `made`; a run that is cut short or fails is the last."""
    waiting: list[Server] = []

    def start_next() -> None:
        """Let the next server start while the last run's files are written."""
        if len(made) + 1 < len(plan):
            following = plan[len(made) + 1]
            waiting.append(Server(following.cell.transport, setup, log_of(where, following)))

    state: State = "complete"
    note = ""
    try:
        with interrupted_by_signals(), progress:
            for planned in plan:
                server = waiting.pop() if waiting else Server(planned.cell.transport, setup, log_of(where, planned))
                begun = time.monotonic()
                made_one = RunRecord(
                    run=planned.run, block=planned.block, cell=planned.cell, seed=planned.seed, state="interrupted",
                    began=folder.now(), took_s=0, load_before=machine.load_average(),
                )  # fmt: skip
                progress.begin(planned)
                try:
                    measure(planned, server, setup, folder.part(where, planned.run), progress.step, start_next)
                    state = "complete"
                except RunFailed as error:
                    state, note = "failed", f"{planned.cell.title}, block {planned.block + 1}: {error}"
                except KeyboardInterrupt:
                    state, note = "interrupted", f"Interrupted in run {planned.run + 1} of {len(plan)}."
                took = time.monotonic() - begun
                made.append(msgspec.structs.replace(
                    made_one, state=state, took_s=round(took, 1), note=note, info=info_of(where, planned)))  # fmt: skip
                manifest.write(where, msgspec.structs.replace(record, runs=made))
                if state != "complete":
                    break
                progress.end(planned, took)
    except KeyboardInterrupt:
        state, note = "interrupted", f"Interrupted after run {len(made)} of {len(plan)}."
    finally:
        for server in waiting:
            server.stop()
    return state, note


def log_of(where: Path, planned: PlannedRun) -> Path:
    return folder.part(where, planned.run) / "server.log"


def info_of(where: Path, planned: PlannedRun) -> RunInfo | None:
    """What the run says of itself; None where it did not get so far."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return read_info(folder.part(where, planned.run))
    return None


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
