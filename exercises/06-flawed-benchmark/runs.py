"""Runs of a learner's benchmark, against a server that fails by numbers and stands still."""

import math
import time
from collections.abc import Callable, Collection
from functools import cache
from typing import Any, NamedTuple

from lab.grader import Unsure, Wrong
from lab.grader.clients import object_of
from lab.grader.program import Program
from lab.grader.stalling import Server
from lab.grader.stand import Stand

RATES = (50, 60, 70)  # requests a second, which make whole numbers of all that follows
CALM = {"WARMUP_S": 0.2, "DURATION_S": 0.4, "RUNS": 3}
HALF = {"WARMUP_S": 0, "DURATION_S": 0.4, "RUNS": 1}
STALLED = {"WARMUP_S": 0, "DURATION_S": 1.2, "RUNS": 2}
STALL_S = 0.8  # of the second run, so that the median over both does not show it
MILLISECONDS = 1_000
PATIENCE = 10.0  # seconds beyond what the runs take
FIELDS = ("p50", "p95", "p99", "runs", "interval", "intended", "sent", "answered")


class Outcome(NamedTuple):
    """What came of some runs: what was printed last, what the server saw, and how long something stood still, in ms."""

    line: str
    server: Server
    rate: int
    stood_ms: float = 0.0


def carry_out(
    stand: Stand, settings: dict[str, Any], fails: Collection[int] = (),
    meanwhile: Callable[[Server, Program], float] = lambda *_: 0.0,
) -> Outcome:  # fmt: skip
    """Run the benchmark as `settings` say against a server of its own."""
    with Server(fails) as server:
        rate = rate_of(stand.seed)
        environment = settings | {"RATE": rate, "SEED": stand.seed, "SERVER": f"http://127.0.0.1:{server.server_port}"}
        stand.story.tell("grader", ", ".join(f"{name}={value}" for name, value in environment.items()), "program")
        program = stand.program(**{name: str(value) for name, value in environment.items()})
        stood_ms = MILLISECONDS * meanwhile(server, program)
        printed = program.finish(settings["RUNS"] * (settings["WARMUP_S"] + settings["DURATION_S"]) + PATIENCE)
        stand.story.tell("server", f"has heard {server.came} requests")
        return Outcome(printed[-1] if printed else "", server, rate, stood_ms)


def rate_of(seed: int) -> int:
    return RATES[seed % len(RATES)]


def sizes(rate: int) -> tuple[int, int]:
    """How many requests of a calm run are its warm-up's, and how many count."""
    return round(rate * CALM["WARMUP_S"]), round(rate * CALM["DURATION_S"])


def bad(rate: int) -> list[int]:
    """Of the calm runs, which requests that count fail: more than one in twenty."""
    warm, counted = sizes(rate)
    return [run * (warm + counted) + warm + n for run in range(CALM["RUNS"]) for n in range(5, counted, 10)]


@cache
def calm(stand: Stand) -> Outcome:
    """Three short runs whose server is cold at first: then it fails, and later in some cases."""
    rate = rate_of(stand.seed)
    warm, counted = sizes(rate)
    cold = [run * (warm + counted) + n for run in range(CALM["RUNS"]) for n in range(warm // 2)]
    return carry_out(stand, CALM, {*cold, *bad(rate)})


@cache
def half(stand: Stand) -> Outcome:
    """One short run, in which each second request fails."""
    rate = rate_of(stand.seed)
    return carry_out(stand, HALF, range(0, round(rate * HALF["DURATION_S"]), 2))


@cache
def stalled(stand: Stand) -> Outcome:
    """Two runs. In the second the server stands still."""

    def stand_still(server: Server, program: Program) -> float:
        server.wait_for(round(1.2 * STALLED["DURATION_S"] * rate_of(stand.seed)), program, "one-run")
        return spell(lambda: (stand.story.tell("server", "stands still"), server.going.clear()),
                     lambda: (server.going.set(), stand.story.tell("server", "goes on")))  # fmt: skip

    outcome = carry_out(stand, STALLED, meanwhile=stand_still)
    if usual(told(stand, outcome)) > mean_of(outcome) / 4:
        raise Unsure("This machine is so busy that answers take long without a stall: close what keeps it busy.")
    return outcome


def usual(found: dict[str, Any]) -> float:
    """The lower of two runs' medians, which is that of the run without a stall."""
    return min((number("runs", median) for median in found["runs"]), default=0.0)


def mean_of(outcome: Outcome) -> float:
    """By how many ms the stall makes the mean wait longer, of requests that come as they are due."""
    return outcome.stood_ms**2 / (2 * MILLISECONDS * STALLED["RUNS"] * STALLED["DURATION_S"])


def spell(begin: Callable[[], object], end: Callable[[], object]) -> float:
    """How long it was, in seconds."""
    begun = time.monotonic()
    begin()
    time.sleep(STALL_S)
    end()
    return time.monotonic() - begun


def told(stand: Stand, outcome: Outcome) -> dict[str, Any]:
    """What the benchmark printed, with all its fields."""
    stand.story.tell("program", f"prints {outcome.line}")
    found = object_of(outcome.line, "one line of JSON")
    missing = [name for name in FIELDS if name not in found]
    if missing:
        raise Wrong("not-json", f"one line of JSON with {', '.join(FIELDS)}", f"no {missing[0]} in {outcome.line}")
    for name in ("runs", "interval"):
        if not isinstance(found[name], list):
            raise Wrong("not-json", f"{name}: a list", f"{name}: {found[name]!r}")
    return found


def number(name: str, found: Any) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise Wrong("not-json", f"{name}: a number", f"{name}: {found!r}")
    return float(found)
