"""The history: every step of every client, in the order in which they were taken, as one table."""

import time
from array import array
from pathlib import Path

OPS = ("invoke", "ok", "info", "fail", "connect", "disconnect", "observe", "gap", "end", "log", "unexpected")
"""Of a send: it is sent (`invoke`), acknowledged (`ok`), in doubt (`info`: it will be sent again), refused (`fail`).

Of a reader: `connect`, `disconnect`, a message (`observe`), a `gap` that it was told of, its cursor at the `end`.
`log` is a message of the log as it was read when all was over; its seq 0 stands for the log itself, its note for the
number of messages that it no longer keeps. `unexpected` is an answer that the protocol does not have.
"""
COLUMNS = ("time_ns", "client", "transport", "room", "op", "id", "epoch", "seq", "note")


class Recorder:
    """The steps so far; times are of the monotonic clock, which this machine's processes share."""

    def __init__(self) -> None:
        self.clients: list[tuple[str, str]] = []  # transport and room
        self.numbers = {name: array("q") for name in ("time_ns", "client", "op", "seq")}
        self.texts: dict[str, list[str]] = {"id": [], "epoch": [], "note": []}
        self.counts = dict.fromkeys(OPS, 0)

    def client(self, transport: str, room: str) -> int:
        """The number of a new client."""
        self.clients.append((transport, room))
        return len(self.clients) - 1

    def write_down(self, client: int, op: str, id: str = "", epoch: str = "", seq: int = 0, note: str = "") -> None:
        self.counts[op] += 1
        numbers, texts = self.numbers, self.texts
        numbers["time_ns"].append(time.monotonic_ns())
        numbers["client"].append(client)
        numbers["op"].append(OPS.index(op))
        numbers["seq"].append(seq)
        texts["id"].append(id)
        texts["epoch"].append(epoch)
        texts["note"].append(note)

    def save(self, path: Path) -> None:
        """As Parquet, whole or not at all."""
        import polars as pl

        rows = pl.DataFrame({name: pl.Series(values, dtype=pl.Int64) for name, values in self.numbers.items()})
        rows = rows.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in self.texts.items())
        who = pl.DataFrame(
            {
                "client": pl.Series(range(len(self.clients)), dtype=pl.Int64),
                "transport": pl.Series([transport for transport, _ in self.clients], dtype=pl.String),
                "room": pl.Series([room for _, room in self.clients], dtype=pl.String),
            }
        )
        names = pl.DataFrame({"op": pl.Series(range(len(OPS)), dtype=pl.Int64), "name": pl.Series(OPS)})
        rows = rows.with_row_index("row").join(who, on="client").join(names, on="op").sort("row")
        table = rows.drop("op", "row").rename({"name": "op"}).select(COLUMNS)
        new = path.with_name(f"{path.name}.new")
        table.write_parquet(new, compression="zstd")
        new.replace(path)
