"""The limits that claims are put to, and others that would do as well."""

from collections.abc import Callable, Mapping

from lab.claims.cases import Rule
from lab.claims.intervals import ALIKE
from lab.claims.judging import Otherwise

Rules = Callable[[float], tuple[Rule, ...]]  # a claim's rules by the limit

LESS = (
    f"Less is the claim's own word, and surely: the whole interval. It is not less where a saving of {100 * ALIKE:g} % "
    "can be ruled out, which is our choice."
)
YES_OR_NO = "It was seen or it was not, each time: there is no limit to choose."
MARGINS = {"with no margin": 0.0, "with a margin of a tenth": 0.1}


def with_others(rules: Rules, limits: Mapping[str, float]) -> tuple[Otherwise, ...]:
    """The same rules with other limits, each in words."""
    return tuple(Otherwise(words, rules(limit)) for words, limit in limits.items())


def with_margins(rules: Rules) -> tuple[Otherwise, ...]:
    """The same rules with other margins of what is not less."""
    return with_others(rules, MARGINS)
