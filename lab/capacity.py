"""The largest load that meets an objective, and what stood in the way of a larger one: a search, run by run.

The search is a function of what was tried, so an interrupted one goes on from the recorded runs.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean

from msgspec import structs

from lab import folder, machine, verdicts
from lab.execution import make_runs
from lab.finish import Outcome, finish
from lab.manifest import Capacity, Manifest, RunRecord
from lab.numbers import number, percent
from lab.objective import Objective, read_objective
from lab.plan import Cell, PlannedRun
from lab.progress import Progress
from lab.runs import Setup
from lab.sweep import Sweep
from loadtests.records import TRANSPORTS

START = 100  # clients, the first that is tried
FINE = 1.2  # the search ends when what fails is at most so many times what holds
CONFIRM = 3  # runs of the level that is found: most of them must meet the objective
MOST = 20_000
FULL = 0.9  # of a CPU: a server that uses as much has no more to give
MEMORY = 0.8  # of the machine's

Tried = Mapping[int, Sequence[bool]]  # clients: whether each run with so many met the objective


def next_level(tried: Tried, start: int = START, most: int = MOST) -> int | None:
    """How many clients to try next; None when the answer is known as finely as it is asked for."""
    holds, fails = bracket(tried)
    if fails is None:
        if holds is None:
            return start
        if holds < most:
            return min(2 * holds, most)
    elif holds is None:
        return fails // 2 or None
    elif fails / holds > FINE and fails - holds > 1:
        return round(math.sqrt(holds * fails))
    return holds if holds is not None and not settled(tried[holds]) else None


def runs_until(capacity: int) -> int:
    """How many runs it takes to find this capacity, where all runs of a level agree."""
    tried: dict[int, list[bool]] = {}
    while (level := next_level(tried)) is not None:
        tried.setdefault(level, []).append(level <= capacity)
    return sum(map(len, tried.values()))


def usual_runs() -> float:
    """How many runs a search takes, on average over capacities that double from none to the most."""
    return mean(map(runs_until, [0, *(2**power for power in range(MOST.bit_length()))]))


def bracket(tried: Tried) -> tuple[int | None, int | None]:
    """(the largest level that holds, with all below it that were tried; the smallest that fails)."""
    fails = min((level for level, met in tried.items() if not most_of(met)), default=None)
    holds = max((level for level in tried if fails is None or level < fails), default=None)
    return holds, fails


def most_of(met: Sequence[bool]) -> bool:
    return 2 * sum(met) > len(met)


def settled(met: Sequence[bool]) -> bool:
    """Whether the rest of the confirming runs could not change the answer."""
    return 2 * max(sum(met), len(met) - sum(met)) > CONFIRM


class Search:
    """One folder's search; what each recorded run showed is computed once."""

    def __init__(self, wanted: Sweep, where: Path, record: Manifest, base: Setup, seed: int) -> None:
        self.wanted, self.where, self.record, self.base, self.seed = wanted, where, record, base, seed
        self.objective = read_objective(wanted.objective)
        self.series = [structs.replace(cell, level=None) for cell in wanted.cells()]
        self.obstacles: dict[int, str] = {}

    def run(self, progress: Progress) -> Outcome:
        """Search for every transport's capacity, the transports taking turns."""
        kept = [run for run in self.record.runs if run.state != "interrupted"]
        self.record = structs.replace(self.record, runs=kept, state="running", note="")
        while (step := self.next_step()) and self.record.state != "interrupted":
            self.one_more(step, progress)
        if step:
            return finish(self.where, self.record)
        found = [self.capacity(cell) for cell in self.series]
        return finish(self.where, structs.replace(self.record, state="complete", note="", capacity=found))

    def next_step(self) -> Cell | None:
        """What to measure next: of the transport that had the fewest runs. None when all is known."""
        steps: list[tuple[int, int, Cell]] = []
        for cell in self.series:
            tried = self.tried(cell)
            if (level := next_level(tried)) is not None:
                steps.append((sum(map(len, tried.values())), len(steps), structs.replace(cell, level=float(level))))
        return min(steps)[2] if steps else None

    def one_more(self, cell: Cell, progress: Progress) -> None:
        """Make a run, and add it to the record."""
        block = unused(run.block for run in self.record.runs if run.cell == cell)
        number = unused(run.run for run in self.record.runs)
        planned = PlannedRun(number, block, cell, self.seed * 1_000 + block)
        record = structs.replace(self.record, cells=sorted({*self.record.cells, cell}, key=order))
        setup = self.wanted.setup(self.base, cell)
        self.record = make_runs([planned], lambda _: setup, self.where, record, progress, go_on=True)

    def tried(self, cell: Cell) -> dict[int, list[bool]]:
        """Whether each run of a transport met the objective, by its number of clients."""
        found: dict[int, list[bool]] = {}
        for run in self.record.runs:
            if structs.replace(run.cell, level=None) == cell and run.state != "interrupted":
                assert isinstance(run.cell.level, float)
                found.setdefault(int(run.cell.level), []).append(not self.obstacle(run))
        return found

    def obstacle(self, run: RunRecord) -> str:
        if run.run not in self.obstacles:
            self.obstacles[run.run] = obstacle(self.where, run, self.objective)
        return self.obstacles[run.run]

    def capacity(self, cell: Cell) -> Capacity:
        """The answer for one transport."""
        holds, fails = bracket(self.tried(cell))
        failed = [run for run in self.record.runs if run.cell == structs.replace(cell, level=float(fails or 0))]
        limit = next((limit for run in failed if (limit := self.obstacle(run))), "")
        return Capacity(cell.series, str(self.objective), holds or 0, fails, limit)


def unused(numbers: Iterable[int]) -> int:
    """The first that is free: of a run that has to be made again, its own."""
    taken = set(numbers)
    return next(number for number in itertools.count() if number not in taken)


def order(cell: Cell) -> tuple[int, float, float]:
    level = cell.level if isinstance(cell.level, float) else 0.0
    return TRANSPORTS.index(cell.transport), cell.poll_interval_s or 0.0, level


def obstacle(where: Path, run: RunRecord, objective: Objective) -> str:
    """What kept a run from meeting the objective, in words; nothing when it met it."""
    from lab.joins import figures, read_tables
    from lab.stats import percentile

    if run.state != "complete" or run.info is None:
        return run.note
    found = figures(run, read_tables(folder.part(where, run.run))[0])
    reached = percentile(found.latencies_ms, objective.share) if len(found.latencies_ms) else math.inf
    sent = found.offered - found.sent <= verdicts.UNSENT * found.offered
    if reached < objective.limit_ms and sent and not verdicts.saturated(found):
        return ""  # whatever made the generator late has made the wait longer, not shorter
    used = None if found.server_cpu_ns is None else found.server_cpu_ns / 1e9 / found.window_s
    if found.out_of_resources:
        return f"descriptors or ports ({found.out_of_resources})"
    if found.generator_cpu is not None and found.generator_cpu > verdicts.GENERATOR_BUSY:
        return f"the generator, not the server: it used {percent(round(found.generator_cpu, 2))} of a CPU"
    if used is not None and used > FULL:
        return f"the server's CPU ({percent(round(used, 2))} of one)"
    if found.server_rss and found.server_rss > MEMORY * machine.memory():
        return "the server's memory"
    if (found.send_lag_p99_ms or 0) > verdicts.LAG * objective.limit_ms:
        return f"the generator, not the server: it sent {number(found.send_lag_p99_ms or 0)} ms late (p99)"
    late = "never for some" if math.isinf(reached) else f"{number(reached)} ms"
    busy = "" if used is None else f", with the server's CPU at {percent(round(used, 2))}"
    return f"the wait itself ({late}{busy})"


def of_the_server(limit: str) -> bool:
    """Whether a limit, as `obstacle` words it, was the server's own, and not the instrument's."""
    return limit.startswith(("the server's", "the wait itself"))


def sentence(found: Capacity) -> str:
    if found.fails is None:
        return f"{found.series}: {found.clients:,} clients meet {found.objective}, and more were not tried."
    much = f"up to {found.clients:,} clients meet" if found.clients else "not even one client meets"
    return f"{found.series}: {much} {found.objective}; with {found.fails:,} the limit was {found.limit.rstrip('.')}."
