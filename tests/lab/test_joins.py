"""The joins of published with received, on runs whose truth is known."""

import numpy as np
import pytest

from lab import finish, joins
from lab.errors import BadUse
from lab.plan import Cell, PlannedRun
from tests.lab import synthetic

PLANNED = PlannedRun(0, 0, Cell("websocket"), 1)


@pytest.fixture
def run(tmp_path):
    """Writes one run and returns its figures."""

    def write(planned=PLANNED, latencies=tuple(range(1, 101)), **faults):
        record = synthetic.write_run(tmp_path, planned, latencies, **faults)
        finish.merge(tmp_path)
        tables, _ = joins.read_tables(tmp_path)
        return joins.figures(record, tables)

    return write


def test_latency_is_intended_to_received_for_every_receiver(run):
    found = run()
    assert sorted(found.latencies_ms) == pytest.approx(sorted([*range(1, 101)] * 2))
    assert (found.publishes, found.sent, found.expected, found.delivered) == (100, 100, 200, 200)
    assert (found.lost, found.duplicates, found.reordered, found.strays) == (0, 0, 0, 0)


def test_a_delivery_that_never_came_is_lost_and_takes_for_ever(run):
    found = run(dropped=3)
    assert found.lost == 3
    assert np.isinf(found.latencies_ms).sum() == 3


def test_a_message_delivered_twice_is_counted_and_its_first_copy_is_timed(run):
    found = run(doubled=5)
    assert (found.duplicates, found.delivered, found.reordered) == (5, 200, 0)
    assert max(found.latencies_ms) == pytest.approx(100)


def test_two_messages_in_the_wrong_order_are_one_reordered(run):
    assert run(swapped=True).reordered == 1


def test_what_was_due_and_never_sent_is_neither_sent_nor_lost_but_takes_for_ever(run):
    found = run(unsent=4)
    assert (found.offered, found.sent, found.lost) == (100, 96, 0)
    assert np.isinf(found.latencies_ms).sum() == 8


def test_a_delivery_of_what_nobody_published_is_a_stray(run, tmp_path):
    found = run()
    tables, _ = joins.read_tables(tmp_path)
    publishes = tables["publishes"].filter(tables["publishes"]["id"] != "m7")
    assert joins.strays(publishes, tables["receivers"], tables["deliveries"]) == 2
    assert found.strays == 0


def test_somebody_who_came_later_or_left_before_is_not_expected_to_hear(run, tmp_path):
    run()
    tables, _ = joins.read_tables(tmp_path)
    receivers = tables["receivers"].with_columns(subscribed_ns=synthetic.BEGIN + 5 * synthetic.SECOND)
    assert len(joins.deliveries_due(tables["publishes"], receivers, tables["deliveries"])) == 100
    receivers = tables["receivers"].with_columns(left_ns=synthetic.BEGIN + synthetic.SECOND)
    assert len(joins.deliveries_due(tables["publishes"], receivers, tables["deliveries"])) == 20


def test_polls_that_found_nothing_are_counted(run):
    found = run(PlannedRun(0, 0, Cell("short-polling", 1.0), 1))
    assert (found.polls, found.empty_polls) == (400, 200)


def test_the_busiest_second_of_the_generator_is_taken(run):
    assert run(generator_cpu=0.85).generator_cpu == pytest.approx(0.85)


def test_bytes_the_kernel_does_not_tell_are_none_and_not_zero(run):
    found = run(ip=False)
    assert found.up["ip"] is None and found.down["ip"] is None
    assert found.up["socket"] == 20_000 and found.down["socket"] == 180_000


@pytest.mark.parametrize("name", joins.ESSENTIAL)
def test_without_an_essential_table_nothing_is_said(run_folder, name):
    (run_folder / f"{name}.parquet").unlink()
    with pytest.raises(BadUse, match=f"{name}.parquet is missing"):
        joins.read_tables(run_folder)


@pytest.mark.parametrize("name", ["connections", "requests", "server", "generator"])
def test_without_another_table_what_depends_on_it_is_not_measured(run_folder, name):
    path = run_folder / f"{name}.parquet"
    path.write_bytes(path.read_bytes()[:100])
    tables, notices = joins.read_tables(run_folder)
    assert notices == [f"{name}.parquet was cut short or edited: what depends on it is shown as not measured."]
    assert tables[name].is_empty()
