"""lab/model: the closed forms of polling against a simulation of the same protocol, event by event."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.model.arrivals import Bursts, Periodic, Poisson
from lab.model.waits import ticks_apart, to_the_next_answer, to_the_next_poll
from lab.stats import percentile
from tests.lab.model import oracle

KINDS = [Poisson(0.3), Poisson(2.0), Poisson(20.0), Periodic(1.0), Periodic(4.0), Bursts(5.0, 10, 0.2)]
CLIENTS, MESSAGES = 80, 200  # for each client
ROUND_TRIPS = [0.002, 0.1, 0.2, 0.26, 0.41, 0.63]
rates = st.floats(0.001, 100)
spans = st.floats(0.001, 100)
kinds = st.one_of(
    st.builds(Poisson, rates), st.builds(Periodic, rates),
    st.builds(Bursts, st.floats(0.1, 100), st.integers(1, 50), st.floats(0.01, 1)),
)  # fmt: skip


def quantiles(waits):
    import numpy as np

    ordered = np.array(waits)
    return [percentile(ordered, q) for q in (0.5, 0.95)]


@pytest.mark.parametrize("arrivals", KINDS, ids=str)
@pytest.mark.parametrize("interval", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("back", [0.002, 0.5])
def test_short_polling_waits_and_finds_nothing_as_in_the_simulation(arrivals, interval, back):
    seconds = max(MESSAGES / arrivals.rate, 60 * interval)
    runs = [
        oracle.short_polling(oracle.moments(arrivals, seconds, n), seconds, interval, back, n) for n in range(CLIENTS)
    ]
    apart = ticks_apart(interval, back)
    wait, waits = to_the_next_poll(apart), [wait for run in runs for wait in run.waits]
    assert wait.mean == pytest.approx(statistics.fmean(waits), abs=0.06 * apart)
    assert [wait.quantile(q) for q in (0.5, 0.95)] == pytest.approx(quantiles(waits), abs=0.1 * apart)
    polls = sum(run.polls for run in runs)
    assert polls == pytest.approx(CLIENTS * seconds / apart, rel=0.01)
    empty, again = (sum(getattr(run, name) for run in runs) / polls for name in ("empty", "again"))
    assert arrivals.none_within(apart) == pytest.approx(empty, abs=0.03)
    assert arrivals.none_within(2 * apart) == pytest.approx(again, abs=0.03)


@pytest.mark.parametrize("arrivals", KINDS, ids=str)
@pytest.mark.parametrize("back", ROUND_TRIPS)
def test_long_polling_holds_catches_and_waits_as_in_the_simulation(arrivals, back):
    seconds = max(2 * MESSAGES / arrivals.rate, MESSAGES * back)
    runs = [oracle.long_polling(oracle.moments(arrivals, seconds, n), seconds, back) for n in range(CLIENTS)]
    gap, waits = arrivals.gap(back), [wait for run in runs for wait in run.waits]
    wait, answers = to_the_next_answer(gap), sum(run.polls - run.empty for run in runs)
    edges = 0.15 if isinstance(arrivals, Bursts) else 0.0  # a burst's end is in the closed form by its mean alone
    assert gap.messages == pytest.approx(len(waits) / answers, rel=edges + 0.01)
    assert wait.mean == pytest.approx(statistics.fmean(waits), rel=edges + 0.07, abs=0.0005)
    assert [wait.quantile(q) for q in (0.5, 0.95)] == pytest.approx(quantiles(waits), rel=edges, abs=0.06 * back)


@pytest.mark.parametrize("arrivals", [Poisson(0.02), Poisson(0.1), Periodic(0.015), Bursts(20.0, 5, 0.2)], ids=str)
def test_holds_run_out_as_often_as_in_the_simulation(arrivals):
    back, seconds = 0.1, 8_000.0
    runs = [oracle.long_polling(oracle.moments(arrivals, seconds, n), seconds, back) for n in range(CLIENTS)]
    expected = arrivals.silences(oracle.HOLD + back)
    assert expected == pytest.approx(sum(run.empty for run in runs) / (CLIENTS * seconds), rel=0.05)


def test_without_any_message_a_hold_runs_out_each_hold():
    assert Poisson(0.0).silences(25.0) == 1 / 25


@given(arrivals=kinds, seconds=spans, longer=st.floats(1, 10))
def test_a_longer_look_finds_less_often_nothing(arrivals, seconds, longer):
    assert 0 <= arrivals.none_within(longer * seconds) <= arrivals.none_within(seconds) <= 1


@given(arrivals=kinds, seconds=spans, longer=st.floats(1, 10))
def test_a_longer_gap_brings_more_in_an_answer_and_no_answer_is_without(arrivals, seconds, longer):
    gap, wider = arrivals.gap(seconds), arrivals.gap(longer * seconds)
    assert 1 - 1e-9 <= gap.messages <= wider.messages * (1 + 1e-9)
    assert 0 <= gap.held <= 1 and gap.caught >= 0 and 0 <= gap.soonest <= seconds


@given(arrivals=kinds)
def test_without_a_gap_long_polling_is_push(arrivals):
    gap = arrivals.gap(1e-9)
    assert gap.messages == pytest.approx(1, abs=1e-4)
    assert to_the_next_answer(gap).quantile(0.95) == 0


@given(arrivals=kinds, seconds=spans, q=st.floats(0.01, 0.99))
def test_no_message_waits_longer_than_the_gap_and_percentiles_rise(arrivals, seconds, q):
    wait = to_the_next_answer(arrivals.gap(seconds))
    assert 0 <= wait.quantile(q) <= wait.quantile(0.999) <= seconds
    assert 0 <= wait.mean <= seconds


@given(rate=rates)
def test_the_knee_of_a_rhythm_is_at_its_period(rate):
    period = 1 / rate
    assert to_the_next_answer(Periodic(rate).gap(0.999 * period)).mean == 0
    assert to_the_next_answer(Periodic(rate).gap(1.001 * period)).mean == pytest.approx(period / 2, rel=0.01)


@given(interval=st.floats(0.05, 10), back=st.floats(0, 10))
def test_an_answer_that_outlasts_its_tick_skips_to_the_next_ahead(interval, back):
    apart = ticks_apart(interval, back)
    assert apart > back and apart <= back + interval * (1 + 1e-9)
