"""Rules over what a server can carry: the clients that met an objective, and what polls it could answer."""

from collections.abc import Iterator, Sequence

from lab import capacity
from lab.claims import intervals
from lab.claims.cases import Case, Rule, Trial, open_case
from lab.claims.evidence import Evidence, Missing, Row
from lab.claims.figures import LOAD, RATE, Figure, figures
from lab.claims.intervals import told
from lab.claims.judging import Teller
from lab.claims.rules import NAMES, SHORT, WEBSOCKET, attempted
from lab.manifest import Capacity
from lab.plan import TITLES
from lab.stats import Estimate


def found_of(evidence: Evidence, experiment: str, transport: str) -> list[tuple[Capacity, Figure]]:
    """How many clients of a transport met the objective; of short polling, for each interval."""
    found = [one for one in evidence.summary(experiment).capacity if one.series.startswith(TITLES[transport])]
    if not found:
        raise Missing(f"{experiment} did not search for the capacity of {NAMES[transport]}")
    return [(one, Figure(experiment, one.series, "capacity", "clients", between(one))) for one in found]


def between(found: Capacity) -> Estimate:
    """The true capacity lies between the most that met the objective and the fewest that did not.

    Where not the server but the instrument was the limit, nobody knows how many more there could have been.
    """
    known = found.fails is not None and capacity.of_the_server(found.limit)
    return Estimate(float(found.clients), float(found.clients), float(found.fails or 0) if known else float("inf"))


def carries_more(experiment: str, who: str, others: Sequence[str], about: str = "") -> Rule:
    """That more clients of `who` meet the objective than of each other."""

    def put(evidence: Evidence) -> Trial:
        cases: list[Case] = []
        for other in others:
            cases += attempted(NAMES[other], compared(evidence, other))
        title = f"clients that one server carries, {NAMES[who]} to the others"
        return Trial(title, tuple(cases), "{}", about, "against")

    def compared(evidence: Evidence, other: str) -> Iterator[Case]:
        own, mine = found_of(evidence, experiment, who)[0]
        for one, figure in found_of(evidence, experiment, other):
            ratio = intervals.divided(mine.estimate, figure.estimate)
            true = intervals.above(ratio, 1.0) if mine.estimate.low != figure.estimate.high else True
            limit = next((found.limit for found in (own, one) if not capacity.of_the_server(found.limit)), "")
            why = f"the instrument was the limit: {limit.rstrip('.')}" if limit else open_case(ratio, "more")
            said = f"{clients(one)}, {NAMES[who]} {clients(own)}, at {one.objective}"
            why = "" if true is not None else why
            group = one.series.replace(TITLES[other], NAMES[other])
            yield Case(true, said, ratio, "times", why, group, figures=(mine, figure))

    return Rule((experiment,), about, put)


def ended_by(experiment: str) -> Teller:
    """What kept each transport from more clients."""

    def tell(evidence: Evidence) -> str:
        found = [one for one in evidence.summary(experiment).capacity if one.limit]
        said = [f"for {one.series} by {limited(one)}" for one in found]
        return f"The search ended {'; '.join(said)}." if said else ""

    return tell


def limited(found: Capacity) -> str:
    return found.limit.rstrip(".") if capacity.of_the_server(found.limit) else "the instrument"


def clients(found: Capacity) -> str:
    """`1,600 to 1,903`."""
    low, high = intervals.ends(between(found))
    return f"at least {low:,.0f}" if high == float("inf") else f"{low:,.0f} to {high:,.0f}"


def answered(row: Row) -> Estimate:
    """Requests a second that a whole CPU would answer, by how much of it these took."""
    if row.clients is None:
        return Estimate(None, note="its manifest does not say how many clients there were")
    rate = intervals.times(RATE.of(row), row.clients / 60)
    return intervals.divided(rate, LOAD.of(row))


def by_interval(evidence: Evidence, experiment: str) -> list[Row]:
    """Short polling's rows, the shortest interval first. Two at least."""
    rows = sorted(evidence.rows(experiment, SHORT), key=lambda row: row.interval or 0.0)
    if len(rows) < 2:
        raise Missing(f"{experiment} has short polling at one interval only")
    return rows


def serves_as_said(experiment: str, factor: float, axis: str, about: str) -> Rule:
    """That clients = requests a second x acceptable latency: the load at the shortest interval foretells the others."""

    def put(evidence: Evidence) -> Trial:
        first, *others = by_interval(evidence, experiment)
        return Trial(f"requests that a CPU answers, against those at a poll each {first.interval:g} s",
                     tuple(case(first, row) for row in others), axis, about)  # fmt: skip

    def case(first: Row, row: Row) -> Case:
        found = intervals.divided(answered(row), answered(first))
        true = intervals.within(found, 1 / factor, factor)
        why = "" if true is not None else open_case(found, f"within a factor of {factor:.3g}")
        said = f"{told(found, 'times')}: {told(answered(row), 'a second')} against {told(answered(first), 'a second')}"
        used = [figure for one in (row, first) for measure in (RATE, LOAD) for figure in figures(one, measure)]
        return Case(true, said, found, "times", why, "", row.interval, tuple(used))

    return Rule((experiment,), about, put)


def outnumbers_push(polls: str, pushes: str, axis: str, about: str) -> Rule:
    """From which acceptable latency on polling serves more clients than WebSocket: arithmetic from both experiments."""

    def put(evidence: Evidence) -> Trial:
        _, push = found_of(evidence, pushes, WEBSOCKET)[0]
        rows = by_interval(evidence, polls)
        cases = [case(rows[0], row.interval or 0.0, push) for row in rows]
        return Trial("clients that polling serves by that arithmetic, against WebSocket's", tuple(cases), axis, about)

    def case(first: Row, latency: float, push: Figure) -> Case:
        served = intervals.times(answered(first), latency)
        found = intervals.divided(served, push.estimate)
        true = intervals.above(found, 1.0)
        why = "" if true is not None else open_case(found, "more")
        said = f"{told(served, 'clients')} against {told(push.estimate, 'clients')}"
        used = (push, *figures(first, RATE), *figures(first, LOAD))
        return Case(true, said, found, "times", why, "", latency, used)

    return Rule((polls, pushes), about, put)


def break_even(polls: str, pushes: str) -> Teller:
    """The latency at which polling serves as many as WebSocket, by the same arithmetic."""

    def tell(evidence: Evidence) -> str:
        _, push = found_of(evidence, pushes, WEBSOCKET)[0]
        latency = intervals.divided(push.estimate, answered(by_interval(evidence, polls)[0]))
        return f"The break-even is at a latency of {told(latency, 's')}." if intervals.bounds(latency) else ""

    return tell
