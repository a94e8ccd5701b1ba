"""Rules over the rows of an experiment: each is put to the test at every level, alone or against others."""

from collections.abc import Callable, Iterator, Sequence

from msgspec import structs

from lab.claims.cases import Case, Rule, Test, Trial, open_case
from lab.claims.conditions import AGAINST
from lab.claims.evidence import Evidence, Missing, Row, Unrecorded
from lab.claims.figures import Figure, figures
from lab.claims.intervals import told
from lab.plan import TITLES
from lab.stats import Estimate
from lab.wording import in_words

Along = Callable[[Row], float | str | None]
Chosen = Callable[[Row], bool]

SHORT, LONG, SSE, WEBSOCKET = TITLES
POLLING, PUSH, HELD = (SHORT, LONG), (LONG, SSE, WEBSOCKET), (LONG, SSE, WEBSOCKET)
OTHERS = (SHORT, LONG, SSE)  # than WebSocket
RATE = "a rate of {}/s"  # of messages, in each room
NAMES = {SHORT: "short polling", LONG: "long polling", SSE: "SSE", WEBSOCKET: "WebSocket"}


def level(row: Row) -> float | str | None:
    """Along what the experiment varies."""
    return row.level


def interval(row: Row) -> float | str | None:
    """Along the seconds between polls."""
    return row.interval


def every_row(row: Row) -> bool:
    return True


def beyond_loopback(row: Row) -> bool:
    """Where a link lies between."""
    return isinstance(row.level, float) and row.level > 0


def at_every_level(
    experiment: str, who: Sequence[str], test: Test, axis: str = "{}", about: str = "", along: Along = level,
    where: Chosen = every_row,
) -> Rule:  # fmt: skip
    """Each row by itself."""

    def put(evidence: Evidence) -> Trial:
        cases: list[Case] = []
        for transport in who:
            cases += attempted(NAMES[transport], tested(evidence, experiment, transport, test, along, where))
        if len(who) > 1:
            return Trial(test.measure.title, tuple(cases), axis, about)
        return Trial(f"{test.measure.title} by {NAMES[who[0]]}", nameless(cases), axis, about)

    return Rule((experiment,), about, put)


def tested(
    evidence: Evidence, experiment: str, transport: str, test: Test, along: Along, where: Chosen
) -> Iterator[Case]:
    for row in evidence.rows(experiment, transport):
        if where(row):
            found = test.measure.of(row)
            named = NAMES[transport] if along is interval else in_words(row.cell)
            yield case(found, test, test.measure.unit, told(found, test.measure.unit), named, along(row),
                       *figures(row, test.measure))  # fmt: skip


def against_each(
    experiment: str, who: Sequence[str], others: Sequence[str], test: Test, axis: str = "{}", about: str = "",
    where: Chosen = every_row,
) -> Rule:  # fmt: skip
    """Each row against those of others at the same level: what is tested is the ratio, or the difference."""

    def put(evidence: Evidence) -> Trial:
        cases: list[Case] = []
        for transport in who:
            for other in others:
                name = f"{NAMES[transport]}{AGAINST}{NAMES[other]}"
                cases += attempted(name, opposed(evidence, experiment, (transport, other), test, where))
        if len(who) > 1:
            return Trial(f"{test.measure.title}, compared", tuple(cases), axis, about)
        to = NAMES[others[0]] if len(others) == 1 else "the others"
        compared = f"{NAMES[who[0]]} {test.comparison.word} {to}"
        return Trial(f"{test.measure.title}, {compared}", unopposed(cases), axis, about, "against")

    return Rule((experiment,), about, put)


def nameless(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases of one line, which need not be told apart by its name."""
    alone = len({case.group for case in cases}) == 1
    return tuple(structs.replace(case, group="") for case in cases) if alone else tuple(cases)


def unopposed(cases: Sequence[Case]) -> tuple[Case, ...]:
    """The cases of one who is compared with others: named by these alone."""
    return nameless([structs.replace(case, group=case.group.partition(AGAINST)[2]) for case in cases])


def opposed(evidence: Evidence, experiment: str, pair: tuple[str, str], test: Test, where: Chosen) -> Iterator[Case]:
    own, others = (evidence.rows(experiment, transport) for transport in pair)
    for row, other in ((row, other) for row in own for other in others if row.level == other.level and where(row)):
        yield against(test, row, other, f"{in_words(row.cell)}{AGAINST}{in_words(other.cell)}", row.level)


def against(test: Test, row: Row, other: Row, group: str, at: float | str | None) -> Case:
    """One row against one other."""
    measure, own = test.measure, test.measure.unit
    found, unit = test.comparison.of(measure, row, other), test.comparison.unit or own
    said = f"{told(found, unit)}: {told(measure.of(row), own)} against {told(measure.of(other), own)}"
    return case(found, test, unit, said, group, at, *figures(row, measure), *figures(other, measure))


def case(found: Estimate, test: Test, unit: str, said: str, group: str, at: float | str | None, *used: Figure) -> Case:
    """A number put to its test."""
    true = test.decide(found)
    return Case(true, said, found, unit, "" if true is not None else open_case(found, test.question), group, at, used)


def attempted(group: str, cases: Iterator[Case]) -> list[Case]:
    """The cases; where there is no evidence of them, one that is open. Unrecorded where there is no run at all."""
    try:
        return list(cases)
    except Unrecorded:  # of which no transport knows more than another
        raise
    except Missing as error:
        return [Case(None, "", why=str(error), group=group)]


def between_levels(
    experiment: str, who: Sequence[str], levels: tuple[str, str], test: Test, group: str, about: str = ""
) -> Rule:
    """The same transport at one level against itself at another. `group` has {} in place of its name."""

    def compared(evidence: Evidence, transport: str) -> Iterator[Case]:
        rows = evidence.rows(experiment, transport)
        for row in (row for row in rows if row.level == levels[0]):
            others = [other for other in rows if other.level == levels[1] and other.interval == row.interval]
            if not others:
                raise Missing(f"{experiment} has no level {levels[1]!r}")
            yield against(test, row, others[0], group.format(in_words(row.cell)), None)

    def put(evidence: Evidence) -> Trial:
        cases: list[Case] = []
        for transport in who:
            cases += attempted(NAMES[transport], compared(evidence, transport))
        return Trial(f"{test.measure.title}, compared", tuple(cases), "{}", about)

    return Rule((experiment,), about, put)


def together(rules: Sequence[Rule], title: str, about: str, to: str = "for") -> Rule:
    """Several rules' cases as one trial."""

    def put(evidence: Evidence) -> Trial:
        cases: list[Case] = []
        for rule in rules:
            try:
                cases += rule.put(evidence).cases
            except Missing as error:
                cases.append(Case(None, "", why=str(error)))
        return Trial(title, tuple(cases), "{}", about, to)

    return Rule(tuple(dict.fromkeys(name for rule in rules for name in rule.experiments)), about, put)
