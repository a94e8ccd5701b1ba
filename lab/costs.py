"""What a run cost, in bytes and CPU time."""

import math
from collections import defaultdict
from itertools import pairwise

import polars as pl

from loadtests.records import RunInfo, Worker

LAYERS = ("payload", "socket", "ip")
SECOND = 1_000_000_000  # ns


def window_bytes(connections: pl.DataFrame) -> tuple[dict[str, int | None], dict[str, int | None]]:
    """(up, down): the window's bytes of all connections by layer; None where one of them was not measured."""

    def total(column: str) -> int | None:
        series = connections[f"window_{column}"]
        return int(series.sum()) if len(series) and not series.null_count() else None

    return {layer: total(f"{layer}_up") for layer in LAYERS}, {layer: total(f"{layer}_down") for layer in LAYERS}


def busiest_second(generator: pl.DataFrame, info: RunInfo) -> float | None:
    """The generator's largest share of one CPU between two of its 1 Hz samples; the window's mean if there are none.

    Of several processes it is the busiest, those that had to share a CPU counted together.
    """
    alone = Worker(worker=0, host=0, users=info.users, cpu=None, generator_cpu_ns_window=info.generator_cpu_ns_window)
    shares: dict[tuple[int, int | str], float] = defaultdict(float)
    for worker in info.workers or [alone]:
        own = generator.filter(pl.col("worker") == worker.worker)
        share = largest_share(own, worker, info)
        if share is None:
            return None
        cpu = f"of worker {worker.worker}" if worker.cpu is None else worker.cpu
        shares[worker.host, cpu] += share
    return max(shares.values())


def largest_share(samples: pl.DataFrame, worker: Worker, info: RunInfo) -> float | None:
    """One generator process's."""
    samples = samples.filter(pl.col("cpu_ns").is_not_null()).sort("at_ns")
    if len(samples) > 1:
        return float((samples["cpu_ns"].diff() / samples["at_ns"].diff()).max())  # type: ignore[arg-type]
    assert info.window_begin_ns is not None and info.window_end_ns is not None
    used = worker.generator_cpu_ns_window
    return None if used is None else used / (info.window_end_ns - info.window_begin_ns)


def longest_silence(samples: pl.DataFrame, begin: int, end: int) -> float:
    """The longest time in the window without a sample, in seconds."""
    inside: list[int] = samples.filter(pl.col("at_ns").is_between(begin, end))["at_ns"].sort().to_list()
    return max(later - earlier for earlier, later in pairwise([begin, *inside, end])) / SECOND


def worst_silence(samples: pl.DataFrame, info: RunInfo, begin: int, end: int) -> float:
    """The longest of any generator process."""
    workers = [worker.worker for worker in info.workers] or [0]
    return max(longest_silence(samples.filter(pl.col("worker") == worker), begin, end) for worker in workers)


def clock_bound_ms(info: RunInfo) -> float | None:
    """How far the clocks of two generator processes may be off against each other; inf when it is not known."""
    bounds = [math.inf if bound is None else bound / 1e6 for bound in info.clock_error_bound_ns.values()]
    return max(bounds, default=None)


def server_cpu(info: RunInfo) -> int | None:
    if info.server_cpu_begin_ns is None or info.server_cpu_end_ns is None:
        return None
    return info.server_cpu_end_ns - info.server_cpu_begin_ns


def p99_ms(series: pl.Series) -> float | None:
    known = series.drop_nulls()
    return None if known.is_empty() else float(known.quantile(0.99, interpolation="higher")) / 1e6  # type: ignore[arg-type]


def count_between(series: pl.Series, begin: int, end: int) -> int:
    return int(series.is_between(begin, end, closed="left").sum())
