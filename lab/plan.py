"""What is compared, and in what order: cells, and blocks that shuffle them."""

import random
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec

from lab.errors import BadUse
from loadtests.records import TRANSPORTS

Transport = Annotated[str, msgspec.Meta(pattern=f"^({'|'.join(TRANSPORTS)})$")]
TITLES = {"short-polling": "Short polling", "long-polling": "Long polling", "sse": "SSE", "websocket": "WebSocket"}


class Cell(msgspec.Struct, frozen=True):
    """One row of the comparison: a transport and, for short polling, the seconds between polls.

    `level` is the value of what an experiment varies, where it varies something else. `target` is what answers: our
    servers, or the null server, whose cells are the floor and no rows.
    """

    transport: Transport
    poll_interval_s: float | None = None
    level: float | str | None = None
    target: Literal["servers", "null"] = "servers"

    @property
    def name(self) -> str:
        name = self.transport if self.poll_interval_s is None else f"{self.transport} {self.poll_interval_s:g}s"
        name = name if self.level is None else f"{name} at {shown(self.level)}"
        return name if self.target == "servers" else f"{self.target} {name}"

    @property
    def title(self) -> str:
        title = self.series if self.level is None else f"{self.series} at {shown(self.level)}"
        return title if self.target == "servers" else f"{title} (floor)"

    @property
    def series(self) -> str:
        """The title without the level: what its neighbours in an experiment share."""
        title = TITLES[self.transport]
        return title if self.poll_interval_s is None else f"{title} {self.poll_interval_s:g} s"


def shown(level: float | str) -> str:
    """`400`, `0.05`, `gevent`."""
    return level if isinstance(level, str) else f"{level:,.10g}"


class PlannedRun(msgspec.Struct, frozen=True):
    """One run to make. The cells of a block share its seed, so that they meet the same messages at the same moments."""

    run: int
    block: int
    cell: Cell
    seed: int


def cells(
    transports: Sequence[str], poll_intervals: Sequence[float], levels: Sequence[float | str | None] = (None,)
) -> list[Cell]:
    """The rows, in the order in which they are shown."""
    return [
        Cell(transport, interval, level)
        for transport in TRANSPORTS
        if transport in transports
        for interval in (poll_intervals if transport == "short-polling" else [None])
        for level in levels
    ]


def blocks(rows: Sequence[Cell], repeats: int, seed: int) -> list[PlannedRun]:
    """Every cell once in each block, in random order: what drifts while we measure then falls on all alike."""
    rng = random.Random(f"blocks {seed}")
    runs: list[PlannedRun] = []
    for block in range(repeats):
        for cell in rng.sample(list(rows), len(rows)):
            runs.append(PlannedRun(len(runs), block, cell, seed * 1_000 + block))
    return runs


def floor(rows: Sequence[Cell], after: Sequence[PlannedRun]) -> list[PlannedRun]:
    """A run of the null server for each transport, after all others: with the messages of the first block.

    Of several poll intervals the first; the floor of another is later by half of what it is longer.
    """
    first = {row.transport: row for row in reversed(rows)}
    cells = [msgspec.structs.replace(first[name], level=None, target="null") for name in TRANSPORTS if name in first]
    return [PlannedRun(len(after) + n, 0, cell, after[0].seed) for n, cell in enumerate(cells)]


def read_transports(text: str) -> list[str]:
    """`a,b` as names; BadUse names the one that is unknown."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in TRANSPORTS:
            raise BadUse(f"There is no transport {name!r}: choose from {', '.join(TRANSPORTS)}.")
    if not names:
        raise BadUse(f"--transports names none: choose from {', '.join(TRANSPORTS)}.")
    return list(dict.fromkeys(names))


def read_intervals(text: str) -> list[float]:
    """`1,3` as seconds; BadUse names what is not a number of seconds from 0.05 to 600."""
    try:
        seconds = [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        seconds = []
    if not seconds or not all(0.05 <= s <= 600 for s in seconds):
        raise BadUse(f"--poll-intervals {text!r} is not a list of seconds from 0.05 to 600, such as 1,3.")
    return list(dict.fromkeys(seconds))
