"""What goes to and fro while nobody says anything: heartbeats, holds that run out, and the kernel's probes.

Each is due when a connection has been silent for some time, so it is counted by spells of silence. None is counted
where connections were not seen for so long.
"""

import math
from collections.abc import Callable

from lab.model.arrivals import Arrivals, Poisson
from lab.model.conditions import Conditions
from lab.model.wire import ANSWERS

TIMES: dict[str, float] = ANSWERS["times"]


def silences(arrivals: Arrivals, seconds: float, given: Conditions, least: float = math.inf) -> float:
    """How often a second a silence of that length ends, the clock beginning anew with it."""
    return arrivals.silences(seconds) if given.seen_s > min(seconds, least) else 0.0


def expired(arrivals: Arrivals, gap_s: float, given: Conditions) -> float:
    """Long polls that bring nothing."""
    return silences(arrivals, TIMES["hold"] + gap_s, given, TIMES["hold_least"])


def comments(arrivals: Arrivals, given: Conditions) -> float:
    """What a stream says, so that it is not taken for dead."""
    return silences(arrivals, TIMES["quiet"], given)


def pings(arrivals: Arrivals, given: Conditions) -> float:
    """A WebSocket is pinged when its client has said nothing for so long, whatever it heard."""
    return over_seats(arrivals, given, lambda said: silences(said, TIMES["quiet"], given))


def posting(arrivals: Arrivals, given: Conditions) -> float:
    """Probes on the connection that a client posts on, and most never do."""
    return over_seats(arrivals, given, lambda said: silences(said, TIMES["probe"], given))


def listening(arrivals: Arrivals, given: Conditions, others: float, within_s: float) -> float:
    """Probes on a connection that hears each message, and so many `others` a second that end a spell after `within_s`.

    A spell has one for each `probe` seconds that it lasts.
    """
    probe = TIMES["probe"]
    if given.seen_s <= probe:
        return 0.0
    times = math.ceil(within_s / probe) - 1
    return (arrivals.spells + others) * sum(arrivals.lasting(n * probe) for n in range(1, times + 1))


def over_seats(arrivals: Arrivals, given: Conditions, of: Callable[[Poisson], float]) -> float:
    """The mean over a room's clients: a writer says its share of the messages, at moments as good as random."""
    writers = given.senders * of(Poisson(arrivals.rate / given.senders))
    return (writers + (given.participants - given.senders) * of(Poisson(0.0))) / given.participants
