"""Sentences with numbers that a claim calls for beside those of its rules."""

from collections.abc import Sequence

from lab.claims import intervals
from lab.claims.conditions import listed
from lab.claims.evidence import Evidence, Missing, Row
from lab.claims.figures import P50, P95, Measure, difference, ratio
from lab.claims.intervals import told
from lab.claims.judging import Teller
from lab.claims.rules import LONG, NAMES, SHORT, WEBSOCKET
from lab.plan import shown
from lab.stats import Estimate
from lab.wording import in_words


def value(experiment: str, who: str, measure: Measure, words: str) -> Teller:
    """`words` with {} in place of what was measured of each row."""

    def tell(evidence: Evidence) -> str:
        rows = evidence.rows(experiment, who)
        alone = len(rows) == 1
        return words.format("; ".join(told(measure.of(row), measure.unit) + ("" if alone else f" at {place(row)}")
                                      for row in rows))  # fmt: skip

    return tell


def place(row: Row) -> str:
    return in_words(row.cell) if row.level is None else shown(row.level)


def growth(experiment: str, who: Sequence[str], keys: Sequence[tuple[str, str]], words: str) -> Teller:
    """What becomes of quantities from the first level to the last: `words` with {} in place of each transport's."""

    def tell(evidence: Evidence) -> str:
        rows = [evidence.rows(experiment, name)[-1] for name in who]
        said = [f"{in_words(row.cell)} {listed([f'{grown(row, key)} the {name}' for key, name in keys])}"
                for row in rows if row.cell.growth]  # fmt: skip
        return words.format("; ".join(said)) if said else ""

    return tell


def grown(row: Row, key: str) -> str:
    return told(row.cell.growth.get(key, Estimate(None, note="not compared with")), "times")


def no_faster_than_the_link(experiment: str, who: str) -> Teller:
    """Whether the median is anywhere below the one-way delay, half of the round trip."""

    def tell(evidence: Evidence) -> str:
        far = [(row, P50.of(row), row.level / 2) for row in evidence.rows(experiment, who)
               if isinstance(row.level, float) and row.level > 0]  # fmt: skip
        known = [(row, p50, way) for row, p50, way in far if intervals.bounds(p50)]
        if not known:
            return ""
        if early := [row for row, p50, way in known if intervals.above(p50, way) is not True]:
            places = listed([shown(row.level or 0.0) for row in early])
            return f"At {places} ms the median is not surely above the link's one-way delay, which it cannot be below."
        _, p50, way = known[-1]
        return (f"No message is there before the link lets it through: of a one-way delay of {way:g} ms, which a "
                f"message takes twice, half of them make {told(p50, 'ms')}.")  # fmt: skip

    return tell


def tail_afar(experiment: str, who: str, beside: str) -> Teller:
    """Whose slow deliveries are slower than another's over the longest link, and why."""

    def tell(evidence: Evidence) -> str:
        row, other = evidence.rows(experiment, who)[-1], evidence.rows(experiment, beside)[-1]
        late = P95.of(row)
        if intervals.above(intervals.minus(late, P95.of(other)), 0.0) is not True or row.level != other.level:
            return ""
        return (f"By {NAMES[who]} 95 in 100 take {told(late, 'ms')} at a round trip of {shown(row.level or 0.0)} ms, "
                "though nobody has to ask: a client posts on one connection, where a POST waits until the one before "
                "is answered.")  # fmt: skip

    return tell


def further_client(experiment: str, who: Sequence[str], measure: Measure, unit: str, factor: float) -> Teller:
    """The slope of what the server takes, between the first level and the last that may be relied on."""

    def tell(evidence: Evidence) -> str:
        said = []
        for name in who:
            rows = [row for row in evidence.rows(experiment, name) if row.clients and intervals.bounds(measure.of(row))]
            if len(rows) > 1 and (slope := between(rows[0], rows[-1], measure)):
                span = f"between {rows[0].clients:,} and {rows[-1].clients:,}"
                said.append(f"{NAMES[name]} {told(intervals.times(slope, factor), unit)} {span}")
        return f"Each further client takes of {measure.title}: {'; '.join(said)}." if said else ""

    return tell


def between(row: Row, other: Row, measure: Measure) -> Estimate | None:
    """How much more for each client more."""
    more = (other.clients or 0) - (row.clients or 0)
    return intervals.times(intervals.minus(measure.of(other), measure.of(row)), 1 / more) if more > 0 else None


def extrapolated(experiment: str, clients: int, measure: Measure, theirs: tuple[float, float]) -> Teller:
    """What so many clients would need, by a straight line: each as much as one of those at the largest level.

    `measure` is kB for each client and hour; Mbps are of 2^20 bits, as theirs.
    """

    def tell(evidence: Evidence) -> str:
        said = []
        for name, other in zip((SHORT, WEBSOCKET), theirs, strict=True):
            rows = [row for row in evidence.rows(experiment, name) if intervals.bounds(measure.of(row))]
            if not rows:
                raise Missing(f"{experiment} has no valid row of {NAMES[name]}")
            mbps = intervals.times(measure.of(rows[-1]), 1_000 / 3_600 * 8 / 2**20 * clients)
            said.append(f"{NAMES[name]} {told(mbps, 'Mbps')}, theirs {other:g}{straight(rows, measure)}")
        return f"By a straight line {clients:,} clients would take, with all headers: {'; '.join(said)}."

    return tell


def straight(rows: Sequence[Row], measure: Measure) -> str:
    """Whether the line is one, as far as two levels tell."""
    if len(rows) < 2:
        return ""
    each, first, last = ratio(measure, rows[-1], rows[0]), rows[0].level or 0.0, rows[-1].level or 0.0
    return f" (of {shown(last)} clients each takes {told(each, 'times')} what each of {shown(first)} takes)"


def knee(experiment: str, limit: float) -> Teller:
    """Between which levels long polling becomes later than WebSocket by more than so many ms."""

    def tell(evidence: Evidence) -> str:
        push = {row.level: row for row in evidence.rows(experiment, WEBSOCKET)}
        later = [(row.level or 0.0, difference(P50, row, push[row.level])) for row in evidence.rows(experiment, LONG)
                 if row.level in push]  # fmt: skip
        worse = next((n for n, (_, found) in enumerate(later) if intervals.above(found, limit)), None)
        if worse is None:
            return f"Nowhere up to {shown(later[-1][0])} ms is it surely later by more." if later else ""
        level, found = later[worse]
        place = f"between {shown(later[worse - 1][0])} and {shown(level)}" if worse else f"below {shown(level)}"
        return f"The knee lies {place} ms, where it is later by {told(found, 'ms')}."

    return tell


def observed(experiment: str, what: str, who: Sequence[str], unit: str, words: str) -> Teller:
    """`words` with {} in place of what was observed of each."""

    def tell(evidence: Evidence) -> str:
        seen = evidence.observations(experiment)
        found = [(name, seen.of(what, name)) for name in who]
        said = [f"{NAMES[name]} {told(one, unit)}" for name, one in found if one.value is not None]
        return words.format("; ".join(said)) if said else ""

    return tell
