"""An hour in which fifty clients a second come and go: what the server holds must not grow.

    python -m tests.servers.crowds.churn --minutes 60 --engine gevent

`make prove` does five minutes of it on each engine.
"""

import argparse
import random
import statistics
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import product

import msgspec

from tests.processes import Server, until
from tests.servers.conftest import ENGINES
from tests.servers.crowds.holdings import Holdings, holdings, settled
from tests.servers.crowds.visits import ENDS, VISITS, visit

RATE = 50  # clients a second
MOST = 300  # who are there at once; the threads engine lets in 500
WARM = 0.2  # of the time: allocators and caches fill
FIFTH = 0.2  # of the rest: its first and its last are compared
DRIFT = 0.02  # of the memory
KEEP = 100  # messages that a room keeps, so that its log is soon as long as it gets
LET_GO = 40  # seconds for the last to be let go: who sent half a head, 10; keepalive and time-outs, less


class Churned(msgspec.Struct):
    """What became of a server. Memory in bytes, the median at the beginning and at the end of what counts."""

    visits: int
    seconds: float  # in which they came
    early: float
    late: float
    before: Holdings
    after: Holdings

    @property
    def drift(self) -> float:
        return self.late / self.early - 1

    def __str__(self) -> str:
        early, late = (f"{size / 2**20:.1f}" for size in (self.early, self.late))
        return (
            f"{self.visits:,} visits in {self.seconds:,.0f} s: memory {early} to {late} MiB ({self.drift:+.2%}), "
            f"descriptors {self.before.descriptors} and {self.after.descriptors}, "
            f"threads {self.before.threads} and {self.after.threads}"
        )


def churn(server: Server, seconds: float, seed: int = 1) -> Churned:
    """Let clients come and go for so long; the server must answer as it should, all the time."""
    chosen, kinds = random.Random(seed), list(product(VISITS, ENDS))
    for doing, ending in kinds:
        visit(server.address, doing, ending)  # each once, for what is loaded late
    before = at_rest(server)
    memory: list[int] = []
    with ThreadPoolExecutor(MOST) as pool:
        visits: list[Future[None]] = []
        begun = time.monotonic()
        for number in range(round(seconds * RATE)):
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            visits.append(pool.submit(visit, server.address, *chosen.choice(kinds)))
            if number % RATE == 0:
                memory.append(holdings(server).rss)
                visits = [one for one in visits if not one.done() or one.result()]
                assert len(visits) < MOST, f"some wait for their turn, so fewer than {RATE} come in a second"
        seconds = time.monotonic() - begun
        for one in visits:
            one.result()
    until(lambda: holdings(server)[1:] == before[1:], LET_GO)
    counted = memory[round(WARM * len(memory)) :]
    size = max(1, round(FIFTH * len(counted)))
    early, late = (statistics.median(part) for part in (counted[:size], counted[-size:]))
    return Churned(len(memory) * RATE, seconds, early, late, before, settled(server))


def at_rest(server: Server) -> Holdings:
    """What it holds when nobody is there."""
    itself = 1  # who asks
    until(lambda: server.metric("polls_apart_in_flight") == itself, LET_GO)
    return settled(server)


def main() -> int:
    """Returns 1 when something grew."""
    parser = argparse.ArgumentParser("churn", description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--engine", choices=ENGINES, default="gevent")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with Server("all", "--engine", args.engine, "--keep", KEEP) as server:
        found = churn(server, args.minutes * 60, args.seed)
    print(found)
    return 0 if found.drift < DRIFT and found.after[1:] == found.before[1:] else 1


if __name__ == "__main__":
    sys.exit(main())
