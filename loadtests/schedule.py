"""When each participant writes what: an open model, fixed by the seed before anything is sent.

Nobody waits for an answer before writing again, so a slow server meets the same load as a fast one. All offsets
are seconds from the common start. Poll phases are random too: polls in step with each other or with the messages
would make the same server look fast or slow by accident.
"""

import itertools
import random
from collections.abc import Iterator

from loadtests.scenario import Burst, Periodic, Poisson, Replay, Scenario, Silence
from loadtests.trace import Line, minutes

MINUTE = 60.0
FILLER = """so the café opens at nine and we meet there to talk about who hears first when a word is sent ça va I think
that you should bring your notes from yesterday because nobody else wrote anything down, did they? Maybe Thursday
works better for most of us; please tell Margaret before she books another train. My brother can't find his keys again,
which means waiting outside until somebody wakes up :) Have you seen this picture? It looks almost like Venice, only
colder. Thanks! I'll ask around tonight if they still need help with moving those boxes over early next week. Really
good idea, but how much would it cost without any discount? Let's just try, then decide what comes after. See you
soon, everyone"""
WORDS = FILLER.split()  # as many as it takes to compress like prose of the same length: a test compares

Send = tuple[float, str]


def sends(scenario: Scenario, seed: int, room: int, seat: int) -> Iterator[Send]:
    """What the participant in this seat of this room writes: (offset in s, text), in order, without end."""
    if seat >= scenario.senders:
        return iter(())
    match scenario.workload:
        case Replay() as replay:
            return replayed(replay, scenario.senders, seed, room, seat)
        case Poisson() as poisson:
            return at_random(poisson, scenario.senders, seed, room, seat)
        case Periodic() as periodic:
            return in_step(periodic, scenario.senders, seed, room, seat)
        case Burst() as burst:
            return bunched(burst, scenario.senders, seed, room, seat)
        case Silence():
            return iter(())


def replayed(workload: Replay, senders: int, seed: int, room: int, seat: int) -> Iterator[Send]:
    """A minute of the trace, each message at a uniform moment of what is known; then the minute again, spread anew."""
    trace = minutes(workload.lines)
    minute = trace[room % len(trace)]
    if all(line.sender % senders != seat for line in minute):
        return
    start = 0.0
    while True:
        rng = random.Random(f"replay {seed} {room} {start}")
        moments = sorted(moment_of(line, rng) for line in minute)
        for moment, line in zip(moments, minute, strict=True):
            words = text(rng, line.bytes)
            if line.sender % senders == seat:
                yield start + moment, words
        start += MINUTE


def moment_of(line: Line, rng: random.Random) -> float:
    """Seconds from the minute's start: within the second where the trace tells it, else anywhere in the minute."""
    return rng.uniform(0, MINUTE) if line.second is None else line.second + rng.random()


def at_random(workload: Poisson, senders: int, seed: int, room: int, seat: int) -> Iterator[Send]:
    """A Poisson process; those of a room's senders together have the room's rate."""
    rng = random.Random(f"poisson {seed} {room} {seat}")
    offset = 0.0
    while True:
        offset += rng.expovariate(workload.rate_per_s / senders)
        yield offset, text(rng, workload.bytes)


def in_step(workload: Periodic, senders: int, seed: int, room: int, seat: int) -> Iterator[Send]:
    """A message every 1 / rate seconds, each from the next sender; the room's phase is uniform in that time.

    A rhythm may meet another by accident. Here it cannot: polls have random phases too, each client's its own, so that
    all waits from none to a whole interval are in a run. Push has no rhythm to meet. Long polling takes on the one of
    the messages, which is what such a workload is for: it is fast as long as it is back before the next one.
    """
    rng = random.Random(f"periodic {seed} {room}")
    phase = rng.uniform(0, 1 / workload.rate_per_s)
    for n in itertools.count():
        words = text(rng, workload.bytes)
        if n % senders == seat:
            yield phase + n / workload.rate_per_s, words


def bunched(workload: Burst, senders: int, seed: int, room: int, seat: int) -> Iterator[Send]:
    """Bursts after exponential silences; nobody writes a second message of one before everybody has written one."""
    rng = random.Random(f"burst {seed} {room}")
    start = 0.0
    while True:
        start += rng.expovariate(1 / workload.every_s)
        turns = itertools.cycle(rng.sample(range(senders), senders))
        moments = sorted(rng.uniform(0, workload.within_s) for _ in range(workload.size))
        for moment, sender in zip(moments, turns, strict=False):
            words = text(rng, workload.bytes)
            if sender == seat:
                yield start + moment, words
        start += workload.within_s


def arrival(scenario: Scenario, seed: int, number: int) -> float | None:
    """Seconds from the start to when a listener comes in; None: before the start, as all who write do."""
    if not scenario.arrive_within_s or number % scenario.participants < scenario.senders:
        return None
    spread = random.Random(f"arrival {seed} {number}").uniform(0, scenario.arrive_within_s)
    return scenario.warmup_s + spread


def poll_phase(seed: int, user: int, interval_s: float) -> float:
    """Seconds from the start to a user's first poll: uniform in the interval."""
    return random.Random(f"phase {seed} {user}").uniform(0, interval_s)


def next_tick(tick: int, first_ns: int, interval_ns: int, now_ns: int) -> tuple[int, int]:
    """(the tick to poll at after `tick`, how many were skipped because an answer outlasted them)."""
    following = max(tick + 1, (now_ns - first_ns) // interval_ns + 1)
    return following, following - tick - 1


def shared_out(scenario: Scenario, seed: int, workers: int) -> list[list[int]]:
    """The numbers of the users whom each generator process has: as many writers each, and as many listeners.

    At random, so that the processes share the rooms: most of what one of them sends is received by another.
    """
    users = random.Random(f"workers {seed}").sample(range(scenario.users), scenario.users)
    users.sort(key=lambda number: number % scenario.participants >= scenario.senders)
    return [sorted(users[worker::workers]) for worker in range(workers)]


def text(rng: random.Random, size: int) -> str:
    """Filler of exactly `size` bytes in UTF-8: words, so that it looks and compresses like writing."""
    words = ""
    while len(words.encode()) < size:
        words += rng.choice(WORDS) + " "
    cut = words.encode()[:size].decode(errors="ignore").rstrip()
    return cut + "." * (size - len(cut.encode()))
