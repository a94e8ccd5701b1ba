"""What a run leaves behind: its tables, and how they are written and read.

Every `*_ns` is a moment of the generator's monotonic clock. A delivery's latency is the join of `publishes` and
`deliveries` on (run, room, id): received_ns - intended_ns. No stamp travels in a message.
"""

import io
from array import array
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import polars as pl

SCHEMA_VERSION = 1
TRANSPORTS = ("short-polling", "long-polling", "sse", "websocket")

TYPECODES = {"u16": "i", "u32": "q", "i64": "q", "f64": "d", "bool": "b"}
BYTES = {name: "i64?" for name in ("payload_up", "payload_down", "socket_up", "socket_down", "ip_up", "ip_down")}
COUNTS = BYTES | {"retransmitted": "i64?"}

TABLES: dict[str, dict[str, str]] = {
    "publishes": {
        "room": "str", "id": "str", "sender": "u32", "bytes": "u32",
        "intended_ns": "i64", "sent_ns": "i64?", "acked_ns": "i64?", "status": "u16",
    },
    "deliveries": {
        "receiver": "u32", "connection": "u32", "room": "str", "id": "str", "epoch": "str",
        "seq": "i64", "received_ns": "i64",
    },
    "receivers": {"receiver": "u32", "room": "str", "subscribed_ns": "i64", "left_ns": "i64"},
    "connections": {
        "connection": "u32", "user": "u32", "role": "str", "opened_ns": "i64", "closed_ns": "i64", "complete": "bool",
    } | COUNTS | {f"window_{name}": kind for name, kind in COUNTS.items()},
    "requests": {
        "connection": "u32", "user": "u32", "kind": "str", "started_ns": "i64", "ended_ns": "i64?",
        "status": "u16", "messages": "u32", "connection_opened": "bool",
    },
    "server": {"at_ns": "i64", "cpu_ns": "i64?", "rss_bytes": "i64?", "fds": "i64?", "threads": "i64?"},
    "generator": {
        "at_ns": "i64", "lag_ns": "i64?", "cpu_ns": "i64?", "rss_bytes": "i64?", "fds": "i64?", "steal_share": "f64?",
    },
}  # fmt: skip
"""Column: type. A question mark: may be null. Every table on disk has a first column `run`, int32."""

ADDED: dict[str, dict[str, tuple[str, int]]] = {"generator": {"worker": ("u16", 0)}}
"""Columns that came later, on disk alone, with what stands for them in a folder from before."""


class Clock(msgspec.Struct, frozen=True):
    """How a process's monotonic clock relates to the server's: what to add to it, on a line between two moments.

    `bound_ns` is the largest error that this can have, as long as the drift was even in between.
    """

    at_ns: tuple[int, int]
    offset_ns: tuple[int, int]
    bound_ns: int


class Worker(msgspec.Struct, frozen=True):
    """One of several generator processes of a run. No clock: it reads the one that the run's figures are in."""

    worker: int
    host: int  # the first worker that ran on the same host
    users: int
    cpu: int | None
    generator_cpu_ns_window: int | None
    clock: Clock | None = None


class RunInfo(msgspec.Struct, frozen=True):
    """run.json: what a run says beside its tables. None: not reached before an interrupt, or not measurable here.

    `publish_end_ns` equals `window_end_ns`, since the schedule ends with the window.
    `workers` and, for each pair of them such as "0-1", `clock_error_bound_ns` are empty when there was one process;
    a pair whose clocks could not be compared, since the run was cut short before that, has None.
    """

    run: int
    transport: str
    poll_interval_s: float | None
    scenario: str
    seed: int
    url: str
    users: int
    rooms: int
    window_begin_ns: int | None
    window_end_ns: int | None
    publish_end_ns: int | None
    collected_ns: int | None
    server_cpu_begin_ns: int | None
    server_cpu_end_ns: int | None
    generator_cpu_ns_window: int | None
    offered: int
    skipped_polls: int
    errors: dict[str, int]
    capabilities: dict[str, bool]
    workload: str = ""  # the scenario's kind of workload; of a silent one no publishes are expected
    listeners: int | None = None  # users who were to listen; None in older records
    limits: dict[str, int] = {}  # of descriptors, server_descriptors, ports, cpus; clock_step_ns
    loop: str = "open"  # or closed: every time counts from the sending, and what was not sent is in no table
    workers: list[Worker] = []
    clock_error_bound_ns: dict[str, int | None] = {}
    schema_version: int = SCHEMA_VERSION


class LinkReport(msgspec.Struct, frozen=True):
    """What the process of a link did (loadtests/link.py). Lateness and CPU are of the window; None: not known.

    A link that was killed leaves no report; then nothing is known of it, which is the default of each field.
    """

    connections: int = 0
    up: int = 0  # bytes handed on to the server
    down: int = 0  # and to the clients
    cuts: int = 0  # connections cut
    stalls: int = 0  # segments lost, and so late by a retransmission timeout
    held_back: int = 0  # times that no connection could be taken, for want of descriptors
    late_p50_ms: float | None = None  # how much later than due bytes were handed on
    late_p99_ms: float | None = None
    late_max_ms: float | None = None
    cpu_ns: int | None = None
    cpu_busiest: float | None = None  # the busiest second, as a share of one CPU
    exact: bool = False  # whether the system has a timer for nanoseconds


class Table:
    """Rows kept as one buffer per column: a few hundred nanoseconds to append, converted only afterwards."""

    def __init__(self, columns: dict[str, str]) -> None:
        self.columns: dict[str, Any] = {
            name: [] if kind == "str" else array(TYPECODES[kind.rstrip("?")]) for name, kind in columns.items()
        }
        self.buffers = tuple(self.columns.values())

    def append(self, *values: Any) -> int:
        """Add a row and return its number; a null is -1 in a column that allows it."""
        row = len(self.buffers[0])
        for buffer, value in zip(self.buffers, values, strict=True):
            buffer.append(value)
        return row

    def set(self, row: int, **values: int) -> None:
        for name, value in values.items():
            self.columns[name][row] = value

    def __len__(self) -> int:
        return len(self.buffers[0])


class Recorder:
    """Everything the users of one run see, in memory until the measurement is over."""

    def __init__(self) -> None:
        self.tables = {name: Table(columns) for name, columns in TABLES.items()}
        self.publishes, self.deliveries = self.tables["publishes"], self.tables["deliveries"]
        self.requests = self.tables["requests"]
        self.errors: Counter[str] = Counter()
        self.limits: dict[str, int] = {}

    def published(self, room: str, id: str, sender: int, size: int, intended_ns: int, sent_ns: int) -> int:
        """A message written, or (sent_ns -1) one that was due and never written; returns its row."""
        return self.publishes.append(room, id, sender, size, intended_ns, sent_ns, -1, 0)

    def acked(self, row: int, acked_ns: int, status: int) -> None:
        self.publishes.set(row, acked_ns=acked_ns, status=status)

    def delivered(
        self, receiver: int, connection: int, room: str, id: str, epoch: str, seq: int, received_ns: int
    ) -> None:
        receivers, connections, rooms, ids, epochs, seqs, moments = self.deliveries.buffers
        receivers.append(receiver)  # by hand: nothing is called more often, and a loop takes three times as long
        connections.append(connection)
        rooms.append(room)
        ids.append(id)
        epochs.append(epoch)
        seqs.append(seq)
        moments.append(received_ns)

    def request_began(self, connection: int, user: int, kind: str, started_ns: int, opened: bool) -> int:
        """A request written; kind is poll, send, stream or socket. Returns its row."""
        return self.requests.append(connection, user, kind, started_ns, -1, 0, 0, opened)

    def request_answered(self, row: int, status: int) -> None:
        self.requests.set(row, status=status)

    def request_ended(self, row: int, ended_ns: int) -> None:
        self.requests.set(row, ended_ns=ended_ns)

    def request_carried(self, row: int, messages: int) -> None:
        self.requests.columns["messages"][row] += messages

    def noted(self, error: str) -> None:
        """Something that went wrong, counted by its text."""
        self.errors[error] += 1


def write_part(folder: Path, run: RunInfo, tables: dict[str, Table]) -> None:
    """One run's tables and run.json, in its own folder."""
    write_frames(folder, run, {name: frame(name, table, run.run) for name, table in tables.items()})


def write_frames(folder: Path, run: RunInfo, frames: "dict[str, pl.DataFrame]") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in frames.items():
        save(data, folder / f"{name}.parquet")
    (folder / "run.json").write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2))


def merge_parts(parts: Sequence[Path], folder: Path) -> list[RunInfo]:
    """The tables of several runs as one set in `folder`; returns what each run says of itself."""
    import polars as pl

    folder.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        frames = [scan(part, name) for part in parts]
        save((pl.concat(frames) if frames else empty(name).lazy()).collect(), folder / f"{name}.parquet")
    return [read_info(part) for part in parts]


def save(table: "pl.DataFrame", path: Path) -> None:
    """Written by Python, which says OSError of a full disk; polars may say no more than `transport error`."""
    data = io.BytesIO()
    table.write_parquet(data)
    path.write_bytes(data.getbuffer())


def scan(folder: Path, table: str) -> "pl.LazyFrame":
    """One table of a run folder, or of a run's part, read when it is collected."""
    import polars as pl

    frame = pl.scan_parquet(folder / f"{table}.parquet")
    for column, (kind, value) in ADDED.get(table, {}).items():
        if column not in frame.collect_schema():
            frame = frame.with_columns(pl.lit(value, polars_type(kind)).alias(column))
    return frame


def read_info(part: Path) -> RunInfo:
    return msgspec.json.decode((part / "run.json").read_bytes(), type=RunInfo)


def schema(table: str) -> dict[str, Any]:
    """The table's columns as they are on disk: name and polars type."""
    import polars as pl

    kinds = TABLES[table] | {name: kind for name, (kind, _) in ADDED.get(table, {}).items()}
    return {"run": pl.Int32} | {name: polars_type(kind) for name, kind in kinds.items()}


def polars_type(kind: str) -> Any:
    import polars as pl

    return {"str": pl.String, "u16": pl.UInt16, "u32": pl.UInt32, "i64": pl.Int64, "f64": pl.Float64,
            "bool": pl.Boolean}[kind.rstrip("?")]  # fmt: skip


def empty(table: str) -> "pl.DataFrame":
    import polars as pl

    return pl.DataFrame(schema=schema(table))


def frame(name: str, table: Table, run: int) -> "pl.DataFrame":
    """A table's buffers as a data frame with the nulls and types of the schema."""
    import polars as pl

    nullable = [column for column, kind in TABLES[name].items() if kind.endswith("?")]
    types = schema(name)
    data = pl.DataFrame({column: pl.Series(column, list(buffer)) for column, buffer in table.columns.items()})
    if data.is_empty():
        return empty(name)
    data = data.with_columns(pl.when(pl.col(column) != -1).then(pl.col(column)) for column in nullable)
    added = [pl.lit(value).alias(column) for column, (_, value) in ADDED.get(name, {}).items()]
    return data.with_columns(pl.lit(run).alias("run"), *added).select(
        pl.col(column).cast(kind) for column, kind in types.items()
    )
