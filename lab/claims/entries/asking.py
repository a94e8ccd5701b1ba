"""Asking for nothing (C4), and what it takes to say something (C8)."""

from lab.claims.cases import Rule, above, less
from lab.claims.evidence import Row
from lab.claims.figures import CPU, EMPTY, IP_UP, REQUESTS, SOCKET_UP, Measure
from lab.claims.intervals import ALIKE
from lab.claims.judging import Claim
from lab.claims.limits import LESS, with_margins, with_others
from lab.claims.rules import LONG, OTHERS, POLLING, RATE, WEBSOCKET, against_each, at_every_level, interval
from lab.claims.sources import ARTICLE
from lab.model.quiet import TIMES
from lab.stats import Estimate

SOME = 0.01  # of the polls
HOLD = TIMES["hold"]  # seconds for which a poll is held


def of_polls_that_could_end(row: Row) -> Estimate:
    """A held poll ends empty when its hold has run out, and no run that is shorter can show it."""
    if row.cell.cell.transport == LONG and row.window_s is not None and row.window_s < HOLD:
        return Estimate(None, note=f"a poll is held for {HOLD:g} s, and the run took {row.window_s:g} s")
    return EMPTY.of(row)


def asked_in_vain(some: float) -> tuple[Rule, ...]:
    test = above(Measure(EMPTY.title, EMPTY.unit, of_polls_that_could_end, EMPTY.keys), some)
    return (
        at_every_level("idle", POLLING, test, "{} s between polls", "in silence", interval),
        at_every_level("poll-interval", POLLING, test, "{} s between polls", "in a real chat", interval),
        at_every_level("message-rate", POLLING, test, RATE, "with messages at random"),
    )


def cheaper_to_say(alike: float) -> tuple[Rule, ...]:
    return tuple(
        against_each("upstream", [WEBSOCKET], OTHERS, less(measure, alike), "a rate of {}/s from each client", about)
        for measure, about in (
            (REQUESTS, "in requests"), (SOCKET_UP, "in socket bytes up"), (IP_UP, "in IP bytes up"), (CPU, "in CPU"),
        )
    )  # fmt: skip


C4 = Claim(
    "C4",
    "Polling sends requests even when there is no new data.",
    ARTICLE,
    f"Surely more than {100 * SOME:g} % of the polls bring nothing.",
    "By the claim's own words a single such poll would do. A hundredth, our choice, is more than what falls on a "
    f"window's edge. Where a run is shorter than the {HOLD:g} s of a hold, long polling is left open.",
    asked_in_vain(SOME),
    "Of the polls at least {0:min} are empty in silence, in a real chat {1:range}.",
    otherwise=with_others(asked_in_vain, {"with any empty poll at all": 0.0, "with a twentieth of the polls": 0.05}),
)
C8 = Claim(
    "C8",
    "Data flows continuously in both directions over one WebSocket.",
    ARTICLE,
    "What a client sends needs no request of its own, and costs surely fewer bytes upstream and less of the server's "
    "CPU than the POST that the others need: SSE has no way up.",
    LESS,
    cheaper_to_say(ALIKE),
    "Upward WebSocket takes at most {1:max} the socket bytes, {2:max} the IP bytes and {3:max} the CPU of any other.",
    otherwise=with_margins(cheaper_to_say),
)
CLAIMS = (C4, C8)
