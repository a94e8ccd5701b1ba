"""Experiments: a sweep measured into a run folder, which an interrupted one goes on with."""

from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import structs

from lab import behind, capacity, doctor, folder, machine, manifest, netem, resume, sweep
from lab.compare import check_descriptors, setup_of
from lab.errors import BadUse
from lab.execution import duration, make_runs
from lab.finish import PAGE, Outcome, finish
from lab.link import Link
from lab.manifest import Manifest
from lab.objective import read_objective
from lab.plan import Cell, PlannedRun, blocks
from lab.progress import Progress
from lab.runs import Setup
from lab.sweep import Sweep
from loadtests import scenario as scenarios

NO_LINK = Link()


class Options(msgspec.Struct, frozen=True):
    """What was asked for; None leaves it to the experiment."""

    name: str
    repeats: int | None = None
    seed: int = 1
    out: Path = folder.RUNS
    fresh: bool = False
    objective: str | None = None
    link: Link = Link()


def experiment(options: Options, progress: Progress) -> Outcome:
    """Measure every level; the newest folder that the same experiment left unfinished is gone on with."""
    wanted = wanted_by(options)
    netem.check(options.link)
    setups = setups_of(wanted, options.link)
    check_descriptors(setups)
    for setup in setups.values():
        behind.check(setup.behind, setup.link)
    plan = blocks(list(setups), wanted.repeats, options.seed)
    where = None if options.fresh else unfinished(options.out, wanted, options.seed, options.link, progress.say)
    if where is None:
        where = folder.create(options.out, wanted.name)
        record = structs.replace(begun(wanted, options.seed, options.link), folder=where.name)
        manifest.write(where, record)
    else:
        record = manifest.read(where)
        if record.state == "complete":  # it was interrupted before it had a report
            return finish(where, record) if record.files == folder.checksums(where) else Outcome(where)
        record = resume.sound(where, record)
    try:
        if wanted.objective:
            base = structs.replace(setup_of(wanted.scenario), link=options.link)
            return capacity.Search(wanted, where, record, base, options.seed).run(progress)
        return finish(where, make_runs(plan, setups.__getitem__, where, record, progress, go_on=True))
    except KeyboardInterrupt:  # between two runs of a search, or a second one
        raise BadUse(f"Interrupted. {where} keeps what was measured: the same command goes on with it.") from None


def wanted_by(options: Options) -> Sweep:
    """The experiment with what was asked for otherwise. BadUse when that makes no sense."""
    wanted = sweep.load(options.name)
    if options.repeats is not None:
        wanted = structs.replace(wanted, repeats=options.repeats)
    if options.objective is not None:
        if not wanted.objective:
            raise BadUse(f"The experiment {wanted.name} searches for nothing, so it takes no --objective.")
        wanted = structs.replace(wanted, objective=str(read_objective(options.objective)))
    return wanted


def setups_of(wanted: Sweep, link: Link = NO_LINK) -> dict[Cell, Setup]:
    """Each cell's setup; BadUse when one is impossible, before anything is measured."""
    try:
        base = structs.replace(setup_of(wanted.scenario), link=link)
    except scenarios.ScenarioError as error:
        raise BadUse(f"The experiment {wanted.name}: {error}") from None
    return {cell: wanted.setup(base, cell) for cell in wanted.cells()}


def begun(wanted: Sweep, seed: int, link: Link = NO_LINK) -> Manifest:
    commit, dirty = machine.commit()
    scenario = scenarios.warmed(scenarios.load(wanted.scenario, wanted.changes), *wanted.polls)
    levels = map(str, wanted.levels if wanted.varies == "scenario" else ())
    return Manifest(
        created=folder.now(), command=machine.command(), version=machine.version(), commit=commit, dirty=dirty,
        seed=seed, repeats=wanted.repeats, engine="gevent", cells=[] if wanted.objective else wanted.cells(),
        scenario=scenarios.facts(scenario), machine=machine.facts(),
        packages=machine.packages() | behind.packages(wanted.ways()),
        capabilities=doctor.present(), experiment=msgspec.to_builtins(wanted), digest=sweep.digest(wanted), link=link,
        scenarios={name: scenarios.facts(own(name, wanted)) for name in levels},
    )  # fmt: skip


def own(name: str, wanted: Sweep) -> scenarios.Scenario:
    """One of the scenarios that are the levels, as it is measured: at its own poll intervals."""
    scenario = scenarios.load(name, wanted.changes)
    return scenarios.warmed(scenario, *scenario.poll_intervals)


def unfinished(
    out: Path, wanted: Sweep, seed: int, link: Link = NO_LINK, say: Callable[[str], None] = lambda _: None
) -> Path | None:
    """The newest folder in which this experiment was begun like this and not brought to its end, the report.

    `say` hears of those that cannot be read.
    """
    for path in sorted(out.glob(f"*-{wanted.name}*/{manifest.NAME}"), reverse=True):
        try:
            record = manifest.read(path.parent)
        except BadUse as error:
            say(f"{error} It is not gone on with.")  # of an older schema, or damaged: left as it is
            continue
        alike = (record.digest, record.seed, record.link) == (sweep.digest(wanted), seed, link)
        if alike and not path.parent.is_symlink():
            at_its_end = record.state == "complete" and (path.parent / PAGE).exists()
            return None if at_its_end else path.parent
    return None


def takes(wanted: Sweep) -> float:
    """About how many seconds an experiment takes."""
    setups = setups_of(wanted)
    runs = capacity.usual_runs() if wanted.objective else wanted.repeats
    return runs * sum(duration(PlannedRun(0, 0, cell, 0), setup) for cell, setup in setups.items())
