"""lab/lateness.py against lateness that is known."""

import numpy as np
import polars as pl
import pytest

from lab import joins, lateness
from lab.plan import Cell, PlannedRun
from lab.stats import percentile
from tests.lab import synthetic

N = 20_000


def test_how_late_it_sent_leaves_out_the_wait_for_the_answer_before():
    publishes = pl.DataFrame({"sender": [1, 1], "intended_ns": [100, 200], "sent_ns": [110, 5_020]})
    posts = pl.DataFrame({"user": [1, 1], "kind": ["send", "send"], "ended_ns": [5_000, 9_000]})
    assert lateness.send_lag(publishes, posts).to_list() == [10, 20]


def deliveries(took_ms):
    """One each millisecond."""
    intended_ns = np.arange(len(took_ms)) * synthetic.MS
    return pl.DataFrame({"intended_ns": intended_ns, "received_ns": intended_ns + in_ns(took_ms)})


def samples(late_ms, every_ms):
    return pl.DataFrame({"at_ns": np.arange(len(late_ms)) * every_ms * synthetic.MS, "lag_ns": in_ns(late_ms)})


def in_ns(values_ms):
    return (np.asarray(values_ms) * synthetic.MS).astype(np.int64)


@pytest.mark.parametrize("late_ms", [0.05, 0.1, 0.4])
def test_what_the_p99_grew_by_is_found_again(late_ms):
    rng = np.random.default_rng(1)
    true, late = rng.lognormal(0, 0.4, N), rng.exponential(late_ms, N)
    grew = percentile(true + late, 0.99) / percentile(true, 0.99) - 1
    seen = samples(rng.exponential(late_ms, N // 10), every_ms=10)
    assert lateness.share_of_loop(deliveries(true + late), seen) == pytest.approx(grew, rel=0.25)


def test_a_loop_that_was_late_only_while_nothing_came_has_done_no_harm():
    took, late = np.ones(N), np.zeros(N // 10)
    late[: N // 20] = 5.0
    after = deliveries(took).filter(pl.col("intended_ns") > N // 2 * synthetic.MS)
    assert lateness.share_of_loop(after, samples(late, every_ms=10)) == pytest.approx(0.0)


def test_a_stall_is_found_in_what_was_read_at_its_end():
    """The loop stood still for 90 ms, twenty times: the slowest hundredth is its doing, and is doubled."""
    rng = np.random.default_rng(2)
    took, late = rng.lognormal(0, 0.2, N), np.zeros(N // 10)
    for begin in range(0, N, N // 20):
        took[begin : begin + 90] += np.arange(90, 0, -1)
        late[begin // 10 + 9] = 90.0
    assert lateness.share_of_loop(deliveries(took), samples(late, every_ms=10)) > 0.5


def test_of_what_never_arrived_nothing_is_said():
    nothing = deliveries([1.0]).with_columns(received_ns=pl.lit(None, pl.Int64))
    assert lateness.share_of_loop(nothing, samples([0.1], 10)) is None
    assert lateness.share_of_loop(deliveries([1.0]), samples([], 10)) is None
    both = pl.concat([nothing, deliveries([1.0])])
    assert lateness.share_of_loop(both, samples([0.1], 10)) == pytest.approx(0.1)


def test_a_run_knows_how_late_it_sent_and_read(tmp_path):
    from lab import finish

    record = synthetic.write_run(
        tmp_path, PlannedRun(0, 0, Cell("sse"), 1), [10.0] * 200, send_lag_ms=2.0, loop_lag_ms=0.5
    )
    finish.merge(tmp_path)
    found = joins.figures(record, joins.read_tables(tmp_path)[0])
    assert found.send_lag_p99_ms == pytest.approx(2.0)
    assert found.generator_lag_p99_ms == pytest.approx(0.5) and found.p99_from_loop == pytest.approx(0.05)
