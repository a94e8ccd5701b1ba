"""lab/model/waits.py: what is waited for before a message leaves its sender, and sums of waits."""

import random
import statistics

import numpy as np
import pytest

from lab.model.arrivals import Bursts, Periodic, Poisson
from lab.model.waits import Piece, Wait, behind_own_post, none, to_the_next_poll
from lab.stats import percentile
from tests.lab.model import oracle


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.0])
def test_a_post_waits_for_the_one_before_it_as_in_the_simulation(rate):
    round_trip = 0.4
    waits = oracle.posted_one_by_one(oracle.moments(Poisson(rate), 20_000 / rate, 1), round_trip)
    wait = behind_own_post(Poisson(3 * rate), 3, round_trip)
    assert wait.mean == pytest.approx(statistics.fmean(waits), rel=0.06)
    for q in (0.5, 0.9, 0.95):
        assert wait.quantile(q) == pytest.approx(percentile(np.array(waits), q), abs=0.2 * round_trip)


def test_in_a_rhythm_or_a_burst_nothing_waits_and_in_a_crowd_all_for_ever():
    assert behind_own_post(Periodic(4.0), 4, 0.6) == behind_own_post(Bursts(5, 10, 0.2), 10, 0.4) == none()
    assert behind_own_post(Poisson(4.0), 1, 0.4) is behind_own_post(Periodic(4.0), 1, 0.4) is None


def test_two_waits_are_added_as_chance_would_add_them():
    first, second = to_the_next_poll(1.0), Wait((Piece(0.7), Piece(0.3, 0.1, 0.5)))
    rng = random.Random(1)
    sums = np.array([rng.random() + (rng.uniform(0.1, 0.5) if rng.random() < 0.3 else 0.0) for _ in range(50_000)])
    added = first.after(second)
    assert added.mean == pytest.approx(first.mean + second.mean)
    assert [added.quantile(q) for q in (0.5, 0.95)] == pytest.approx(
        [percentile(sums, q) for q in (0.5, 0.95)], abs=0.02
    )
