"""A case: one situation in which a claim is put to the test, and what was seen. A trial: all cases of one rule."""

import re
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from lab.claims import intervals
from lab.claims.evidence import Evidence, Row
from lab.claims.figures import Figure, Measure, difference, ratio
from lab.plan import shown
from lab.stats import Estimate

YES_OR_NO = "yes or no"


class Case(msgspec.Struct, frozen=True):
    """True where the claim is borne out, false where it is not, None where nobody can say, and `why` not.

    `group` is what its neighbours along the levels share. `said` has the numbers.
    """

    true: bool | None
    said: str
    estimate: Estimate = Estimate(None)  # what was put to the test
    unit: str = ""
    why: str = ""
    group: str = ""
    level: float | str | None = None
    figures: tuple[Figure, ...] = ()


class Trial(msgspec.Struct, frozen=True):
    """`title` is what was tested, `axis` what the levels are, with {} in place of them, `about` which part of the claim
    this is, where it has several, and `to` the preposition before a group."""

    title: str
    cases: tuple[Case, ...]
    axis: str = "{}"
    about: str = ""
    to: str = "for"

    def place(self, case: Case, between: str = ", ") -> str:
        """Where a case was: `short polling every second, a round trip of 50 ms`."""
        level = "" if case.level is None else counted(self.axis, shown(case.level))
        return between.join(part for part in (case.group, level) if part)


def counted(axis: str, level: str) -> str:
    """`1 client`, `50 clients`, `1 s between polls`."""
    one = level == "1" and re.fullmatch(r"\{\} \w+s", axis) is not None
    return (axis.removesuffix("s") if one else axis).format(level)


class Rule(NamedTuple):
    """How a claim is put to the test. `put` raises Missing where there is no evidence at all."""

    experiments: tuple[str, ...]
    about: str
    put: Callable[[Evidence], Trial]


class Comparison(NamedTuple):
    """What is made of two rows; without a unit of its own it has the measure's. `word` stands between the two."""

    of: Callable[[Measure, Row, Row], Estimate]
    word: str
    unit: str = ""


RATIO, DIFFERENCE = Comparison(ratio, "to", "times"), Comparison(difference, "minus")


class Test(NamedTuple):
    """A question to a number, of a row or of two compared."""

    measure: Measure
    decide: Callable[[Estimate], bool | None]
    question: str  # "below 100 ms": what is open where the interval says neither
    comparison: Comparison = RATIO  # of two rows, where there are two


def below(measure: Measure, limit: float) -> Test:
    return Test(measure, lambda found: intervals.below(found, limit), f"below {bound(limit, measure)}")


def above(measure: Measure, limit: float) -> Test:
    return Test(measure, lambda found: intervals.above(found, limit), f"above {bound(limit, measure)}")


def less(measure: Measure, alike: float = intervals.ALIKE) -> Test:
    """Of a ratio: is it less, or not?"""
    return Test(measure, lambda found: intervals.less(found, alike), "less")


def below_by(measure: Measure, limit: float) -> Test:
    """Of a difference."""
    return below(measure, limit)._replace(comparison=DIFFERENCE)


def at_least(measure: Measure, times: float) -> Test:
    """Of a ratio."""
    return Test(measure, lambda found: intervals.above(found, times), f"above {times:g} times")


def at_most(measure: Measure, times: float) -> Test:
    """Of a ratio."""
    return Test(measure, lambda found: intervals.below(found, times), f"below {times:g} times")


def bound(limit: float, measure: Measure) -> str:
    return f"{100 * limit:g} %" if measure.unit == "share" else f"{limit:,g} {measure.unit}".strip()


def open_case(found: Estimate, question: str) -> str:
    """Why nobody can say."""
    if intervals.bounds(found) is None:
        return found.note or "there is no interval"
    return f"its interval leaves open whether it is {question}"
