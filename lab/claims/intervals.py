"""Arithmetic on values with intervals, and what can be said of them for sure.

The result's interval reaches from the least to the most that the intervals allow. It is wider than need be, so what
is sure by it is sure.
"""

import math

from lab.stats import NEVER, Estimate
from lab.wording import interval, text

ALIKE = 0.05  # who is better by less than a twentieth is not better: our choice, which claims ask about (MARGINS)


def bounds(a: Estimate) -> tuple[float, float] | None:
    """(low, high). None where there is no interval."""
    if a.note == NEVER:
        return math.inf, math.inf
    return None if a.low is None or a.high is None else (a.low, a.high)


def made(low: float, value: float | None, high: float) -> Estimate:
    return Estimate(value, low, high)


def lacking(*parts: Estimate) -> Estimate | None:
    """Why nothing can be computed of these, if so."""
    lacks = next((part for part in parts if bounds(part) is None), None)
    return lacks and Estimate(None, note=lacks.note or "it has no interval")


def divided(a: Estimate, b: Estimate) -> Estimate:
    """a / b of what is never negative; without end where b may be nothing."""
    if lacks := lacking(a, b):
        return lacks
    (a_low, a_high), (b_low, b_high) = ends(a), ends(b)
    if math.inf in (a_low, b_low):
        both = a_low == b_low
        return Estimate(None, note="neither ever arrived") if both else same(0.0 if b_low == math.inf else math.inf)
    if not a_high and not b_high:
        return Estimate(None, note="both are zero")
    return made(quotient(a_low, b_high), quotient(a.value or 0.0, b.value or 0.0), quotient(a_high, b_low))


def quotient(a: float, b: float) -> float:
    return a / b if b > 0 else math.inf if a > 0 else 0.0


def multiplied(a: Estimate, b: Estimate) -> Estimate:
    """a x b of what is never negative."""
    if lacks := lacking(a, b):
        return lacks
    (a_low, a_high), (b_low, b_high) = ends(a), ends(b)
    return made(a_low * b_low, product(a, b), a_high * b_high)


def product(a: Estimate, b: Estimate) -> float | None:
    return None if a.value is None or b.value is None else a.value * b.value


def minus(a: Estimate, b: Estimate) -> Estimate:
    if lacks := lacking(a, b):
        return lacks
    (a_low, a_high), (b_low, b_high) = ends(a), ends(b)
    if math.inf in (a_low, b_low):
        return same(math.inf)
    return made(a_low - b_high, (a.value or 0.0) - (b.value or 0.0), a_high - b_low)


def plus(a: Estimate, b: Estimate) -> Estimate:
    if lacks := lacking(a, b):
        return lacks
    (a_low, a_high), (b_low, b_high) = ends(a), ends(b)
    return made(a_low + b_low, (a.value or 0.0) + (b.value or 0.0), a_high + b_high)


def times(a: Estimate, factor: float) -> Estimate:
    """a times a number that is known."""
    return a if a.value is None else Estimate(a.value * factor, *scaled(a, factor), note=a.note)


def scaled(a: Estimate, factor: float) -> tuple[float | None, float | None]:
    return (None, None) if a.low is None or a.high is None else (a.low * factor, a.high * factor)


def ends(a: Estimate) -> tuple[float, float]:
    found = bounds(a)
    assert found is not None
    return found


def same(value: float) -> Estimate:
    """What is known exactly."""
    return Estimate(value, value, value)


def below(a: Estimate, limit: float) -> bool | None:
    """Surely below, surely not, or nobody can say."""
    known = bounds(a)
    if known is None:
        return None
    return True if known[1] < limit else False if known[0] >= limit else None


def above(a: Estimate, limit: float) -> bool | None:
    known = bounds(a)
    if known is None:
        return None
    return True if known[0] > limit else False if known[1] <= limit else None


def less(ratio: Estimate, alike: float = ALIKE) -> bool | None:
    """Surely less; or surely not, where a saving of a twentieth can be ruled out."""
    known = bounds(ratio)
    if known is None:
        return None
    return True if known[1] < 1 else False if known[0] > 1 - alike else None


def within(a: Estimate, least: float, most: float) -> bool | None:
    """Surely from `least` to `most`, surely outside, or nobody can say."""
    known = bounds(a)
    if known is None:
        return None
    return True if least <= known[0] and known[1] <= most else False if known[1] < least or known[0] > most else None


def overlap(a: Estimate, b: Estimate) -> bool | None:
    """Whether two measurements of the same thing agree within both intervals; None where one has none."""
    one, other = bounds(a), bounds(b)
    return None if one is None or other is None else one[0] <= other[1] and other[0] <= one[1]


def told(a: Estimate, unit: str) -> str:
    """`485 ms (475 to 494)`; the interval is left out where its ends read like the value."""
    if a.note == NEVER:
        return "never for some"
    if a.value is None:
        return a.note or "not known"
    if math.inf in (a.value, a.low):
        return "without end"
    if a.high == math.inf:
        return f"at least {text(same(a.low or 0.0), unit)}"
    value, ends_ = text(a, unit), [same(end) for end in (a.low, a.high) if end is not None]
    if a.low == 0 < a.value:
        return f"at most {text(ends_[1], unit)}"
    spread = interval(a, "share" if unit == "share" else "").removesuffix(" %")
    return value if not spread or {text(end, unit) for end in ends_} == {value} else f"{value} ({spread})"
