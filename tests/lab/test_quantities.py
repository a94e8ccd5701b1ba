"""Quantities of several runs together."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from lab.quantities import P99_PUBLISHES, QUANTITIES, mean, rank


def run(*latencies):
    return SimpleNamespace(latencies_ms=np.array(latencies, dtype=float))


def test_a_percentile_is_that_of_all_samples_and_no_mean_of_percentiles():
    quick, slow = run(*[1.0] * 900), run(*[100.0] * 100)
    assert rank(0.5)([quick, slow]) == 1.0  # the mean of the two medians would be 50.5
    assert rank(0.95)([quick, slow]) == 100.0


def test_what_was_not_delivered_in_one_run_is_the_tail_of_all():
    assert rank(0.95)([run(*[1.0] * 95), run(*[math.inf] * 5)]) == 1.0
    assert rank(0.95)([run(*[1.0] * 94), run(*[math.inf] * 6)]) == math.inf


def test_a_mean_is_that_of_all_samples_and_of_what_never_arrived_it_is_never():
    assert mean([run(*[1.0] * 3), run(5.0)]) == 2.0  # the mean of the two means would be 3.0
    assert mean([run(1.0, math.inf)]) == math.inf
    assert mean([run()]) is None


@pytest.mark.parametrize("quantity", QUANTITIES, ids=lambda quantity: quantity.key)
def test_only_a_p99_needs_a_thousand_publishes(quantity):
    assert quantity.needs_publishes == (P99_PUBLISHES if quantity.key == "latency_p99" else 0)
