"""The run folder of a class: what was done when, every echo, and the counters twice a second. Nothing personal.

Members are numbers in the order in which they came; what they were called and what they said is in no file.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from lab import folder, machine
from lab.live.frames import Phase, Transport
from lab.live.news import Event

if TYPE_CHECKING:
    from lab.live.lesson.classroom import Classroom

NAME = "class.json"
ECHOES, COUNTERS = "echoes.parquet", "counters.parquet"
SCHEMA_VERSION = 1
COUNTED = ("connections", "requests", "empty", "socket_up", "socket_down", "ip_up", "ip_down", "queued", "cuts",
           "resets")  # fmt: skip


class Record(Struct, frozen=True):
    """class.json. Times are seconds from the start; `begun` are the phases, and when each began."""

    created: str  # UTC
    command: str
    version: str
    commit: str | None
    dirty: bool | None
    machine: dict[str, Any]
    packages: dict[str, str]
    measured: dict[str, bool]  # which layers of bytes
    begun: list[tuple[float, Phase]]
    ended_s: float
    happened: list[Event]
    devices: int  # that ever came
    robots: int
    votes: dict[Transport, int]
    ticket: dict[str, Any]  # of each item the choices, and how many took each
    noise: dict[str, float | None]
    files: dict[str, str]  # SHA-256 of each table
    folder: str  # its name, by which the report says where it is from
    schema_version: int = SCHEMA_VERSION


def write(classroom: "Classroom", out: Path, load: float | None) -> Path:
    """Make the folder, and the report in it, which is returned. BadUse where it cannot be written."""
    from lab.live.lesson import report

    where = folder.create(out, "class")
    write_tables(classroom, where)
    commit, dirty = machine.commit()
    members = classroom.members
    record = Record(
        created=folder.now(), command=machine.command(), version=machine.version(), commit=commit, dirty=dirty,
        machine=machine.facts(), packages=machine.packages(), measured=dict(classroom.desk.totals.measured),
        begun=classroom.begun, ended_s=classroom.began_s, happened=list(classroom.desk.happened),
        devices=members.devices, robots=len(members.all) - members.devices, votes=members.votes(),
        ticket=classroom.lesson.answered(members.tickets()), noise={"load_before": load},
        files=folder.checksums(where, (ECHOES, COUNTERS)), folder=where.name,
    )  # fmt: skip
    (where / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    report.build(where)
    return where / report.PAGE


def write_tables(classroom: "Classroom", where: Path) -> None:
    """Each echo, and each look at the counters."""
    import polars as pl

    kinds = {"at_s": pl.Float64, "phase": pl.String, "member": pl.Int32, "robot": pl.Boolean, "transport": pl.String,
             "ms": pl.Float64}  # fmt: skip
    echoes = [msgspec.structs.astuple(echo) for echo in classroom.echoes.all]
    pl.DataFrame(echoes, schema=kinds, orient="row").write_parquet(where / ECHOES, compression="zstd")
    rows = [
        {"at_s": counters.at_s, "phase": phase, "up": counters.server == "up", "transport": transport}
        | msgspec.structs.asdict(count)
        for phase, counters in classroom.counted for transport, count in counters.transports.items()
    ]  # fmt: skip
    numbers = {name: pl.Int64 for name in COUNTED}
    schema = {"at_s": pl.Float64, "phase": pl.String, "up": pl.Boolean, "transport": pl.String} | numbers
    pl.DataFrame(rows, schema=schema).write_parquet(where / COUNTERS, compression="zstd")


def is_in(where: Path) -> bool:
    return (where / NAME).is_file()


def read(where: Path) -> Record:
    """BadUse where there is none, or it cannot be read."""
    return folder.read_document(where / NAME, Record, SCHEMA_VERSION, "teach again")
