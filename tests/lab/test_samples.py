"""lab/samples.py: what a sample of a run can tell, held against the tables that it was made of."""

import numpy as np
import polars as pl
import pytest

from lab import folder, keep, manifest, samples, summary
from lab.costs import LAYERS
from lab.errors import BadUse
from lab.joins import figures, read_tables
from lab.plan import Cell
from lab.quantities import QUANTITIES
from tests.lab import synthetic


@pytest.fixture
def made(run_folder):
    """A folder's sample, and the figures of its first run."""
    tables, _ = read_tables(run_folder)
    return samples.of(run_folder), figures(manifest.read(run_folder).runs[0], tables)


def test_a_run_is_a_row_with_its_totals(made):
    sample, first = made
    row = sample.row(0, named=True)
    assert sample["run"].to_list() == list(range(12))
    assert (row["deliveries"], row["received"], row["clients"]) == (800, first.received, first.clients)
    assert row["requests_total"] == first.requests
    assert [row[f"{layer}_up_total"] for layer in LAYERS] == [first.up[layer] for layer in LAYERS]
    assert [row[f"{layer}_down_total"] for layer in LAYERS] == [first.down[layer] for layer in LAYERS]


def test_each_quantity_is_the_runs_own(made):
    sample, first = made
    for quantity in QUANTITIES:
        of_run = quantity.of([first]) if first.publishes >= quantity.needs_publishes else None
        assert sample[quantity.key][0] == of_run, quantity.key


def test_the_latencies_are_those_at_evenly_spaced_ranks(made):
    sample, first = made
    row = sample.row(0, named=True)
    assert (len(row["rank"]), row["rank"][0], row["rank"][-1]) == (samples.POINTS, 1, 800)
    assert set(np.diff(row["rank"])) <= {4, 5}
    ordered = np.sort(first.latencies_ms)
    assert row["latency_ms"] == pytest.approx(ordered[np.array(row["rank"]) - 1])


@pytest.mark.parametrize(("count", "found"), [(0, []), (1, [1]), (3, [1, 2, 3])])
def test_of_few_deliveries_all_are_kept(count, found):
    assert samples.ranks(count).tolist() == found


def test_what_never_arrived_is_later_than_all(tmp_path):
    synthetic.comparison(tmp_path, {Cell("sse"): 3.0}, blocks=1, publishes=20, dropped=5)
    latencies = samples.of(tmp_path)["latency_ms"][0].to_list()
    assert latencies[-5:] == [np.inf] * 5 and np.isfinite(latencies[:-5]).all()


def test_a_kept_sample_is_the_one_that_the_tables_give(run_folder, tmp_path):
    keep.compactly(run_folder, tmp_path / "kept")
    assert samples.of(tmp_path / "kept").equals(samples.of(run_folder))


def test_a_quantity_that_is_newer_than_a_sample_is_null_in_it_and_not_measured_then(run_folder, tmp_path):
    keep.compactly(run_folder, tmp_path / "kept")
    path = tmp_path / "kept" / folder.SAMPLES
    pl.read_parquet(path).drop("server_rss").write_parquet(path)
    assert samples.of(tmp_path / "kept")["server_rss"].null_count() == 12
    row = summary.read(tmp_path / "kept").cells[0]
    del row.figures["server_rss"]
    assert row["server_rss"].note == "not measured then"


def test_a_sample_that_cannot_be_read_is_a_sentence(run_folder, tmp_path):
    keep.compactly(run_folder, tmp_path / "kept")
    for content in (None, b"", b"PAR1 and no more"):
        (tmp_path / "kept" / folder.SAMPLES).unlink()
        if content is not None:
            (tmp_path / "kept" / folder.SAMPLES).write_bytes(content)
        with pytest.raises(BadUse, match=r"samples\.parquet is missing, or was cut short or edited"):
            samples.of(tmp_path / "kept")
        (tmp_path / "kept" / folder.SAMPLES).touch()
