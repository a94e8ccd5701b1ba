"""The same protocols as a simulation of events, which knows no formula: what the closed forms are held against."""

import bisect
import random
from collections.abc import Iterator, Sequence
from itertools import accumulate, count, takewhile

from msgspec import Struct

from lab.model.arrivals import Arrivals, Bursts, Periodic, Poisson

HOLD = 25.0  # seconds


class Seen(Struct):
    """Of one client, over the seconds that were simulated."""

    seconds: float
    waits: list[float]  # of each message at the server
    polls: int = 0
    empty: int = 0
    again: int = 0  # empty, after an empty one
    acknowledged: int = 0  # held for longer than an acknowledgement waits


def moments(arrivals: Arrivals, seconds: float, seed: int) -> list[float]:
    """When messages reach the server."""
    rng = random.Random(f"messages {seed}")
    return list(takewhile(lambda at: at < seconds, endless(arrivals, rng)))


def endless(arrivals: Arrivals, rng: random.Random) -> Iterator[float]:
    match arrivals:
        case Poisson(rate=rate):
            return accumulate(rng.expovariate(rate) for _ in count())
        case Periodic(rate=rate):
            phase = rng.uniform(0, 1 / rate)
            return (phase + n / rate for n in count())
        case Bursts():
            return bursts(arrivals, rng)


def bursts(arrivals: Bursts, rng: random.Random) -> Iterator[float]:
    start = 0.0
    while True:
        start += rng.expovariate(1 / arrivals.every_s)
        yield from sorted(start + rng.uniform(0, arrivals.within_s) for _ in range(arrivals.size))
        start += arrivals.within_s


def short_polling(messages: Sequence[float], seconds: float, interval: float, back: float, seed: int) -> Seen:
    """Polls at ticks, from a random phase; the next one is at the first tick after the answer."""
    seen = Seen(seconds, [])
    ask, taken, empty_before = random.Random(f"phase {seed}").uniform(0, interval), 0, False
    while ask + back / 2 < seconds:
        there = ask + back / 2
        found = bisect.bisect_right(messages, there)
        seen.waits += [there - at for at in messages[taken:found]]
        seen.polls += 1
        seen.empty += found == taken
        seen.again += found == taken and empty_before
        empty_before, taken = found == taken, found
        ticks = int(back / interval) + 1
        ask += ticks * interval
    return seen


def long_polling(messages: Sequence[float], seconds: float, back: float) -> Seen:
    """The next poll is there a round trip after an answer. It is answered at once, or held for news, or for HOLD."""
    seen = Seen(seconds, [])
    there, taken = 0.0, 0
    while there < seconds:
        found = bisect.bisect_right(messages, there)
        if found > taken:
            seen.waits += [there - at for at in messages[taken:found]]
            answered = there
        elif found < len(messages) and messages[found] <= there + HOLD:
            answered = messages[found]
            found += 1
            seen.waits.append(0.0)
        else:
            answered = there + HOLD
            seen.empty += 1
        seen.polls += 1
        seen.acknowledged += answered - there > 0.04
        taken, there = found, answered + back
    return seen


def posted_one_by_one(due: Sequence[float], round_trip: float) -> list[float]:
    """How long each message of one sender waits until the one before it is answered."""
    waits, free = [], 0.0
    for at in due:
        sent = max(at, free)
        waits.append(sent - at)
        free = sent + round_trip
    return waits
