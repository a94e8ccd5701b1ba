"""Statistics against oracles, and against the truth of seeded synthetic data."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from lab import stats
from lab.stats import Estimate, detectable, estimate, percentile, ratio


def mean(values):
    return float(np.mean(values))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_percentile_is_numpys_inverse_of_the_distribution(samples, q):
    assert percentile(np.array(samples), q) == np.quantile(samples, q, method="inverted_cdf")


def test_a_percentile_is_a_sample_and_never_made_up_between_two():
    assert percentile(np.array([1.0, 2.0, 3.0, 4.0]), 0.5) == 2.0
    assert percentile(np.arange(1, 101, dtype=float), 0.95) == 95.0
    assert percentile(np.arange(1, 101, dtype=float), 0.99) == 99.0


def test_what_was_never_delivered_is_later_than_all_that_was():
    samples = np.array([1.0] * 98 + [math.inf] * 2)
    assert percentile(samples, 0.95) == 1.0
    assert percentile(samples, 0.99) == math.inf


def test_the_t_interval_is_scipys():
    values = np.array([1.0, 1.3, 0.8, 1.1])
    expected = scipy.stats.t.interval(0.95, 3, loc=values.mean(), scale=scipy.stats.sem(values))
    half = stats.t_half_width(values)
    assert (values.mean() - half, values.mean() + half) == pytest.approx(expected)


def test_an_interval_by_hand_from_two_runs():
    # logarithms 0 and 2: mean 1, standard error 1, t(0.975, 1 degree) = 12.706
    found = ratio([1.0, math.e**2], [1.0, 1.0])
    assert found.value == pytest.approx(math.e)
    assert found.high == pytest.approx(math.exp(1 + 12.7062), rel=1e-4)


def as_often_as_they_say(held, trials):
    """Whether so many of 95 % intervals may hold the truth by chance, but for one time in ten thousand."""
    low, high = scipy.stats.binom.interval(0.9999, trials, stats.CONFIDENCE)
    return bool(low <= held <= high)


def held_by_ratios(rng, runs, trials):
    """How many of the intervals of a ratio hold it: lognormal runs, in blocks whose drift both cells share."""
    held, truth = 0, 1.5
    for _ in range(trials):
        drift = rng.lognormal(0, 0.5, runs)  # common to both cells of a block, so pairing must remove it
        cell, other = truth * drift * rng.lognormal(0, 0.1, runs), drift * rng.lognormal(0, 0.1, runs)
        found = ratio(list(cell), list(other))
        held += found.low <= truth <= found.high
    return held


def held_by_percentiles(rng, runs, trials, q):
    """How many of the intervals of a percentile hold it: lognormal latencies in runs that differ from each other."""
    held, truth = 0, math.exp(scipy.stats.norm.ppf(q) * math.hypot(0.1, 0.5))
    for _ in range(trials):
        made = [np.exp(rng.normal(0, 0.1) + rng.normal(0, 0.5, 100)) for _ in range(runs)]
        found = estimate(made, lambda chosen: percentile(np.concatenate(chosen), q))
        held += found.low <= truth <= found.high
    return held


@pytest.mark.parametrize("runs", [3, 5, 9])
def test_ninety_five_in_a_hundred_t_intervals_hold_the_truth(runs):
    rng, trials = np.random.default_rng(1), 1_000
    assert as_often_as_they_say(held_by_ratios(rng, runs, trials), trials)
    assert as_often_as_they_say(held_by_percentiles(rng, runs, trials, 0.5), trials)
    assert as_often_as_they_say(held_by_percentiles(rng, runs, trials, 0.95), trials)


def test_ninety_five_in_a_hundred_bootstrap_intervals_hold_the_truth(monkeypatch):
    monkeypatch.setattr(stats, "RESAMPLES", 250)
    assert as_often_as_they_say(held_by_ratios(np.random.default_rng(2), 10, 200), 200)
    assert as_often_as_they_say(held_by_percentiles(np.random.default_rng(3), 10, 60, 0.95), 60)


@pytest.mark.parametrize(("runs", "plain_ones_do"), [(10, False), (20, False), (100, True)])
def test_a_plain_bootstrap_covers_too_seldom_and_a_widened_one_as_often_as_it_says(runs, plain_ones_do):
    """The reason for widening it: the plain one covers 90 times in 100 with ten runs, and 93 with twenty."""
    rng, trials = np.random.default_rng(4), 4_000
    values = rng.normal(0, 1, (trials, runs))
    means = np.array([own[rng.integers(0, runs, (400, runs))].mean(axis=1) for own in values])
    for level, enough in ((stats.CONFIDENCE, plain_ones_do), (stats.widened(runs), True)):
        low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=1)
        assert as_often_as_they_say(int(((low <= 0) & (high >= 0)).sum()), trials) is enough, level


def test_with_many_runs_nothing_is_left_to_widen():
    assert stats.widened(10) == pytest.approx(0.983, abs=0.001)
    assert stats.widened(10_000) == pytest.approx(0.95, abs=0.001)


def test_a_bootstrap_of_three_would_not_do():
    """The reason for the rule: with three values, only 27 resamples differ."""
    rng, held, trials = np.random.default_rng(3), 0, 400
    for _ in range(trials):
        values = rng.normal(0, 1, 3)
        low, high = np.quantile(rng.choice(values, (300, 3)).mean(axis=1), [0.025, 0.975])
        held += low <= 0 <= high
    assert held / trials < 0.85


def test_the_rule_changes_from_t_to_bootstrap_at_ten_runs():
    nine, ten = list(np.linspace(1, 2, 9)), list(np.linspace(1, 2, 10))
    half = stats.t_half_width(np.log(nine))
    assert estimate(nine, mean).low == pytest.approx(np.mean(nine) * math.exp(-half))
    assert (estimate(ten, mean).low, estimate(ten, mean).high) == stats.resampled(ten, mean)


def test_the_same_numbers_give_the_same_bootstrap_interval_every_time():
    values = list(np.random.default_rng(4).lognormal(0, 1, 12))
    assert estimate(values, mean) == estimate(values, mean)


@pytest.mark.parametrize(
    ("runs", "note"),
    [
        ([None, None], "not measured here"),
        ([math.inf, math.inf], "never"),
        ([2.0], "one run"),
        ([0.0, 1.0, 2.0], "zero"),
    ],
)
def test_where_there_is_no_value_or_no_interval_a_note_says_why_and_nothing_is_nan(runs, note):
    found = estimate(runs, lambda chosen: None if None in chosen else mean(chosen))
    assert note in found.note
    assert found.low is None and found.high is None


def test_a_quantity_that_is_the_same_in_every_run_is_known_exactly():
    assert estimate([0.0, 0.0, 0.0], mean) == Estimate(0.0, 0.0, 0.0)


@pytest.mark.parametrize("bad", [0.0, math.inf])
def test_a_ratio_with_zero_or_infinity_is_refused_in_words(bad):
    found = ratio([1.0, bad], [1.0, 1.0])
    assert found.value is None and "no ratio" in found.note


def test_no_difference_is_detectable_where_the_interval_holds_one():
    assert detectable(ratio([1.0, 1.2, 0.9], [1.0, 1.0, 1.0])) is False
    assert detectable(ratio([2.0, 2.1, 1.9], [1.0, 1.0, 1.0])) is True
    assert detectable(ratio([2.0], [1.0])) is None
