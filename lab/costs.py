"""What a run cost, in bytes and CPU time, and how late its generator was."""

from itertools import pairwise

import polars as pl

from loadtests.records import RunInfo

LAYERS = ("payload", "socket", "ip")
SECOND = 1_000_000_000  # ns


def window_bytes(connections: pl.DataFrame) -> tuple[dict[str, int | None], dict[str, int | None]]:
    """(up, down): the window's bytes of all connections by layer; None where one of them was not measured."""

    def total(column: str) -> int | None:
        series = connections[f"window_{column}"]
        return int(series.sum()) if len(series) and not series.null_count() else None

    return {layer: total(f"{layer}_up") for layer in LAYERS}, {layer: total(f"{layer}_down") for layer in LAYERS}


def send_lag(publishes: pl.DataFrame, requests: pl.DataFrame) -> pl.Series:
    """sent - max(intended, the sender's connection free), in ns: what the generator itself was late by.

    A sender who posts waits for the answer to the post before, which is the server's doing and not the generator's.
    """
    sent = publishes.filter(pl.col("sent_ns").is_not_null()).sort("sent_ns")
    posts = requests.filter((pl.col("kind") == "send") & pl.col("ended_ns").is_not_null())
    free = posts.select(pl.col("user").alias("sender"), pl.col("ended_ns").alias("free_ns")).sort("free_ns")
    joined = sent.join_asof(
        free, left_on="sent_ns", right_on="free_ns", by="sender", strategy="backward", check_sortedness=False
    )
    return joined.select(pl.col("sent_ns") - pl.max_horizontal("intended_ns", "free_ns"))["sent_ns"]


def busiest_second(generator: pl.DataFrame, info: RunInfo) -> float | None:
    """The generator's largest share of one CPU between two of its 1 Hz samples; the window's mean if there are none."""
    samples = generator.filter(pl.col("cpu_ns").is_not_null()).sort("at_ns")
    if len(samples) > 1:
        return float((samples["cpu_ns"].diff() / samples["at_ns"].diff()).max())  # type: ignore[arg-type]
    assert info.window_begin_ns is not None and info.window_end_ns is not None
    used = info.generator_cpu_ns_window
    return None if used is None else used / (info.window_end_ns - info.window_begin_ns)


def longest_silence(samples: pl.DataFrame, begin: int, end: int) -> float:
    """The longest time in the window without a sample, in seconds."""
    inside: list[int] = samples.filter(pl.col("at_ns").is_between(begin, end))["at_ns"].sort().to_list()
    return max(later - earlier for earlier, later in pairwise([begin, *inside, end])) / SECOND


def server_cpu(info: RunInfo) -> int | None:
    if info.server_cpu_begin_ns is None or info.server_cpu_end_ns is None:
        return None
    return info.server_cpu_end_ns - info.server_cpu_begin_ns


def p99_ms(series: pl.Series) -> float | None:
    known = series.drop_nulls()
    return None if known.is_empty() else float(known.quantile(0.99, interpolation="higher")) / 1e6  # type: ignore[arg-type]


def count_between(series: pl.Series, begin: int, end: int) -> int:
    return int(series.is_between(begin, end, closed="left").sum())
