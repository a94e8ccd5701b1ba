"""What a lesson showed: of each phase and transport the echoes, and what a second took. From the tables alone."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from lab.errors import BadUse
from lab.live.frames import TRANSPORTS, Phase, Transport
from lab.live.lesson import plan
from lab.live.lesson.echoes import at
from lab.live.lesson.record import COUNTERS, ECHOES, Record

NAME = "summary.json"
LEAST = 3.0  # seconds of a phase, and of clients in it, to say what a second takes


class Row(Struct, frozen=True):
    """A transport in a phase. `clients` is how many connections there were on average; None: not measured.

    Rates are of the whole phase and of all clients together; bytes are those both ways at the lowest layer measured.
    """

    phase: Phase
    transport: Transport
    echoes: int
    p50_ms: float | None
    p95_ms: float | None
    seconds: float
    clients: float | None
    requests_per_s: float | None
    empty_per_s: float | None
    bytes_per_s: float | None


class Summary(Struct, frozen=True):
    """summary.json. `layer` is of the bytes: ip, socket or none."""

    rows: list[Row]
    layer: str
    devices: int
    robots: int
    votes: dict[Transport, int]
    ticket: dict[str, Any]


def of(where: Path, record: Record) -> Summary:
    """BadUse where a table is missing or damaged."""
    import polars as pl

    try:
        echoes, counters = pl.read_parquet(where / ECHOES), pl.read_parquet(where / COUNTERS)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise BadUse(f"A table of {where} cannot be read ({error}): restore it.") from None
    lesson = plan.read()
    layer = next((layer for layer in ("ip", "socket") if record.measured.get(layer)), "none")
    phases = list(dict.fromkeys(phase for _, phase in record.begun if phase != "over"))
    rows = [row(phase, transport, echoes, counters, layer) for phase in phases for transport in TRANSPORTS]
    shown = [one for one in rows if one.echoes or one.transport in lesson.step(one.phase).transports]
    return Summary(shown, layer, record.devices, record.robots, record.votes, record.ticket)


def row(phase: Phase, transport: Transport, echoes: Any, counters: Any, layer: str) -> Row:
    of_it = (echoes["phase"] == phase) & (echoes["transport"] == transport)
    ms = echoes.filter(of_it)["ms"].to_list()
    seen = counters.filter((counters["phase"] == phase) & (counters["transport"] == transport)).sort("at_s")
    seconds = span(seen)
    rates = {name: None if seconds < LEAST else gained(seen, name) / seconds for name in ("requests", "empty")}
    both = [gained(seen, f"{layer}_{way}") for way in ("up", "down")] if layer != "none" else []
    return Row(
        phase, transport, len(ms), at(ms, 0.5), at(ms, 0.95), round(seconds, 1),
        seen["connections"].mean(), rates["requests"], rates["empty"],
        sum(both) / seconds if both and seconds >= LEAST else None,
    )  # fmt: skip


def span(seen: Any) -> float:
    """Seconds between the first look and the last; a phase that was begun twice counts its stretches."""
    times = seen["at_s"].to_list()
    steps = [after - before for before, after in pairwise(times)]
    return float(sum(step for step in steps if step < LEAST))


def gained(seen: Any, name: str) -> float:
    """By how much a total grew in the phase."""
    times, totals = seen["at_s"].to_list(), seen[name].fill_null(0).to_list()
    steps = zip(pairwise(times), pairwise(totals), strict=True)
    return float(sum(after - before for (then, now), (before, after) in steps if now - then < LEAST))


def write(where: Path, found: Summary) -> None:
    (where / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
