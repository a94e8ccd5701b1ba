"""lab/notebook.py: which run a notebook is given, and what it says where there is none."""

import polars as pl
import pytest
from msgspec import structs

from lab import folder, manifest, notebook, report, wording
from lab.errors import BadUse
from lab.sweep import known
from tests.lab import synthetic


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A folder of recorded runs, and one of the reader's own."""
    monkeypatch.setattr(notebook, "RUNS", {"reference": tmp_path / "reference", "latest": tmp_path / "runs"})
    return tmp_path


def experiment(where, name="rtt"):
    synthetic.experiment(where, name)
    report.build(where)
    return where


def test_the_recorded_run_is_found_by_its_name(results):
    where = experiment(results / "reference" / "rtt")
    found = notebook.find("rtt")
    assert (found.folder, found.missing) == (where, "")
    assert len(found.rows) == 4


def test_latest_is_the_newest_of_ones_own_that_was_measured_to_its_end(results):
    runs = results / "runs"
    older, newer = (experiment(runs / f"2026-01-0{day}T000000Z-rtt") for day in (1, 2))
    experiment(runs / "2026-01-03T000000Z-knee", "knee")
    unfinished = experiment(runs / "2026-01-04T000000Z-rtt")
    manifest.write(unfinished, structs.replace(manifest.read(unfinished), state="interrupted"))
    folder.point_latest(newer)
    assert notebook.find("rtt", "latest").folder == newer
    (newer / "summary.json").unlink()
    assert notebook.find("rtt", "latest").folder == older


@pytest.mark.parametrize("name", known())
@pytest.mark.parametrize("run", ["reference", "latest"])
def test_where_there_is_no_run_a_sentence_says_which_command_makes_one(results, name, run):
    told = repr(notebook.find(name, run))
    assert f"`.venv/bin/lab experiment {name}` makes one" in told
    assert "minute" in told


def test_a_comparison_is_made_by_another_command(results):
    assert "`.venv/bin/lab compare irc-room`" in repr(notebook.find("irc-room"))


def test_all_that_is_asked_of_no_run_is_answered(results):
    absent = notebook.find("rtt")
    for shown in (absent.figure("latency"), absent.table("latency_p50"), absent.chart("", y="ip_bytes"),
                  absent.distribution(), notebook.show(absent.frame("latency_p50"), absent)):  # fmt: skip
        assert repr(shown) == "No run of rtt: nothing to show."
    assert absent.frame("latency_p50").is_empty()
    assert (absent.rows, absent.capacity, absent.workload, absent.rooms, absent.clients) == ([], [], {}, 0, 0)


def test_another_word_than_the_two_is_refused(results):
    with pytest.raises(BadUse, match='write "reference"'):
        notebook.find("rtt", "newest")


def test_what_was_computed_is_shown_with_its_run(results):
    experiment(results / "reference" / "rtt")
    shown = notebook.show(pl.DataFrame({"row": ["a"], "times": [2.0], "none": [None]}), notebook.find("rtt"))
    assert repr(shown).splitlines()[:2] == ["row | times | none", f"a | 2.00 | {wording.DASH}"]
    assert "Computed in this notebook. From the recorded run" in shown.html
