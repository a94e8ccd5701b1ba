"""Rules over what was observed: in a browser, by an attacker, in a search for a fault, in counted headers."""

from collections.abc import Iterator, Sequence

from lab.claims import intervals
from lab.claims.cases import YES_OR_NO, Case, Rule, Trial, open_case
from lab.claims.conditions import WITH
from lab.claims.evidence import Evidence, Missing
from lab.claims.figures import Figure
from lab.claims.intervals import told
from lab.claims.judging import Teller
from lab.claims.rules import NAMES, SHORT
from lab.observations import Observations
from lab.stats import Estimate

UP, DOWN = "header bytes up", "header bytes down"
FOUND, LOOKED_AT = "found", "looked at"
READS, WRITES = "a stranger reads", "a stranger writes"
ANSWERS = {True: "yes", False: "no", None: "not the same each time"}


def yes(found: Estimate) -> bool | None:
    """Of what was looked at several times: yes, no, or not the same each time."""
    known = intervals.bounds(found)
    return None if known is None else True if known == (1.0, 1.0) else False if known == (0.0, 0.0) else None


def figure(seen: Observations, what: str, where: str) -> Figure:
    unit = next((one.unit for one in seen.seen if one.what == what), "")
    return Figure(seen.name, where, what, unit, seen.of(what, where))


def open_because(*figures: Figure) -> str:
    """Why nobody can say: of the first that is neither yes nor no."""
    for one in figures:
        if yes(one.estimate) is None:
            return f"{one.what}, {one.where}: {one.estimate.note or ANSWERS[None]}"
    return ""


def only(experiment: str, what: str, who: str, others: Sequence[str]) -> Rule:
    """That it was seen of `who`, and of none of the others."""

    def put(evidence: Evidence) -> Trial:
        seen = evidence.observations(experiment)
        own = figure(seen, what, who)
        cases = [alone(own, figure(seen, what, other)) for other in others]
        return Trial(f"{what}: {NAMES[who]} {ANSWERS[yes(own.estimate)]}", tuple(cases))

    return Rule((experiment,), "", put)


def alone(own: Figure, other: Figure) -> Case:
    has, lacks = yes(own.estimate), yes(other.estimate)
    true = False if has is False or lacks is True else None if None in (has, lacks) else True
    why = "" if true is not None else open_because(own, other)
    return Case(true, ANSWERS[lacks], other.estimate, YES_OR_NO, why, NAMES[other.where], None, (own, other))


def needs_a_guard(experiment: str, who: Sequence[str]) -> Rule:
    """That a stranger gets in where nobody guards, and nowhere else."""

    def put(evidence: Evidence) -> Trial:
        seen = evidence.observations(experiment)
        return Trial("what a page of another site can do where nobody guards",
                     tuple(broken_into(seen, name) for name in who))  # fmt: skip

    return Rule((experiment,), "", put)


def broken_into(seen: Observations, who: str) -> Case:
    bare, guarded = ([figure(seen, what, f"{how} {who}") for what in (READS, WRITES)] for how in ("minimal", "guarded"))
    enters, stopped = any_of(bare), any_of(guarded)
    true = False if enters is False or stopped is True else None if None in (enters, stopped) else True
    past = f", and past the guard {deeds(guarded)}" if stopped is not False else ""
    said = f"{deeds(bare)}{past}"
    why = "" if true is not None else open_because(*bare, *guarded)
    return Case(true, said, Estimate(None), YES_OR_NO, why, NAMES[who], None, (*bare, *guarded))


def any_of(figures: Sequence[Figure]) -> bool | None:
    answers = [yes(one.estimate) for one in figures]
    return True if True in answers else None if None in answers else False


def deeds(figures: Sequence[Figure]) -> str:
    return " and ".join(one.what.split()[-1] for one in figures if yes(one.estimate)) or "nothing"


def harder(experiment: str, who: Sequence[str], times: float) -> Rule:
    """That a fault is found by fewer means than with short polling, or only after looking at so many times as much."""

    def put(evidence: Evidence) -> Trial:
        seen = evidence.observations(experiment)
        tools = list(dict.fromkeys(one.where.split(": ")[0] for one in seen.seen if one.what == FOUND))
        if not tools:
            raise Missing(f"{experiment} has no tool by which anything was searched for")
        cases = [searched(seen, tool, name, times) for name in who for tool in tools]
        return Trial("the same fault, against short polling", tuple(cases))

    return Rule((experiment,), "", put)


def searched(seen: Observations, tool: str, who: str, times: float) -> Case:
    """With one tool. Where neither finds the fault, it is no harder."""
    there, here = (figure(seen, FOUND, f"{tool}: {name}") for name in (SHORT, who))
    before, after = (figure(seen, LOOKED_AT, f"{tool}: {name}") for name in (SHORT, who))
    found, used = (yes(there.estimate), yes(here.estimate)), (there, here, before, after)
    true, why, said = None, open_because(there, here), "not the same each time"
    if found == (True, True):
        ratio = intervals.divided(after.estimate, before.estimate)
        true = intervals.above(ratio, times)
        why = "" if true is not None else open_case(ratio, f"{times:g} times as much")
        said = f"{told(after.estimate, 'items')} looked at, {told(before.estimate, 'items')} with short polling"
    elif None not in found:
        true = found == (True, False)
        said = f"{'found' if found[1] else 'not found'}, {'found' if found[0] else 'not found'} with short polling"
    return Case(true, said, Estimate(None), YES_OR_NO, why, f"{NAMES[who]}{WITH}{tool}", None, used)


def headers(seen: Observations, where: str) -> tuple[Estimate, tuple[Figure, ...]]:
    """The header bytes of a transfer, both ways."""
    up, down = figure(seen, UP, where), figure(seen, DOWN, where)
    return intervals.plus(up.estimate, down.estimate), (up, down)


def weighs(experiment: str, clients: Sequence[str], who: Sequence[str], least: float, most: float) -> Rule:
    """That the headers of a transfer are of a size."""

    def put(evidence: Evidence) -> Trial:
        seen = evidence.observations(experiment)
        return Trial("HTTP header bytes of a transfer, both ways", tuple(cases(seen)))

    def cases(seen: Observations) -> Iterator[Case]:
        for client in clients:
            for name in who:
                found, used = headers(seen, f"{client}: {name}")
                true = intervals.within(found, least, most)
                why = "" if true is not None else open_case(found, f"from {least:g} to {most:g} B")
                yield Case(true, told(found, "B"), found, "B", why, f"a {client} client{WITH}{NAMES[name]}", None, used)

    return Rule((experiment,), "", put)


def outweighs(experiment: str, client: str, who: str, other: str, times: float, about: str) -> Rule:
    """That the headers of a transfer both ways are so many times those of the other's on its way down."""

    def put(evidence: Evidence) -> Trial:
        seen = evidence.observations(experiment)
        (more, used), few = headers(seen, f"{client}: {who}"), figure(seen, DOWN, f"{client}: {other}")
        found = intervals.divided(more, few.estimate)
        true = intervals.above(found, times)
        said = f"{told(found, 'times')}: {told(more, 'B')} against {told(few.estimate, 'B')}"
        why = "" if true is not None else open_case(found, f"above {times:g} times")
        title = f"header bytes of a transfer, {NAMES[who]} to {NAMES[other]}"
        return Trial(title, (Case(true, said, found, "times", why, "", None, (*used, few)),), about=about)

    return Rule((experiment,), about, put)


def framed(experiment: str, ways: Sequence[str], who: str, words: str) -> Teller:
    """`words` with {} in place of the header bytes of a transfer each way."""

    def tell(evidence: Evidence) -> str:
        seen = evidence.observations(experiment)
        found = [headers(seen, f"{way}: {who}")[0] for way in ways]
        return words.format(*(told(one, "B") for one in found)) if all(map(intervals.bounds, found)) else ""

    return tell


def shrinks(experiment: str, after: str, before: str, who: Sequence[str], alike: float) -> Rule:
    """That the headers of a transfer are fewer one way than the other."""

    def put(evidence: Evidence) -> Trial:
        seen = evidence.observations(experiment)
        return Trial(f"HTTP header bytes of a transfer, {after} against {before}", tuple(cases(seen)))

    def cases(seen: Observations) -> Iterator[Case]:
        for name in who:
            (new, used), (old, also) = headers(seen, f"{after}: {name}"), headers(seen, f"{before}: {name}")
            found = intervals.divided(new, old)
            true = intervals.less(found, alike)
            said = f"{told(found, 'times')}: {told(new, 'B')} against {told(old, 'B')}"
            why = "" if true is not None else open_case(found, "less")
            yield Case(true, said, found, "times", why, NAMES[name], None, (*used, *also))

    return Rule((experiment,), "", put)
