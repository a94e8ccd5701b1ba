"""The main job: the same load on each transport, block after block, into one run folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from lab import behind, doctor, folder, machine, manifest, netem
from lab.behind import Way
from lab.errors import BadUse
from lab.execution import make_runs
from lab.finish import Outcome, finish, interrupted, show
from lab.link import Link
from lab.manifest import Manifest
from lab.plan import Cell, blocks, cells, floor
from lab.progress import Progress
from lab.runs import Setup, warmed
from loadtests import scenario as scenarios
from loadtests.records import TRANSPORTS

REPEATS = 3
QUICK_REPEATS = 1  # of QUICK_DURATION each: four runs and the report within a minute
QUICK_DURATION = 5.0  # seconds
FLOOR_DURATION = 2.0  # seconds: the floor is to be seen, not to be compared
SPARE_DESCRIPTORS = 64  # what a generator needs beside its users' sockets
JOIN_TIME = 10.0  # seconds for a generator process that we start to be there
OTHERS_JOIN_TIME = 300.0  # seconds for somebody to start those of other hosts
ENGINES = ("gevent", "threads")


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
    link: Link = Link()
    floor: bool = True  # measure the null server too
    generators: int = 1
    address: str | None = None  # of this host, when the generators are on others
    behind: Way = "direct"


def compare(options: Options, progress: Progress) -> Outcome:
    """Measure. Whatever was measured is in the folder, after Ctrl-C too; BadUse when there is nothing to show."""
    options = with_quick(options)
    if options.engine not in ENGINES:
        raise BadUse(f"There is no engine {options.engine!r}: choose from {', '.join(ENGINES)}.")
    netem.check(options.link)
    behind.check(options.behind, options.link)
    scenario = load(options)
    if options.generators > scenario.users:
        raise BadUse(f"{options.generators} generators cannot share {scenario.users} users: give fewer.")
    if options.address is not None and options.link.kind != "none":
        raise BadUse("A link is made on this host alone: leave --address out, or the link.")
    if options.behind != "direct" and options.address is not None:
        raise BadUse("nginx serves this host alone: leave --address out, or --behind.")
    rows = cells(options.transports, options.poll_intervals or scenario.poll_intervals)
    plan = blocks(rows, options.repeats or REPEATS, options.seed)
    if options.floor and options.address is None:  # the null server is for this host alone
        plan += floor(rows, plan)
    setup = warmed(setup_of(options.scenario, changes(options), options.engine), intervals(rows))
    scenario = scenarios.load(options.scenario, setup.changes)
    setup = msgspec.structs.replace(setup, link=options.link, behind=options.behind)
    setup = with_generators(setup, options.generators, options.address)
    check_descriptors(dict.fromkeys(rows, setup))
    where = folder.create(options.out, scenario.name)
    record = begin(where, options, scenario, rows)
    setups = {"servers": setup, "null": of_floor(setup)}
    try:
        return finish(where, make_runs(plan, lambda cell: setups[cell.target], where, record, progress))
    except KeyboardInterrupt:  # between the last run and the end
        show(where, "interrupted")
        raise interrupted(where) from None


def begin(where: Path, options: Options, scenario: scenarios.Scenario, rows: Sequence[Cell]) -> Manifest:
    """The folder's manifest, before any run."""
    commit, dirty = machine.commit()
    record = Manifest(
        created=folder.now(), command=machine.command(), version=machine.version(), commit=commit, dirty=dirty,
        seed=options.seed, repeats=options.repeats or REPEATS, engine=options.engine, cells=list(rows),
        scenario=scenarios.facts(scenario), machine=machine.facts(),
        packages=machine.packages() | behind.packages([options.behind]), capabilities=doctor.present(),
        link=options.link, generators=options.generators, behind=options.behind,
        folder=where.name,
    )  # fmt: skip
    manifest.write(where, record)
    return record


def with_quick(options: Options) -> Options:
    """--quick gives what was not said otherwise: one short block, and one poll interval."""
    if not options.quick:
        return options
    first = load(options).poll_intervals[:1]
    return msgspec.structs.replace(
        options, repeats=options.repeats or QUICK_REPEATS, duration_s=options.duration_s or QUICK_DURATION,
        poll_intervals=options.poll_intervals or first, floor=False,
    )  # fmt: skip


def load(options: Options) -> scenarios.Scenario:
    try:
        return scenarios.load(options.scenario, changes(options))
    except scenarios.ScenarioError as error:
        raise BadUse(str(error)) from None


def intervals(rows: Sequence[Cell]) -> list[float]:
    return [row.poll_interval_s for row in rows if row.poll_interval_s]


def changes(options: Options) -> dict[str, scenarios.Scalar]:
    return {} if options.duration_s is None else {"duration_s": options.duration_s}


def setup_of(scenario: str, changes: Mapping[str, scenarios.Scalar] = {}, engine: str = "gevent") -> Setup:
    """Server and generator on the first two CPUs that this process may use, where there are two.

    A link's process goes on the third; where there is none, on the generator's, so that the server has its own.
    """
    found = scenarios.load(scenario, changes)
    cpus = machine.allowed_cpus()
    server_cpu, generator_cpu = (cpus[0], cpus[1]) if len(cpus) > 1 else (None, None)
    return Setup(
        scenario=scenario, engine=engine, duration_s=found.duration_s, warmup_s=found.warmup_s, changes=dict(changes),
        server_cpu=server_cpu, generator_cpu=generator_cpu, link_cpu=cpus[2] if len(cpus) > 2 else generator_cpu,
    )  # fmt: skip


def of_floor(setup: Setup) -> Setup:
    """The same load on the null server, for a shorter time."""
    shorter = min(FLOOR_DURATION, setup.duration_s)
    return msgspec.structs.replace(setup, duration_s=shorter, changes=setup.changes | {"duration_s": shorter})


def check_descriptors(setups: Mapping[Cell, Setup]) -> None:
    """BadUse when a cell has more clients than this machine lets a process have sockets."""
    limit = machine.descriptor_limit()
    for cell, setup in setups.items():
        users = scenarios.load(setup.scenario, setup.changes).users
        each = 1 if cell.transport == "websocket" else 2  # who uses HTTP sends by a connection of its own
        passed_on = 1 if setup.behind == "direct" else 2  # nginx has one to the client and one to the server
        needed = passed_on * each * users + SPARE_DESCRIPTORS
        if limit is not None and needed > limit:
            raise BadUse(
                f"{cell.title} has {users:,} clients, which need {needed:,} open files, and a process may have "
                f"{limit:,} here: raise the limit (sudo prlimit --nofile={needed} --pid $$), or take fewer clients."
            )


def with_generators(setup: Setup, generators: int, address: str | None = None) -> Setup:
    """The same with several generator processes, on all the CPUs that the server leaves them.

    With the address of this host, and perhaps a port, they come from other hosts, where somebody starts them.
    """
    if address is not None:
        host, _, port = address.partition(":")
        master = ("--master", "--master-host", host, *(("--master-port", port) if port else ()))
        return msgspec.structs.replace(
            setup, generators=generators, join_s=OTHERS_JOIN_TIME, server_options=("--host", host, "--auth", "off"),
            generator_options=("--workers", str(generators), *master),
        )  # fmt: skip
    if generators == 1:
        return setup
    cpus = () if setup.generator_cpu is None else tuple(machine.allowed_cpus()[1:])
    return msgspec.structs.replace(
        setup, generators=generators, worker_cpus=cpus, join_s=JOIN_TIME * generators,
        generator_options=("--workers", str(generators)),
    )  # fmt: skip
