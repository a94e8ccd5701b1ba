"""How long a message takes: at once (C1), as good as a push (L2), one transit or three (L3), all at once (L6)."""

from lab.claims import intervals
from lab.claims.cases import Case, Rule, Test, Trial, above, at_most, below, below_by, less
from lab.claims.conditions import AGAINST
from lab.claims.evidence import Evidence, Row
from lab.claims.figures import CPU, MEAN, P50, P95, P99, SOCKET, Measure
from lab.claims.intervals import ALIKE, minus, same, times
from lab.claims.judging import Claim, Otherwise
from lab.claims.limits import LESS, with_margins
from lab.claims.rules import LONG, POLLING, RATE, SSE, WEBSOCKET, against_each, at_every_level, beyond_loopback
from lab.claims.sources import ARTICLE, CONVERSATION, ETHERPAD, GAMES, NIELSEN, PIMENTEL, RFC_6202
from lab.claims.tells import knee, no_faster_than_the_link, tail_afar, value
from lab.stats import Estimate

ROUND_TRIP = "a round trip of {} ms"
INSTANT = 100.0  # ms
UPDATE = 250.0  # ms between updates at 4 Hz: one way takes less than half of it where there and back take less than all
AS_GOOD = 25.0  # ms: who is later by less than a tenth of the update interval is as good
RATIO = 1.25  # times
ONE, THREE = 1.5, 2.5  # transits: what is nearer to one than to two, and to three than to two


def before_the_knee(row: Row) -> bool:
    return isinstance(row.level, float) and row.level < UPDATE


def transits(measure: Measure, title: str) -> Measure:
    """From the server to the client, in one-way delays: the publisher's own way to the server is not counted."""

    def of(row: Row) -> Estimate:
        way = row.level / 2 if isinstance(row.level, float) else 0.0
        return minus(times(measure.of(row), 1 / way), same(1.0)) if way else Estimate(None, note="there is no link")

    return Measure(title, "transits", of, measure.keys)


def at_once(measure: Measure, limit: float) -> tuple[Rule, ...]:
    return (
        at_every_level("rtt", [WEBSOCKET], below(measure, limit), ROUND_TRIP, "over a distance"),
        at_every_level("message-rate", [WEBSOCKET], below(measure, limit), RATE, "under load"),
    )


def as_good(test: Test) -> tuple[Rule, ...]:
    return (against_each("knee", [LONG], [WEBSOCKET], test, ROUND_TRIP, where=before_the_knee),)


def in_transits(one: float, three: float) -> tuple[Rule, ...]:
    mean, worst = transits(MEAN, "mean latency"), transits(P99, "latency p99")
    return (
        at_every_level("bursts", [LONG], below(mean, one), ROUND_TRIP, "on average", where=beyond_loopback),
        at_every_level("bursts", [LONG], above(worst, three), ROUND_TRIP, "at worst", where=beyond_loopback),
    )


C1 = Claim(
    "C1",
    "WebSocket data arrives instantly, without delays.",
    ARTICLE,
    f"95 in 100 deliveries take less than {INSTANT:g} ms.",
    f"A tenth of a second is what a person takes for at once ({NIELSEN}). Others ask otherwise: {GAMES}; "
    f"{CONVERSATION}.",
    at_once(P95, INSTANT),
    "95 in 100 arrive within {0:most}; under load within {1:most}.",
    tells=(no_faster_than_the_link("rtt", WEBSOCKET), tail_afar("rtt", SSE, WEBSOCKET)),
    otherwise=(
        Otherwise("at 50 ms", at_once(P95, 50.0)),
        Otherwise("at 150 ms", at_once(P95, 150.0)),
        Otherwise("for half of the deliveries", at_once(P50, INSTANT)),
    ),
)
L2 = Claim(
    "L2",
    "Long polling is as good as WebSocket while the one-way delay is below half the update interval.",
    PIMENTEL,
    f"With an update each {UPDATE:g} ms, at every round trip below that, long polling's median delivery takes surely "
    f"less than {AS_GOOD:g} ms longer than WebSocket's, a tenth of the interval.",
    f"A tenth of the interval is our choice: the source does not say how good is as good. A ratio of {RATIO:g} was "
    "asked first and given up when the data had been seen, since without a link both take about a millisecond, and a "
    "ratio makes much of it.",
    as_good(below_by(P50, AS_GOOD)),
    "Long polling's median is later by at most {0:most}.",
    briefly=(knee("knee", AS_GOOD),),
    otherwise=(
        Otherwise("with a hundredth of the interval", as_good(below_by(P50, UPDATE / 100))),
        Otherwise("with half the interval", as_good(below_by(P50, UPDATE / 2))),
        Otherwise("for 95 in 100", as_good(below_by(P95, AS_GOOD))),
        Otherwise(f"with a ratio of {RATIO:g}", as_good(at_most(P50, RATIO))),
    ),
)
L3 = Claim(
    "L3",
    "Long polling's mean latency is about one network transit, its worst over three.",
    RFC_6202,
    f"From the server to the client, in bursts, the mean takes less than {ONE:g} one-way delays of the link, and the "
    f"slowest hundredth more than {THREE:g}.",
    "Less than one and a half is nearer to one than to two. Over three is said of the longest of all, which no run "
    "tells twice: the slowest hundredth stands for it, and is held to be nearer to three than to two.",
    in_transits(ONE, THREE),
    "From the server, the mean takes at most {0:most}, the slowest hundredth at least {1:least}.",
    tells=(value("bursts", LONG, SOCKET, "With all headers a message weighs {}."),),
    otherwise=(
        Otherwise("with a mean below 1.25", in_transits(1.25, THREE)),
        Otherwise("with a mean below 2", in_transits(2.0, THREE)),
        Otherwise("with a p99 over three, as of the longest", in_transits(ONE, 3.0)),
    ),
)


def who(case: Case) -> str:
    return case.group.partition(AGAINST)[0]


def some_beat(experiment: str, axis: str, alike: float) -> Rule:
    """That at a level some way of polling takes less CPU or less time than WebSocket."""
    rules = [against_each(experiment, POLLING, [WEBSOCKET], less(measure, alike), axis) for measure in (P95, CPU)]

    def put(evidence: Evidence) -> Trial:
        trials = [rule.put(evidence) for rule in rules]
        found = [(trial.title.partition(",")[0], case) for trial in trials for case in trial.cases]
        levels = dict.fromkeys(case.level for _, case in found)
        return Trial("polling to WebSocket", tuple(best(at, found) for at in levels), axis)

    def best(at: float | str | None, found: list[tuple[str, Case]]) -> Case:
        here = [(title, case) for title, case in found if case.level == at]
        answers = [case.true for _, case in here]
        true = True if True in answers else None if None in answers else False
        told = [(title, case) for title, case in here if case.said and (case.true or true is not True)]
        said = [f"{title} {intervals.told(case.estimate, case.unit)} by {who(case)}" for title, case in told]
        why = next((case.why for _, case in here if case.true is None), "") if true is None else ""
        used = tuple(figure for _, case in here for figure in case.figures)
        return Case(true, "; ".join(said), why=why, level=at, figures=used)

    return Rule((experiment,), "", put)


def coalescing(alike: float) -> tuple[Rule, ...]:
    return (some_beat("many-writers", "{} writers", alike),)


L6 = Claim(
    "L6",
    "With many writers in one room polling beats push, since one answer carries many messages.",
    ETHERPAD,
    "Short or long polling takes surely less of the server's CPU for each message than WebSocket, or 95 in 100 "
    "deliveries surely less time.",
    LESS,
    coalescing(ALIKE),
    "In the wait of 95 in 100 or in CPU polling beats WebSocket in {0:count}.",
    tells=(
        value("many-writers", LONG, P95, "By long polling 95 in 100 arrive within {} writers."),
        value("many-writers", WEBSOCKET, P95, "By WebSocket 95 in 100 arrive within {} writers."),
    ),
    otherwise=with_margins(coalescing),
)
CLAIMS = (C1, L2, L3, L6)
