"""lab/lateness.py against lateness that is known."""

import math

import numpy as np
import polars as pl
import pytest

from lab import joins, lateness
from lab.plan import Cell, PlannedRun
from lab.stats import percentile
from tests.lab import synthetic

N = 20_000


def test_how_late_it_sent_leaves_out_the_wait_for_the_answer_before():
    publishes = pl.DataFrame(
        {"room": "r", "id": ["a", "b"], "sender": [1, 1], "intended_ns": [100, 200], "sent_ns": [110, 5_020]}
    )
    posts = pl.DataFrame({"user": [1, 1], "kind": ["send", "send"], "ended_ns": [5_000, 9_000]})
    assert lateness.send_lag(publishes, posts).rows() == [("r", "a", 10), ("r", "b", 20)]


def deliveries(took_ms):
    took_ns = (np.asarray(took_ms) * 1e6).astype(int)
    ids = [str(n) for n in range(len(took_ms))]
    return pl.DataFrame({"room": "r", "id": ids, "intended_ns": 0, "received_ns": took_ns})


def lags(late_ms):
    return pl.DataFrame({"room": "r", "id": [str(n) for n in range(len(late_ms))],
                         "lag_ns": (np.asarray(late_ms) * 1e6).astype(int)})  # fmt: skip


@pytest.mark.parametrize("late_ms", [0.02, 0.1, 0.4])
def test_what_the_p99_grew_by_is_found_again_at_most_twice_and_never_much_less(late_ms):
    rng = np.random.default_rng(1)
    true, late = rng.lognormal(0, 0.4, N), rng.exponential(late_ms, N)
    measured = true + late
    grew = percentile(measured, 0.99) / percentile(true, 0.99) - 1
    seen = rng.exponential(late_ms, 640)  # by the loop's own samples, which belong to no delivery
    print(grew, lateness.share_of_sending(deliveries(measured), lags(late)), lateness.share_of_loop(measured, seen))
    for found in (
        lateness.share_of_sending(deliveries(measured), lags(late)),
        lateness.share_of_loop(measured, seen),
    ):
        assert 0.8 * grew <= found <= 2 * grew


def test_a_generator_that_is_late_at_both_ends_is_not_excused():
    """Without the lateness of sending, the p99 would be as large, by the lateness of reading."""
    rng = np.random.default_rng(2)
    late, read_late = (np.where(rng.random(N) < 0.05, 4.0, 0.05) for _ in range(2))
    took = rng.lognormal(0, 0.2, N) + late + read_late
    assert percentile(took - late, 0.99) > 0.8 * percentile(took, 0.99)
    assert lateness.share_of_sending(deliveries(took), lags(late)) > 0.3


def test_of_what_never_arrived_nothing_is_said():
    nothing = deliveries([1.0]).with_columns(received_ns=pl.lit(None, pl.Int64))
    assert lateness.share_of_sending(nothing, lags([0.1])) is None
    assert lateness.share_of_loop(np.array([math.inf]), np.array([0.1])) is None
    assert lateness.share_of_loop(np.array([1.0]), np.array([])) is None
    assert lateness.share_of_loop(np.array([1.0, math.inf]), np.array([0.1])) == pytest.approx(0.1)


def test_a_run_knows_both(tmp_path):
    from lab import finish

    record = synthetic.write_run(
        tmp_path, PlannedRun(0, 0, Cell("sse"), 1), [10.0] * 200, send_lag_ms=2.0, loop_lag_ms=0.5
    )
    finish.merge(tmp_path)
    found = joins.figures(record, joins.read_tables(tmp_path)[0])
    assert found.send_lag_p99_ms == pytest.approx(2.0) and found.p99_from_sending == pytest.approx(0.2)
    assert found.generator_lag_p99_ms == pytest.approx(0.5) and found.p99_from_loop == pytest.approx(0.05)
