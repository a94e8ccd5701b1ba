"""Whether a verdict hangs on a limit that somebody chose: what it would be at others that would do as well."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lab.claims.conditions import borne_out, listed
from lab.claims.sentences import capital

if TYPE_CHECKING:
    from lab.claims.judging import Elsewhere

WOULD = {"holds": "hold", "fails": "fail", "undecided": "be undecided"}


def flips(verdict: str, elsewhere: Sequence["Elsewhere"]) -> list[str]:
    """`With a factor of 1.25 it would be undecided.` Nothing where the verdict is the same at all limits."""
    return told([one for one in elsewhere if one.verdict != verdict])


def same(verdict: str, condition: str, elsewhere: Sequence["Elsewhere"]) -> list[str]:
    """At which limits the verdict is the same, and where it is the same only by its word."""
    alike = [one for one in elsewhere if one.verdict == verdict]
    whole = [one.words for one in alike if one.condition == condition]
    stays = [f"{capital(listed(whole))} the verdict is the same."] if whole else []
    return stays + told([one for one in alike if one.condition != condition])


def told(elsewhere: Sequence["Elsewhere"]) -> list[str]:
    """What it would be, in a sentence for each answer."""
    by: dict[str, list[str]] = {}
    for one in elsewhere:
        by.setdefault(WOULD.get(one.verdict) or f"hold {borne_out(one.condition)}", []).append(one.words)
    return [f"{capital(listed(words))} it would {answer}." for answer, words in by.items()]
