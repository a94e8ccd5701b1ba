"""What is said to and by one client in a second, on average: how often each exchange happens, and what it weighs."""

from msgspec import Struct, structs

from lab.model import quiet
from lab.model.arrivals import Arrivals, Gap, Poisson
from lab.model.conditions import Conditions
from lab.model.exchange import DELAY, OPENED, PROBED, Exchange
from lab.model.quiet import TIMES
from lab.model.waits import ticks_apart
from lab.model.wire import Wire

REQUESTS = ("post", "news", "blank", "unchanged", "held", "expired")
EMPTY = ("blank", "unchanged", "expired")
JOBS = (*REQUESTS, "send")  # what the server does in one go; to push to a room is part of a post's or a send's
POLLS = ("news", "blank", "unchanged", "held", "expired")


class Part(Struct, frozen=True):
    """An exchange, how often it happens in a second to one client, and how many messages it brings."""

    name: str
    per_s: float
    exchange: Exchange
    messages: float = 0.0


class Traffic(Struct, frozen=True):
    """All that happens to one client."""

    parts: tuple[Part, ...]

    def per_s(self, *names: str) -> float:
        return sum(part.per_s for part in self.parts if part.name in names)

    @property
    def heard_per_s(self) -> float:
        """Messages that the client gets: as many as come, but where polls look back to before the first."""
        return sum(part.per_s * part.messages for part in self.parts)

    def bytes_per_s(self, field: str) -> float:
        """Of an exchange's field, such as `up` or `ip_down`."""
        return sum(part.per_s * float(getattr(part.exchange, field)) for part in self.parts)


def traffic(given: Conditions, answer_s: float = 0.0) -> Traffic:
    """`answer_s` is what the server's own work adds to a round trip; without it the server works in no time."""
    said = Wire(given)
    kinds = [of_room(each, given, said, answer_s) for each in given.arrivals]
    shared = [structs.replace(part, per_s=part.per_s / len(kinds)) for parts in kinds for part in parts]
    if not given.keep_alive:
        requests = sum(part.per_s for part in shared if part.name in REQUESTS)
        shared.append(Part("open", requests, OPENED))
    return Traffic(tuple(shared))


def of_room(arrivals: Arrivals, given: Conditions, said: Wire, answer_s: float) -> list[Part]:
    """What a client of a room with such arrivals hears, and says in order to hear it."""
    back_s = given.rtt_s + answer_s
    match given.transport:
        case "short-polling":
            parts = short_polls(arrivals, ticks_apart(given.poll_interval_s, back_s), given, said)
        case "long-polling":
            parts = long_polls(arrivals, arrivals.gap(back_s), given, said)
        case "sse":
            comments = quiet.comments(arrivals, given)
            probes = quiet.listening(arrivals, given, comments, TIMES["quiet"])
            parts = [Part("event", arrivals.rate, said.event(), 1.0), Part("comment", comments, said.comment()),
                     Part("probe", probes, PROBED)]  # fmt: skip
        case _:
            return frames(arrivals, given, said)
    posts = Part("post", arrivals.rate / given.participants, said.posted())
    return [*parts, posts, Part("probe", quiet.posting(arrivals, given), PROBED)]


def frames(arrivals: Arrivals, given: Conditions, said: Wire) -> list[Part]:
    """One connection both ways."""
    pings = quiet.pings(arrivals, given)
    return [
        Part("frame", arrivals.rate, said.frame(), 1.0),
        Part("send", arrivals.rate / given.participants, said.sent()),
        Part("ping", pings, said.ping()),
        Part("probe", quiet.listening(arrivals, given, pings, TIMES["quiet"]), PROBED),
    ]


def short_polls(arrivals: Arrivals, interval_s: float, given: Conditions, said: Wire) -> list[Part]:
    """A poll is empty when no message came since the one before: exp(-rate x interval) of them, for random messages.

    The first that is empty after news asks anew with a new cursor, and gets a page without messages. Those after it ask
    the same again; a client that remembers what it was told is answered that nothing has changed. They are as many as
    there are spells of two intervals without a message.
    """
    per_s, empty = 1 / interval_s, arrivals.none_within(interval_s)
    again = arrivals.none_within(2 * interval_s) if said.remembers else 0.0
    each = arrivals.rate * interval_s / (1 - empty) if empty < 1 else 0.0
    return [
        Part("news", per_s * (1 - empty), said.short(each), each),
        Part("blank", per_s * max(0.0, empty - again), said.short(0)),
        Part("unchanged", per_s * again, said.unchanged()),
        Part("probe", quiet.listening(Poisson(0.0), given, per_s, interval_s), PROBED),
    ]


def long_polls(arrivals: Arrivals, gap: Gap, given: Conditions, said: Wire) -> list[Part]:
    """Each answer but those of the holds that ran out brings what the gap says. A hold runs out as silences do."""
    waits_long = arrivals.gap(gap.seconds + DELAY).held
    expired = quiet.expired(arrivals, gap.seconds, given)
    return [
        Part("held", arrivals.rate / gap.messages, said.long(gap.messages, waits_long), gap.messages),
        Part("expired", expired, said.long(0, 1)),
        Part("probe", quiet.listening(arrivals, given, expired, TIMES["hold"]), PROBED),
    ]
