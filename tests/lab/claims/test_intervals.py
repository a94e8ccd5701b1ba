"""What can be said of numbers with intervals, and of what is computed of them."""

import math

import pytest

from lab.claims import intervals
from lab.stats import NEVER, Estimate

HERE, THERE, ZERO = Estimate(10.0, 9.0, 11.0), Estimate(5.0, 4.0, 6.0), Estimate(0.0, 0.0, 0.0)
BARE, LATE = Estimate(10.0, note="one run: no interval"), Estimate(None, note=NEVER)


def ends(found):
    return found.low, found.value, found.high


def test_a_result_reaches_as_far_as_the_intervals_allow():
    assert ends(intervals.divided(HERE, THERE)) == (9 / 6, 2.0, 11 / 4)
    assert ends(intervals.minus(HERE, THERE)) == (3.0, 5.0, 7.0)
    assert ends(intervals.plus(HERE, THERE)) == (13.0, 15.0, 17.0)
    assert ends(intervals.multiplied(HERE, THERE)) == (36.0, 50.0, 66.0)
    assert ends(intervals.times(HERE, 2)) == (18.0, 20.0, 22.0)


@pytest.mark.parametrize("operation", [intervals.divided, intervals.minus, intervals.plus, intervals.multiplied])
def test_what_has_no_interval_gives_none_and_says_why(operation):
    for pair in ((BARE, HERE), (HERE, BARE)):
        assert operation(*pair) == Estimate(None, note="one run: no interval")


def test_nothing_by_something_is_nothing_and_something_by_nothing_has_no_end():
    assert ends(intervals.divided(ZERO, HERE)) == (0.0, 0.0, 0.0)
    assert ends(intervals.divided(HERE, ZERO)) == (math.inf,) * 3
    assert intervals.divided(ZERO, ZERO).value is None


def test_what_never_arrives_is_later_than_all():
    assert intervals.below(LATE, 1e9) is False and intervals.above(LATE, 1e9) is True
    assert intervals.less(intervals.divided(LATE, HERE)) is False
    assert intervals.less(intervals.divided(HERE, LATE)) is True
    assert intervals.divided(LATE, LATE).value is None
    assert intervals.told(LATE, "ms") == "never for some"


@pytest.mark.parametrize(
    ("limit", "below", "above"), [(12.0, True, False), (11.0, None, False), (10.0, None, None), (8.0, False, True)]
)
def test_an_interval_that_holds_the_limit_leaves_it_open(limit, below, above):
    assert intervals.below(HERE, limit) is below
    assert intervals.above(HERE, limit) is above


@pytest.mark.parametrize(
    ("low", "high", "less"), [(0.5, 0.99, True), (0.96, 1.04, False), (0.9, 1.01, None), (1.01, 1.5, False)]
)
def test_a_twentieth_that_can_be_ruled_out_is_no_difference(low, high, less):
    assert intervals.less(Estimate((low + high) / 2, low, high)) == less


def test_a_size_is_within_outside_or_open():
    found = [intervals.within(Estimate(1.0, low, high), 500, 800) for low, high in
             ((500, 800), (100, 499), (801, 900), (450, 550))]  # fmt: skip
    assert found == [True, False, False, None]


def test_two_measurements_agree_where_their_intervals_meet():
    assert intervals.overlap(HERE, Estimate(12.0, 11.0, 13.0)) is True
    assert intervals.overlap(HERE, Estimate(12.0, 11.5, 13.0)) is False
    assert intervals.overlap(HERE, BARE) is None


@pytest.mark.parametrize(
    ("found", "unit", "said"),
    [(HERE, "ms", "10.0 ms (9.00 to 11.0)"), (Estimate(0.5, 0.4, 0.6), "share", "50 % (40 to 60)"), (ZERO, "", "0"),
     (Estimate(None, note="not observed"), "B", "not observed"), (intervals.same(math.inf), "", "without end"),
     (Estimate(9.0, 9.0, math.inf), "clients", "at least 9.00 clients")],
)  # fmt: skip
def test_a_number_is_told_with_its_interval_and_its_unit_once(found, unit, said):
    assert intervals.told(found, unit) == said
