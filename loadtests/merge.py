"""One run's records from those of its workers: on one clock, with numbers of their own.

Where the workers' clocks differ, every moment becomes one of the server's clock. A worker's connection c becomes
c x workers + worker.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from loadtests.clock import offset_ns
from loadtests.records import TABLES, Clock, Recorder, RunInfo, frame, read_info, scan, write_frames

if TYPE_CHECKING:
    from loadtests.measure import Marks

SPANS = ("lag_ns", "cpu_ns")  # columns in nanoseconds that are no moments


def merge(
    parts: Sequence[Path], clocks: Sequence[str], own: Clock | None, marks: "Marks", recorder: Recorder, folder: Path
) -> None:
    """Write the run. `clocks` says who reads which clock, the master last; marks and recorder are its own."""
    infos = [read_info(part) for part in parts]
    known = shared([*(info.workers[0].clock for info in infos), own], clocks)
    tables = {}
    for name in TABLES:
        frames = [converted(scan(part, name), n, len(parts), known[n]) for n, part in enumerate(parts)]
        tables[name] = pl.concat(frames).collect()
    tables["server"] = converted(
        frame("server", recorder.tables["server"], infos[0].run).lazy(), 0, 1, known[-1]
    ).collect()
    write_frames(folder, combined(infos, clocks, known, marks, recorder.limits), tables)


def shared(clocks: Sequence[Clock | None], identities: Sequence[str]) -> list[Clock | None]:
    """For each process the best of the estimates of its clock, by whichever of those that read the same."""
    return [
        min(
            (clock for clock, other in zip(clocks, identities, strict=True) if clock and other == one),
            key=lambda clock: clock.bound_ns,
            default=None,
        )
        for one in identities
    ]


def converted(table: pl.LazyFrame, worker: int, workers: int, clock: Clock | None) -> pl.LazyFrame:
    """A worker's table as part of the run's."""
    columns = table.collect_schema().names()
    if clock:
        moments = [name for name in columns if name.endswith("_ns") and name not in SPANS]
        table = table.with_columns(pl.col(name) + offset(pl.col(name), clock) for name in moments)
    if "connection" in columns:
        table = table.with_columns((pl.col("connection") * workers + worker).cast(pl.UInt32))
    if "worker" in columns:
        table = table.with_columns(pl.lit(worker, pl.UInt16).alias("worker"))
    return table


def offset(moment: pl.Expr, clock: Clock) -> pl.Expr:
    """clock.offset_ns for a column."""
    (begin, end), (first, last) = clock.at_ns, clock.offset_ns
    slope = 0.0 if begin == end else (last - first) / (end - begin)
    return first + ((moment - begin) * slope).round().cast(pl.Int64)


def combined(
    infos: Sequence[RunInfo], clocks: Sequence[str], known: Sequence[Clock | None], marks: "Marks",
    limits: dict[str, int],
) -> RunInfo:  # fmt: skip
    """What the run says of itself: its moments from the master, its sums from the workers."""

    def moment(at_ns: int | None) -> int | None:
        return at_ns if at_ns is None or (clock := known[-1]) is None else at_ns + offset_ns(clock, at_ns)

    workers = [info.workers[0] for info in infos]
    spent = [worker.generator_cpu_ns_window for worker in workers]
    return msgspec.structs.replace(
        infos[0],
        window_begin_ns=moment(marks.begin_ns),
        window_end_ns=moment(marks.end_ns),
        publish_end_ns=moment(marks.publish_end_ns),
        collected_ns=moment(marks.collected_ns),
        server_cpu_begin_ns=marks.server_cpu_begin_ns,
        server_cpu_end_ns=marks.server_cpu_end_ns,
        generator_cpu_ns_window=None if None in spent else sum(filter(None, spent)),
        skipped_polls=sum(info.skipped_polls for info in infos),
        errors=dict(sum((Counter(info.errors) for info in infos), Counter())),
        capabilities={name: all(info.capabilities[name] for info in infos) for name in infos[0].capabilities},
        limits=limits | {name: min(info.limits[name] for info in infos) for name in infos[0].limits},
        workers=workers,
        clock_error_bound_ns={
            f"{one}-{other}": bound_ns(known[one], known[other]) if clocks[one] != clocks[other] else 0
            for one, other in combinations(range(len(infos)), 2)
        },
    )


def bound_ns(one: Clock | None, other: Clock | None) -> int | None:
    """How far a moment of one and a moment of the other may be off against each other; None when it is not known."""
    return None if one is None or other is None else one.bound_ns + other.bound_ns
