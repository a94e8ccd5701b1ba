"""Run folders whose truth is known, written by the same code that writes real ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from lab import folder, manifest, plan, sweep
from lab.manifest import Manifest, RunRecord
from loadtests import scenario
from loadtests.records import TRANSPORTS, LinkReport, Recorder, RunInfo, write_part

MS = 1_000_000
SECOND = 1_000 * MS
BEGIN = 100 * SECOND
EPOCH = "e1"


def write_run(
    where: Path,
    planned: plan.PlannedRun,
    latencies_ms: Sequence[float],
    *,
    receivers: int = 2,
    window_s: float = 10.0,
    dropped: int = 0,
    doubled: int = 0,
    swapped: bool = False,
    unsent: int = 0,
    send_lag_ms: float = 0.001,
    loop_lag_ms: float = 0.001,
    generator_cpu: float = 0.2,
    steal: float = 0.0,
    errors: dict[str, int] | None = None,
    ip: bool = True,
    link: LinkReport | None = None,
    loop: str = "open",
    limits: dict[str, int] | None = None,
    capabilities: dict[str, bool] | None = None,
    missing: int = 0,
    hole_s: float = 0.0,
    server_hole_s: float = 0.0,
    skipped_polls: int = 0,
) -> RunRecord:
    """One run: message n takes latencies_ms[n] to each receiver; every transport asks for 1,000 bytes a message."""
    recorder = Recorder()
    count = len(latencies_ms)
    step = round(window_s * SECOND) // count
    for receiver in range(receivers - missing):
        recorder.tables["receivers"].append(receiver, "room", BEGIN - 2 * SECOND, BEGIN + 60 * SECOND)
    arrivals = []
    for n, latency in enumerate(latencies_ms):
        intended = BEGIN + n * step
        sent = -1 if n < unsent else intended + round(send_lag_ms * MS)
        row = recorder.published("room", f"m{n}", n % receivers, 40, intended, sent)
        if sent >= 0:
            recorder.acked(row, sent + MS, 201)
        for receiver in range(receivers):
            if sent >= 0 and n * receivers + receiver >= dropped + unsent * receivers:
                arrivals.append((intended + round(latency * MS), receiver, f"m{n}", n + 1))
    arrivals.sort()
    if swapped:
        first, second = [i for i, arrival in enumerate(arrivals) if arrival[1] == 0][:2]
        a, b = arrivals[first], arrivals[second]
        arrivals[first], arrivals[second] = (a[0], *b[1:]), (b[0], *a[1:])
    for received, receiver, id, seq in [*arrivals, *arrivals[:doubled]]:
        recorder.delivered(receiver, receiver, "room", id, EPOCH, seq, received)
    write_costs(recorder, count, receivers, step, ip, planned.cell.transport)
    for tick in range(round(hole_s * 20), round(window_s * 20)):
        costs = (
            (round(generator_cpu * tick / 20 * SECOND), 50_000_000, 40, steal) if tick % 20 == 0 else (-1, -1, -1, -1)
        )
        recorder.tables["generator"].append(BEGIN + tick * 50 * MS, round(loop_lag_ms * MS), *costs)
    for second in range(round(server_hole_s), round(window_s)):
        recorder.tables["server"].append(BEGIN + second * SECOND, second * MS, 80_000_000, 30, 2)
    info = RunInfo(
        run=planned.run, transport=planned.cell.transport, poll_interval_s=planned.cell.poll_interval_s,
        scenario="synthetic", seed=planned.seed, url="http://127.0.0.1:1", users=receivers, rooms=1,
        window_begin_ns=BEGIN, window_end_ns=BEGIN + round(window_s * SECOND),
        publish_end_ns=BEGIN + round(window_s * SECOND), collected_ns=BEGIN + round((window_s + 5) * SECOND),
        server_cpu_begin_ns=0, server_cpu_end_ns=count * receivers * 500_000, generator_cpu_ns_window=SECOND,
        offered=count, skipped_polls=skipped_polls, errors=errors or {}, loop=loop, limits=limits or {},
        listeners=receivers, capabilities={"tcp_info": ip} | (capabilities or {}),
    )  # fmt: skip
    write_part(folder.part(where, planned.run), info, recorder.tables)
    return RunRecord(
        run=planned.run, block=planned.block, cell=planned.cell, seed=planned.seed, state="complete",
        began="2026-01-01T00:00:00Z", took_s=15.0, load_before=0.1, info=info, link=link,
    )  # fmt: skip


def write_costs(recorder: Recorder, count: int, receivers: int, step: int, ip: bool, transport: str) -> None:
    """A connection for each receiver, and for the pollers two polls a message, one of which finds nothing."""
    each = count * receivers // receivers
    for receiver in range(receivers):
        layers = (100 * each, 900 * each, 120 * each, 1_080 * each) if ip else (100 * each, 900 * each, -1, -1)
        totals = (20 * each, 40 * each, *layers, 0 if ip else -1)
        recorder.tables["connections"].append(receiver, receiver, "both", BEGIN - SECOND, BEGIN, True, *totals, *totals)
        if transport.endswith("polling"):
            for n in range(2 * count):
                row = recorder.request_began(receiver, receiver, "poll", BEGIN + n * step // 2, n == 0)
                recorder.request_answered(row, 200 if n % 2 else 304)
                recorder.request_ended(row, BEGIN + n * step // 2 + MS)
                if n % 2:
                    recorder.request_carried(row, 1)
    recorder.request_began(0, 0, "socket", BEGIN - SECOND, True)


def write_manifest(where: Path, runs: Sequence[RunRecord], repeats: int, **changes: Any) -> Manifest:
    rows = (run.cell for run in runs if run.cell.target == "servers")
    cells = list(dict.fromkeys(sorted(rows, key=lambda cell: TRANSPORTS.index(cell.transport))))
    record = Manifest(
        created="2026-01-01T00:00:00Z", command="lab compare synthetic", version="0", commit=None, dirty=None, seed=1,
        repeats=repeats, engine="gevent", cells=cells,
        scenario={"name": "synthetic", "description": "Made up."}, machine={"cpus": 2}, packages={},
        capabilities={"tcp_info": True, "cpu_affinity": True}, state="complete", runs=list(runs),
        folder=where.name,
    )  # fmt: skip
    record = msgspec.structs.replace(record, **changes)
    manifest.write(where, record)
    return record


def comparison(
    where: Path, medians: dict[plan.Cell, float], blocks: int = 3, publishes: int = 400, floor_ms: float = 0, **run: Any
) -> Manifest:
    """A complete run folder: every cell's latencies spread around its median, and drift with the block.

    With `floor_ms` there is a floor too, of that latency throughout.
    """
    from lab import finish

    where.mkdir(parents=True, exist_ok=True)
    records = []
    for planned in plan.blocks(list(medians), blocks, seed=1):
        drift = 1 + 0.02 * planned.block
        median = medians[planned.cell]
        latencies = [median * drift * (0.5 + n / publishes) for n in range(publishes)]
        records.append(write_run(where, planned, latencies, **run))
    for planned in plan.floor(list(medians), plan.blocks(list(medians), blocks, seed=1)) if floor_ms else []:
        records.append(write_run(where, planned, [floor_ms] * 20, **run))
    cells = sorted(medians, key=lambda cell: TRANSPORTS.index(cell.transport))
    finish.complete(where, write_manifest(where, records, blocks, cells=cells))
    return manifest.read(where)


def experiment(where: Path, name: str) -> Manifest:
    """A complete folder of one of the experiments, its first two levels, or of a search that tried two."""
    wanted = sweep.load(name)
    levels = wanted.levels[:2] or (100.0, 200.0)
    wanted = msgspec.structs.replace(wanted, levels=levels if wanted.levels else (), transports=("sse", "websocket"))
    cells = plan.cells(wanted.transports, wanted.poll_intervals, levels)
    record = comparison(where, dict.fromkeys(cells, 3.0), blocks=2, publishes=20)
    found = [manifest.Capacity("SSE", wanted.objective, 100, 200, "the wait itself")] if wanted.objective else []
    record = msgspec.structs.replace(record, experiment=msgspec.to_builtins(wanted), capacity=found, cells=cells)
    manifest.write(where, record)
    return record


def use_cases(where: Path, medians: dict[plan.Cell, float], **run: Any) -> Manifest:
    """A complete folder of the use cases whose names are the levels of these cells."""
    wanted = sweep.load("use-cases")
    levels = tuple(dict.fromkeys(str(cell.level) for cell in medians))
    wanted = msgspec.structs.replace(wanted, levels=levels)
    described = {name: scenario.facts(scenario.load(name)) for name in levels}
    record = comparison(where, medians, **run)
    record = msgspec.structs.replace(
        record, experiment=msgspec.to_builtins(wanted), scenarios=described, cells=list(medians)
    )
    manifest.write(where, record)
    return record
