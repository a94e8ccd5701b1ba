"""The summary of a folder: values, intervals, ratios and what is refused."""

import csv
import math

import msgspec
import numpy as np
import pytest

from lab import joins, manifest, stats, summary
from lab.plan import Cell
from tests.lab import synthetic


def summarised(where):
    tables, notices = joins.read_tables(where)
    return summary.summarise(manifest.read(where), tables, notices)


@pytest.fixture(scope="module")
def found(made_once):
    return summarised(made_once)


def row(found, name):
    return next(row for row in found.cells if row.cell.name == name)


def test_percentiles_are_of_all_runs_samples_together(found):
    """400 publishes in each of three runs, whose latencies are median x drift x (0.5 to 1.5)."""
    p50 = row(found, "sse")["latency_p50"]
    assert p50.value == pytest.approx(3.0 * 1.02, rel=0.01)
    assert p50.low < p50.value < p50.high


def test_an_interval_is_the_t_interval_of_the_runs_logarithms(found):
    # the three runs differ by their drift alone: 1, 1.02, 1.04
    half = stats.t_half_width(np.log([1, 1.02, 1.04]))
    p95 = row(found, "websocket")["latency_p95"]
    assert p95.high / p95.value == pytest.approx(math.exp(half), rel=1e-6)


def test_costs_are_per_delivered_message(found):
    polled, pushed = row(found, "short-polling 1s"), row(found, "websocket")
    assert pushed["ip_bytes"].value == pytest.approx(1_200, rel=0.01)
    assert pushed["socket_bytes"].value == pytest.approx(1_000, rel=0.01)
    assert pushed["payload_bytes"].value == pytest.approx(60, rel=0.01)
    assert pushed["socket_bytes_up"].value == pytest.approx(100, rel=0.01)
    assert pushed["server_cpu"].value == pytest.approx(500, rel=0.01)
    assert pushed["requests"].value == 0
    assert polled["requests"].value == pytest.approx(2, rel=0.1)
    assert polled["empty_polls"].value == 0.5
    assert pushed["empty_polls"].value is None
    assert pushed["server_rss"].value == 80


def test_offered_sent_and_delivered_come_together(found):
    sse = row(found, "sse")
    assert (sse["offered_rate"].value, sse["sent_rate"].value) == (40, 40)
    assert (sse["due_rate"].value, sse["delivered_rate"].value) == (80, 80)


def test_ratios_are_paired_by_block_so_that_common_drift_vanishes(found):
    ratio = row(found, "long-polling").versus["latency_p50"]
    assert ratio.value == pytest.approx(2.0, rel=1e-6)
    assert ratio.high - ratio.low < 1e-6
    assert row(found, "websocket").versus == {}


def test_equal_costs_are_no_detectable_difference(found):
    assert stats.detectable(row(found, "sse").versus["ip_bytes"]) is False


def test_a_p99_is_refused_below_a_thousand_publishes(found, tmp_path):
    assert row(found, "sse")["latency_p99"].value is not None  # 3 x 400
    synthetic.comparison(tmp_path / "few", {Cell("sse"): 3.0}, publishes=333)
    refused = row(summarised(tmp_path / "few"), "sse")["latency_p99"]
    assert refused.value is None and refused.note == "999 publishes; it needs 1,000"


def test_the_floor_is_shown_beside_the_rows_and_is_in_none_of_their_figures(tmp_path):
    medians = {Cell("short-polling", 1.0): 500.0, Cell("short-polling", 3.0): 1_500.0, Cell("sse"): 3.0}
    synthetic.comparison(tmp_path / "without", medians)
    synthetic.comparison(tmp_path / "with", medians, floor_ms=0.5)
    without, found = summarised(tmp_path / "without"), summarised(tmp_path / "with")
    assert found.cells == without.cells
    assert (found.runs, found.publishes, found.deliveries) == (without.runs, without.publishes, without.deliveries)
    assert [row.cell.name for row in found.floor] == ["null short-polling 1s", "null sse"]
    below = [summary.floor_of(row, found) for row in found.cells]
    assert below[1] is None  # only the first poll interval has one
    assert [floor["latency_p50"].value for floor in below if floor] == [0.5, 0.5]


def test_losses_and_copies_fail_the_check_and_are_named(tmp_path):
    synthetic.comparison(tmp_path / "bad", {Cell("sse"): 3.0}, blocks=1, dropped=2, doubled=1)
    assert summary.failed_checks(summarised(tmp_path / "bad")) == [
        "SSE: 2 deliveries were lost.",
        "SSE: 1 deliveries were duplicates.",
    ]


def test_a_server_that_cannot_keep_up_may_lose_but_not_repeat(tmp_path):
    synthetic.comparison(tmp_path / "bad", {Cell("sse"): 3.0}, blocks=1, dropped=40, doubled=2)
    found = summarised(tmp_path / "bad")
    assert found.cells[0].verdict.saturated and found.cells[0].counts["lost"] == 40
    assert summary.failed_checks(found) == ["SSE: 2 deliveries were duplicates."]


def test_a_cell_that_was_not_reached_is_kept_and_said(run_folder):
    record = manifest.read(run_folder)
    runs = [run for run in record.runs if run.cell.transport != "sse"]
    manifest.write(run_folder, msgspec.structs.replace(record, runs=runs))
    sse = row(summarised(run_folder), "sse")
    assert sse.runs == 0 and sse.verdict.reasons == ["no run was completed"]
    assert sse["latency_p50"].note == "no run was completed"


def test_a_block_without_the_reference_is_left_out_of_the_ratios(run_folder):
    record = manifest.read(run_folder)
    runs = [run for run in record.runs if (run.cell.transport, run.block) != ("websocket", 1)]
    manifest.write(run_folder, msgspec.structs.replace(record, runs=runs))
    ratio = row(summarised(run_folder), "long-polling").versus["latency_p50"]
    assert ratio.value == pytest.approx(2.0, rel=1e-6) and ratio.low is not None


def test_it_reads_back_as_it_was_written(found, tmp_path):
    summary.write(tmp_path, found)
    assert summary.read(tmp_path) == found


def test_the_csv_has_a_row_for_each_cell_and_a_unit_for_each_number(found, tmp_path):
    summary.write(tmp_path, found)
    rows = list(csv.DictReader((tmp_path / "summary.csv").open(encoding="utf-8")))
    assert [row["cell"] for row in rows] == ["short-polling 1s", "long-polling", "sse", "websocket"]
    assert (
        rows[2]["latency_p50_unit"] == "ms" and float(rows[2]["latency_p50"]) == row(found, "sse")["latency_p50"].value
    )
    assert "nan" not in (tmp_path / "summary.csv").read_text().lower()
