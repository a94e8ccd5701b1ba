"""The cells of a report's tables."""

from collections.abc import Sequence

from lab import wording
from lab.observations import Observations
from lab.plan import TITLES


def value(found: Observations, what: str, where: str) -> tuple[str, str]:
    """The median of the repeats, and its interval."""
    estimate = found.of(what, where)
    return wording.text(estimate, ""), wording.interval(estimate)


def answer(found: Observations, what: str, where: str) -> str:
    """Yes, no, or how often of how many times."""
    seen = [value for one in found.seen if (one.what, one.where) == (what, where) for value in one.values]
    yes = sum(map(bool, seen))
    if not seen:
        return wording.DASH
    return "yes" if yes == len(seen) else "no" if not yes else f"{yes} of {len(seen)} times"


def count(found: Observations, what: str, where: str) -> str:
    """What was counted: the same in each repeat, or from which number to which."""
    seen = [value for one in found.seen if (one.what, one.where) == (what, where) for value in one.values]
    least, most = (f"{end(seen, default=0):,.0f}" for end in (min, max))
    return wording.DASH if not seen else least if least == most else f"{least} to {most}"


def listed(names: Sequence[str]) -> str:
    """`SSE`, `SSE and WebSocket`, `A, B and C`; `nothing`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names) or "nothing"


def spoken(transport: str) -> str:
    """Its title within a sentence."""
    title = TITLES[transport]
    return title if title in ("SSE", "WebSocket") else title.lower()
