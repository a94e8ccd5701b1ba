"""From the tables of a run to its figures: the joins of what was published with what was received.

All percentiles, losses and costs begin here. Times are nanoseconds of the generator's clock until they become
latencies, which are milliseconds.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from lab.costs import (
    SECOND,
    busiest_second,
    clock_bound_ms,
    count_between,
    longest_silence,
    p99_ms,
    server_cpu,
    window_bytes,
    worst_silence,
)
from lab.errors import BadUse
from lab.folder import need_tables
from lab.lateness import send_lag, share_of_loop
from lab.manifest import RunRecord
from lab.runs import Setup
from lab.stats import Floats, percentile
from loadtests.records import TABLES, empty, scan, schema

Tables = dict[str, pl.DataFrame]
ESSENTIAL = ("publishes", "deliveries", "receivers")  # without them nothing can be said; without others, less
OUT_OF = (
    "Errno 24",
    "Too many open files",
    "Errno 99",
    "Cannot assign requested address",
    "Errno 49",
    "WinError 10055",
)


class RunFigures(msgspec.Struct, frozen=True):
    """What one run shows, before any statistics. Counts are of the window; None is not measured here."""

    record: RunRecord
    latencies_ms: Floats  # one for each expected delivery; inf where there was none
    acks_ms: Floats  # intended publish -> acknowledged, inf where it never was
    window_s: float
    clients: int
    offered: int  # publishes in the schedule
    publishes: int  # of which a row exists
    sent: int
    expected: int  # deliveries of what was sent: publishes x receivers subscribed at that moment
    delivered: int  # of those expected, each counted once
    duplicates: int  # in all of the run: copies after the first
    reordered: int  # in all of the run: by seq, per receiver
    strays: int  # in all of the run: deliveries that nobody published or that went to the wrong room
    received: int  # deliveries that arrived within the window, whenever they were published
    up: dict[str, int | None]  # bytes by layer
    down: dict[str, int | None]
    incomplete: int  # connections whose byte counts are not final
    connections: int | None  # in all of the run
    connections_opened: int | None
    requests: int | None
    polls: int | None  # answered
    empty_polls: int | None
    server_cpu_ns: int | None
    server_rss: int | None  # bytes, the largest sample
    server_fds: int | None
    server_threads: int | None
    generator_cpu: float | None  # the largest share of one CPU over a second
    generator_lag_p99_ms: float | None
    send_lags_ms: Floats  # of each message that was sent
    p99_from_loop: float | None  # the loop's share of the p99, see lab/lateness.py
    steal: float | None  # the mean share, of the worst host
    clock_bound_ms: float | None  # between two generator processes; None where there is one alone
    subscribed: int  # receivers, by the end of the window
    silence_s: float  # the longest that a generator's sampler said nothing
    server_silence_s: float | None
    descriptors: int  # open files of a generator, the most
    server_descriptors: int
    out_of_resources: str  # the error that said so
    recovery_ms: Floats  # of each client whose connections were cut: until it opened the one that lasted
    first_message_ms: Floats  # of those who came late to a room that talked: from opening the connection

    @property
    def send_lag_p99_ms(self) -> float | None:
        return percentile(self.send_lags_ms, 0.99) if len(self.send_lags_ms) else None

    @property
    def lost(self) -> int:
        return self.expected - self.delivered


def read_tables(folder: Path) -> tuple[Tables, list[str]]:
    """A folder's tables, and a sentence on each that had to be left out. BadUse when an essential one is unreadable."""
    need_tables(folder)
    tables, notices = {}, []
    for name in TABLES:
        try:
            tables[name] = read_table(folder, name)
        except (OSError, pl.exceptions.PolarsError) as error:
            reason = "is missing" if isinstance(error, FileNotFoundError) else "was cut short or edited"
            sentence = f"{folder / name}.parquet {reason}"
            if name in ESSENTIAL:
                raise BadUse(f"{sentence}, and nothing can be said without it: restore it, or measure again.") from None
            notices.append(f"{name}.parquet {reason}: what depends on it is shown as not measured.")
            tables[name] = empty(name)
    return tables, notices


def read_table(folder: Path, name: str) -> pl.DataFrame:
    """One table with the columns and types that it must have. OSError, or polars' own, when it has not."""
    table = scan(folder, name).select(list(schema(name))).collect()
    if table.schema != schema(name):
        raise pl.exceptions.SchemaError(f"{name} has columns of other types")
    needed = [column for column, kind in TABLES[name].items() if not kind.endswith("?")]
    if any(table[column].null_count() for column in needed):
        raise pl.exceptions.SchemaError(f"{name} lacks values")
    return table


def figures(record: RunRecord, tables: Tables) -> RunFigures:
    """One complete run's figures from the tables of all."""
    info = record.info
    assert info is not None and info.window_begin_ns is not None and info.window_end_ns is not None
    begin, end = info.window_begin_ns, info.window_end_ns
    own = {name: table.filter(pl.col("run") == record.run) for name, table in tables.items()}
    inside = own["publishes"].filter(pl.col("intended_ns").is_between(begin, end, closed="left"))
    joined = deliveries_due(inside, own["receivers"], own["deliveries"])
    sent = joined.filter(pl.col("sent_ns").is_not_null())
    polls = own["requests"].filter(
        (pl.col("kind") == "poll") & pl.col("ended_ns").is_between(begin, end, closed="left")
    )
    up, down = window_bytes(own["connections"])
    has_connections, has_requests = not own["connections"].is_empty(), not own["requests"].is_empty()
    generator = own["generator"].filter(pl.col("at_ns").is_between(begin, end + SECOND))
    by_worker = generator.partition_by("worker")
    server = own["server"].filter(pl.col("at_ns").is_between(begin, end))
    return RunFigures(
        record=record,
        latencies_ms=milliseconds(joined["received_ns"] - joined["intended_ns"]),
        acks_ms=milliseconds(inside["acked_ns"] - inside["intended_ns"]),
        window_s=(end - begin) / SECOND,
        clients=info.users,
        offered=info.offered,
        publishes=len(inside),
        sent=inside["sent_ns"].count(),
        expected=len(sent),
        delivered=sent["received_ns"].count(),
        duplicates=duplicates(own["deliveries"]),
        reordered=reordered(own["deliveries"]),
        strays=strays(own["publishes"], own["receivers"], own["deliveries"]),
        received=count_between(own["deliveries"]["received_ns"], begin, end),
        up=up,
        down=down,
        incomplete=int((~own["connections"]["complete"]).sum()),
        connections=len(own["connections"]) if has_connections else None,
        connections_opened=count_between(own["connections"]["opened_ns"], begin, end) if has_connections else None,
        requests=count_between(own["requests"]["started_ns"], begin, end) if has_requests else None,
        polls=len(polls) if has_requests else None,
        empty_polls=len(polls.filter(pl.col("status").is_in([200, 304]) & (pl.col("messages") == 0)))
        if has_requests
        else None,
        server_cpu_ns=server_cpu(info),
        server_rss=server["rss_bytes"].cast(pl.Int64).max(),  # type: ignore[arg-type]
        server_fds=server["fds"].cast(pl.Int64).max(),  # type: ignore[arg-type]
        server_threads=server["threads"].cast(pl.Int64).max(),  # type: ignore[arg-type]
        generator_cpu=busiest_second(generator, info),
        generator_lag_p99_ms=worst(p99_ms(own["lag_ns"]) for own in by_worker),
        send_lags_ms=milliseconds(send_lag(inside, own["requests"])),
        p99_from_loop=worst(share_of_loop(joined, own) for own in by_worker),
        steal=worst(own["steal_share"].mean() for own in by_worker),
        clock_bound_ms=clock_bound_ms(info),
        recovery_ms=recoveries(own["connections"], record.setup, begin),
        first_message_ms=first_messages(own, begin),
        subscribed=count_between(own["receivers"]["subscribed_ns"], 0, end),
        silence_s=worst_silence(own["generator"], info, begin, end),
        server_silence_s=None if server_cpu(info) is None else longest_silence(own["server"], begin, end),
        descriptors=generator["fds"].max() or 0,  # type: ignore[arg-type]
        server_descriptors=server["fds"].max() or 0,  # type: ignore[arg-type]
        out_of_resources=next((text for text in info.errors if any(sign in text for sign in OUT_OF)), ""),
    )


def deliveries_due(publishes: pl.DataFrame, receivers: pl.DataFrame, deliveries: pl.DataFrame) -> pl.DataFrame:
    """A row for each publish and each receiver subscribed at that moment, with when it first arrived, or null."""
    first = deliveries.group_by("receiver", "room", "id").agg(pl.col("received_ns").min())
    return (
        publishes.select("room", "id", "intended_ns", "sent_ns")
        .join(receivers.select("receiver", "room", "subscribed_ns", "left_ns"), on="room")
        .filter(pl.col("intended_ns").is_between(pl.col("subscribed_ns"), pl.col("left_ns"), closed="left"))
        .join(first, on=["receiver", "room", "id"], how="left")
        .sort("intended_ns", "id", "receiver")
    )


def first_messages(tables: Tables, begin: int) -> Floats:
    """From a listener's first connection to its first message, for who came after `begin` into a room with messages."""
    opened = (
        tables["connections"].filter(pl.col("role") != "send").group_by(pl.col("user").alias("receiver"))
        .agg(pl.col("opened_ns").min())
    )  # fmt: skip
    talking = tables["publishes"].group_by("room").agg(pl.col("acked_ns").min())
    heard = tables["deliveries"].group_by("receiver").agg(pl.col("received_ns").min())
    late = (
        tables["receivers"].join(opened, on="receiver").join(talking, on="room").join(heard, on="receiver", how="left")
        .filter((pl.col("opened_ns") >= begin) & (pl.col("opened_ns") > pl.col("acked_ns"))).sort("receiver")
    )  # fmt: skip
    return milliseconds(late["received_ns"] - late["opened_ns"])


def recoveries(connections: pl.DataFrame, setup: Setup | None, begin: int) -> Floats:
    """From the last cut that was asked for to the last connection that each client opened to listen."""
    if setup is None or not setup.link.cut_at_s:
        return np.array([])
    cut_ns = begin + round(max(setup.link.cut_at_s) * SECOND)
    last = connections.filter(pl.col("role") != "send").group_by("user").agg(pl.col("opened_ns").max()).sort("user")
    return milliseconds(
        last.select(pl.when(pl.col("opened_ns") >= cut_ns).then(pl.col("opened_ns") - cut_ns))["opened_ns"]
    )


def duplicates(deliveries: pl.DataFrame) -> int:
    """Copies of a message beyond the first, per receiver."""
    return len(deliveries) - len(deliveries.unique(["receiver", "room", "id"]))


def reordered(deliveries: pl.DataFrame) -> int:
    """Messages that came after one with a higher seq of the same log; second copies are not counted again."""
    log = ["receiver", "room", "epoch"]
    arrivals = deliveries.sort("received_ns", maintain_order=True).unique(
        ["receiver", "room", "id"], keep="first", maintain_order=True
    )
    return int((arrivals["seq"] < arrivals.select(pl.col("seq").cum_max().over(log))["seq"]).sum())


def strays(publishes: pl.DataFrame, receivers: pl.DataFrame, deliveries: pl.DataFrame) -> int:
    """Deliveries of a message nobody published, or to somebody who is not in its room."""
    due = publishes.select("room", "id").join(receivers.select("receiver", "room"), on="room")
    return len(deliveries.join(due, on=["receiver", "room", "id"], how="anti"))


def worst(values: Iterable[Any]) -> float | None:
    """The largest that is known."""
    return max((float(value) for value in values if value is not None), default=None)


def milliseconds(nanoseconds: pl.Series) -> Floats:
    """As float64, null as inf: what never arrived is later than all that did."""
    return np.asarray((nanoseconds / 1e6).fill_null(np.inf).to_numpy(), dtype=np.float64)
