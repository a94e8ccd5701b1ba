"""A history: what every client asked and was told, in order. `loadtests/faithful/history.py` says what each step is."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

SENDS = ("invoke", "ok", "info", "fail")


class Event(NamedTuple):
    """A step of a client. What does not belong to a step is empty, or 0."""

    time_ns: int
    client: int
    transport: str
    room: str
    op: str
    id: str = ""
    epoch: str = ""
    seq: int = 0
    note: str = ""

    @property
    def words(self) -> str:
        """`client 7 (sse, room-1): observe 3-12 as a1b2 seq 40`."""
        place = f" as {self.epoch} seq {self.seq}" if self.epoch else ""
        note = f" ({self.note})" if self.note else ""
        what = f"{self.op} {self.id}".strip()
        return f"client {self.client} ({self.transport}, {self.room}): {what}{place}{note}"


def read(path: Path) -> list[Event]:
    """The history in a file."""
    import polars as pl

    return [Event(*row) for row in pl.read_parquet(path, columns=list(Event._fields)).iter_rows()]


def write(path: Path, history: Iterable[Event]) -> None:
    """The same the other way."""
    import polars as pl

    kinds = {name: pl.Int64 if kind is int else pl.String for name, kind in Event.__annotations__.items()}
    pl.DataFrame(list(history), schema=kinds, orient="row").write_parquet(path, compression="zstd")
