"""What a claim's sentence says of its cases: few numbers, each with its place, and what would turn the verdict."""

import re

import pytest

from lab.claims import entries, sensitivity, sentences
from lab.claims.cases import Case, Trial
from lab.claims.evidence import REFERENCE, recorded
from lab.claims.intervals import told
from lab.claims.judging import Elsewhere, judge
from lab.stats import Estimate

SLOT = re.compile(r"\{\d:(\w+)\}")
WEIGHT = {"range": 2, "least": 1, "most": 1, "min": 1, "max": 1}  # how many numbers each asks for
LONG = 400  # characters: five lines of a terminal of a hundred columns


def case(value, group="", level=None, true=True):
    return Case(true, f"{value} B", Estimate(value, value, value), "B", group=group, level=level)


def trial(*cases, to="for"):
    return Trial("made up", cases, "a rate of {}/s", "", to)


@pytest.mark.parametrize("claim", entries.CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_asks_for_few_numbers(claim):
    slots = SLOT.findall(claim.says)
    assert 1 <= len(slots) <= sentences.NUMBERS
    assert sum(WEIGHT.get(slot, 0) for slot in slots) <= sentences.NUMBERS


@pytest.mark.parametrize("claim", entries.CLAIMS, ids=lambda claim: claim.id)
def test_what_the_recorded_runs_say_of_a_claim_is_soon_read(claim):
    found = judge(claim, recorded(REFERENCE))
    assert len(found.brief) <= LONG, found.brief


def test_a_number_is_told_with_its_place():
    seen = trial(case(3.0, "SSE", 1.0), case(5.0, "SSE", 2.0), case(2.0, "WebSocket", 1.0))
    assert sentences.numbers("{0:least} or {0:max}", [seen]) == "2.00 B for WebSocket at a rate of 1/s or 5.00 B"
    assert sentences.numbers("{0:range}", [trial(case(3.0, level=1.0))]) == "3.00 B at a rate of 1/s"
    assert sentences.numbers("{0:range}", [trial(case(3.0, "a"), case(3.0, "b"))]) == "3.00 B in all 2 cases"
    assert sentences.numbers("{0:most}", [trial(case(3.0, "SSE", 1.0), to="against")]) == \
        "3.00 B what SSE does at a rate of 1/s"  # fmt: skip
    assert sentences.numbers("{0:most}", [trial(case(3.0, "a", "on"))]) == "3.00 B for a, a rate of on/s"


def test_a_case_that_is_open_gives_no_number_where_another_decides():
    seen = trial(case(3.0, "a"), case(9.0, "b", true=None))
    assert sentences.numbers("{0:max}", [seen]) == "3.00 B"
    assert sentences.numbers("{0:max}", [trial(case(9.0, "b", true=None))]) == "9.00 B"
    assert sentences.numbers("in all, {0:max}", [trial()]) == f"In all, {sentences.UNKNOWN}"


def test_cases_are_counted():
    seen = trial(case(1.0), case(1.0), case(1.0, true=False), case(1.0, true=None))
    assert sentences.numbers("{0:count}", [seen]) == "2 of 4 cases, in 1 not, in 1 nobody can say"
    assert sentences.numbers("{0:count}", [trial(case(1.0))]) == "1 of 1 case"


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (Estimate(6.351, 6.349, 6.353), "6.35 times"), (Estimate(6.35, 6.31, 6.4), "6.35 times (6.31 to 6.40)"),
        (Estimate(1.47, 0.0, 1.53), "at most 1.53 times"), (Estimate(2.0, 1.0, float("inf")), "at least 1.00 times"),
        (Estimate(0.0, 0.0, 0.0), "0 times"),
    ],
)  # fmt: skip
def test_an_interval_is_told_where_it_says_more_than_the_value(estimate, said):
    assert told(estimate, "times") == said


def test_what_would_turn_the_verdict_is_said_first():
    others = [Elsewhere("at 50 ms", "holds when", "for a"), Elsewhere("at 60 ms", "holds when", "for b"),
              Elsewhere("at 1 ms", "undecided", ""), Elsewhere("at 2 ms", "undecided", "")]  # fmt: skip
    assert sensitivity.flips("holds when", others) == ["At 1 ms and at 2 ms it would be undecided."]
    assert sensitivity.same("holds when", "for a", others) == [
        "At 50 ms the verdict is the same.", "At 60 ms it would hold for b."]  # fmt: skip
    assert not sensitivity.flips("holds", [Elsewhere("at 50 ms", "holds", "")])
