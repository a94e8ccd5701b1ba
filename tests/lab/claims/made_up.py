"""Folders of runs with numbers that are made up, written by the same code that writes real ones."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from lab import manifest, observations, summary
from lab.manifest import Capacity, Manifest, RunRecord, Verdict
from lab.observations import Observation, Observations
from lab.plan import Cell, cells
from lab.quantities import QUANTITIES
from lab.stats import Estimate
from lab.summary import CellSummary, Summary
from loadtests.records import TRANSPORTS, RunInfo

SPREAD = 0.02  # of an interval to either side, where a number stands alone
Figures = Mapping[str, float | Estimate]
Of = Callable[[Cell], Figures]
MACHINE = {"cpu": "A Processor", "cpus": 2, "memory_bytes": 8 * 2**30}
MADE = {"created": "2026-01-01T00:00:00Z", "version": "0", "commit": "c0ffee" * 6, "dirty": False, "seed": 1,
        "machine": MACHINE, "packages": {}, "noise": {"load_before": 0.1, "steal_share": 0.0}}  # fmt: skip
COMPARED = ("latency_p50", "latency_p95", "ip_bytes", "socket_bytes", "server_cpu", "server_rss", "ip_bytes_hour")


def about(value: float | Estimate, spread: float = SPREAD) -> Estimate:
    """A number with an interval; of an estimate, itself."""
    return value if isinstance(value, Estimate) else Estimate(value, value * (1 - spread), value * (1 + spread))


def wide(value: float) -> Estimate:
    """So unsure that next to nothing can be said of it."""
    return about(value, 0.9)


def sweep(
    root: Path, name: str, of: Of, levels: Sequence[Any] = (None,), transports: Sequence[str] = TRANSPORTS,
    intervals: Sequence[float] = (1.0,), invalid: Sequence[Cell] = (), clients: int | None = 40,
    objectives: Mapping[str, str] = {}, capacity: Sequence[Capacity] = (),
) -> Path:  # fmt: skip
    """An experiment's folder: `of` gives each cell's figures; those in `invalid` are not valid.

    `clients` are in every row, or, where it is None, as many as the level says.
    """
    where = root / name
    where.mkdir(parents=True, exist_ok=True)
    planned = cells(transports, intervals, levels)
    rows = [row(cell, of(cell), cell in invalid) for cell in planned]
    first = {one.cell.series: one for one in reversed(rows)}
    rows = [msgspec.structs.replace(one, growth=ratios(one, first[one.cell.series])) for one in rows]
    runs = [RunRecord(n, 0, cell, 1, "complete", "2026-01-01T00:00:00Z", 1.0, 0.1, info=info(n, cell, clients))
            for n, cell in enumerate(planned)]  # fmt: skip
    record = Manifest(
        **MADE, command=f"lab experiment {name}", repeats=3, engine="gevent", cells=planned, capabilities={},
        scenario={"name": name, "description": "Made up."}, state="complete", runs=runs,
        capacity=list(capacity), scenarios={level: {"name": level, "description": "Made up.", "objective": objective}
                                            for level, objective in objectives.items()},
    )  # fmt: skip
    manifest.write(where, record)
    summary.write(where, Summary(name, planned[0].name, 1_000, 4_000, 3, 3, rows, [], list(capacity)))
    return where


def info(run: int, cell: Cell, clients: int | None) -> RunInfo:
    users = clients if clients is not None else int(cell.level or 0)
    return RunInfo(run=run, transport=cell.transport, poll_interval_s=cell.poll_interval_s, scenario="made-up", seed=1,
                   url="http://127.0.0.1:1", users=users, rooms=1, window_begin_ns=None, window_end_ns=None,
                   publish_end_ns=None, collected_ns=None, server_cpu_begin_ns=None, server_cpu_end_ns=None,
                   generator_cpu_ns_window=None, offered=0, skipped_polls=0, errors={}, capabilities={})  # fmt: skip


def row(cell: Cell, figures: Figures, invalid: bool) -> CellSummary:
    unknown = {quantity.key: Estimate(None, note="not measured here") for quantity in QUANTITIES}
    return CellSummary(
        cell=cell, runs=3, verdict=Verdict(not invalid, ["made up to be wrong"] if invalid else []),
        counts=dict.fromkeys(summary.COUNTS, 0), skipped_polls=0, errors={},
        figures=unknown | {key: about(value) for key, value in figures.items()}, versus={},
    )  # fmt: skip


def ratios(one: CellSummary, other: CellSummary) -> dict[str, Estimate]:
    pairs = {key: (one[key].value, other[key].value) for key in COMPARED}
    return {} if one is other else {key: about(a / b) for key, (a, b) in pairs.items() if a and b}


def search(root: Path, name: str, found: Mapping[str, tuple[int, int | None, str]]) -> Path:
    """A search's folder: for each series what met the objective, what did not, and the limit."""
    capacity = [Capacity(series, "p99 < 250 ms", *three) for series, three in found.items()]
    return sweep(root, name, lambda cell: {}, capacity=capacity)


def seen(root: Path, name: str, what: Mapping[tuple[str, str, str], Sequence[float]]) -> Path:
    """Observations: (what, where, unit) and a value for each repeat."""
    where = root / name
    where.mkdir(parents=True, exist_ok=True)
    found = tuple(Observation(*key, tuple(values)) for key, values in what.items())
    observations.write(where, Observations(name, "Made up", "What if?", seen=found, command=f"lab experiment {name}",
                                           **MADE))  # fmt: skip
    return where
