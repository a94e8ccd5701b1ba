"""A sample of a run folder: what it takes to draw a distribution, or a point for each run, in little space.

One row for each run: some of its delivery latencies with their ranks, its totals, and its own value of each quantity.
"""

import io
from pathlib import Path

import numpy as np
import polars as pl

from lab import folder, manifest
from lab.errors import BadUse
from lab.joins import RunFigures, Tables, figures, read_tables
from lab.manifest import Manifest
from lab.quantities import QUANTITIES
from lab.stats import Floats
from lab.summary import usable

POINTS = 200  # of a run's deliveries: a distribution drawn of so many cannot be told from the whole
TOTALS = ("requests_total", "payload_up_total", "payload_down_total", "socket_up_total", "socket_down_total",
          "ip_up_total", "ip_down_total")  # fmt: skip
SCHEMA: dict[str, pl.DataType] = {
    "run": pl.Int32(), "deliveries": pl.UInt32(), "rank": pl.List(pl.UInt32), "latency_ms": pl.List(pl.Float32),
    "clients": pl.UInt32(), "window_s": pl.Float64(), "received": pl.UInt32(),
} | {name: pl.Int64() for name in TOTALS} | {quantity.key: pl.Float64() for quantity in QUANTITIES}  # fmt: skip


def of(where: Path) -> pl.DataFrame:
    """A folder's sample: the one that was kept, or one made of its tables. BadUse when it cannot be read."""
    record = manifest.read(where)
    return read(where) if record.compact else made(record, read_tables(where)[0])


def made(record: Manifest, tables: Tables) -> pl.DataFrame:
    """The sample of every complete run."""
    rows = [row(figures(run, tables)) for run in record.runs if usable(run)]
    return pl.DataFrame(rows, schema=SCHEMA)


def row(run: RunFigures) -> dict[str, object]:
    """One run's. What never arrived has an infinite latency."""
    chosen = ranks(len(run.latencies_ms))
    sums = {f"{layer}_{way}_total": getattr(run, way)[layer] for layer in run.up for way in ("up", "down")}
    return {
        "run": run.record.run, "deliveries": len(run.latencies_ms), "rank": chosen.tolist(),
        "latency_ms": np.sort(run.latencies_ms)[chosen - 1].tolist(), "clients": run.clients, "window_s": run.window_s,
        "received": run.received, "requests_total": run.requests, **sums,
        **{q.key: q.of([run]) if run.publishes >= q.needs_publishes else None for q in QUANTITIES},
    }  # fmt: skip


def ranks(count: int) -> Floats:
    """Evenly spaced, from the first to the last; all where there are few."""
    return np.unique(np.linspace(1, count, min(count, POINTS)).round().astype(np.int64))


def write(where: Path, sample: pl.DataFrame) -> None:
    data = io.BytesIO()
    sample.write_parquet(data)
    (where / folder.SAMPLES).write_bytes(data.getbuffer())


def read(where: Path) -> pl.DataFrame:
    """The one that was kept. A quantity that is newer than the sample is null in it."""
    try:
        found = pl.read_parquet(where / folder.SAMPLES)
        older = [pl.lit(None, kind).alias(name) for name, kind in SCHEMA.items() if name not in found.columns]
        return found.with_columns(older).select(*SCHEMA).cast(SCHEMA)  # type: ignore[arg-type]
    except (OSError, pl.exceptions.PolarsError):
        raise BadUse(f"{where / folder.SAMPLES} is missing, or was cut short or edited: restore it.") from None
