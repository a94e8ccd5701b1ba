"""When a claim holds, in words that are computed from its cases."""

import pytest

from lab.claims.cases import Case, Trial
from lab.claims.conditions import borne_out, condition, names, reach
from lab.claims.judging import verdict_of

T, F, N = True, False, None
LEVELS = (1.0, 10.0, 100.0, 1_000.0)


def line(*answers, group="", levels=LEVELS):
    return tuple(Case(answer, "", group=group, level=level) for answer, level in zip(answers, levels, strict=False))


def trial(*cases, about="", axis="{} connected", to="for"):
    return Trial("made up", cases, axis, about, to)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((T, T, F, F), "at most 10"), ((F, F, T, T), "at least 100"), ((F, T, T, F), "10 to 100"),
        ((F, T, F, F), "10"), ((T, F, F, T), "1 and 1,000"), ((T, T, N, N), "at most 10"),
        ((N, T, T, T), "at least 10"), ((T, N, T, T), "1, 100 and 1,000"), ((T, T, T, T), "all"), ((F, N, F, F), ""),
    ],
)  # fmt: skip
def test_the_levels_are_told_as_a_range_where_they_are_one(answers, said):
    assert reach(line(*answers)) == said


def test_levels_that_are_words_are_listed():
    assert reach(line(F, T, levels=("on", "off"))) == "off"


@pytest.mark.parametrize(
    ("trials", "said"),
    [
        ([trial(*line(T, F, F, F))], "for at most 1 connected"),
        ([trial(*line(T, T, group="a"), *line(T, F, group="b"))], "for a; for b, at most 1 connected"),
        ([trial(*line(T, group="a"), *line(T, group="b"), *line(F, group="c"))], "for all but c"),
        ([trial(*line(T, group="a"), *line(F, group="b"), *line(F, group="c"))], "for a"),
        ([trial(*line(T, T, group="a"), *line(F, F, group="b"), to="against")], "against a"),
        ([trial(*line(T, F, group="a"), *line(T, F, group="b"))], "for a and b, at most 1 connected"),
        ([trial(*line(T, T), about="in bytes"), trial(*line(F, F), about="in the wait")],
         "in bytes throughout; in the wait nowhere"),
        ([trial(*line(T, T), about="in bytes"), trial(*line(F, N), about="in the wait")],
         "in bytes throughout; in the wait nowhere for sure"),
    ],
)  # fmt: skip
def test_a_condition_names_who_and_up_to_where(trials, said):
    assert condition(trials) == said


def test_who_is_the_same_is_named_once():
    assert names(["SSE against a", "SSE against b", "WebSocket against a", "c"]) == \
        "SSE against a and b, WebSocket against a, and c"  # fmt: skip
    assert names(["SSE with tshark", "SSE with metrics"]) == "SSE with tshark and metrics"
    assert names(["polling every second", "polling every 3 s", "a"]) == "polling every second, every 3 s and a"


def test_where_it_holds_can_be_told_without_where_it_does_not():
    assert borne_out("in bytes throughout; in the wait nowhere; in CPU for a") == "in bytes; in CPU for a"
    assert borne_out("in bytes nowhere for sure") == "in bytes nowhere for sure"


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([(T, T)], "holds"), ([(T, F)], "holds when"), ([(F, F)], "fails"), ([(N, N)], "undecided"),
        ([()], "undecided"), ([(T, N)], "holds when"), ([(F, N)], "fails"), ([(F, N, N)], "undecided"),
        ([(T, T), (F, F)], "holds when"), ([(T, T), (N, N)], "undecided"), ([(T, F), ()], "undecided"),
    ],
)  # fmt: skip
def test_the_cases_decide_the_verdict(answers, verdict):
    assert verdict_of([trial(*line(*one)) for one in answers], []) == verdict


def test_an_experiment_that_tells_nothing_leaves_all_open():
    assert verdict_of([trial(*line(T, T))], ["rtt"]) == "undecided"
