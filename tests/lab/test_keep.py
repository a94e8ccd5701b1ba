"""`lab keep`: what is kept of a run, and what is said where it is not enough."""

import shutil

import msgspec
import pytest

from lab import controls, folder, joins, keep, manifest, picture, report, summary
from lab.errors import BadUse
from tests.lab import synthetic
from tests.lab.test_rebuilt import negative_controls

KEPT = {"manifest.json", "summary.json", "summary.csv", "samples.parquet", "figures", "report.html"}


@pytest.fixture(scope="module")
def kept(made_once, tmp_path_factory):
    """A run that was kept."""
    to = tmp_path_factory.mktemp("reference") / "kept"
    keep.compactly(made_once, to)
    return to


def test_what_is_kept_says_how_many_deliveries_it_was_made_of_and_which_tables(kept, run_folder):
    assert {path.name for path in kept.iterdir()} == KEPT
    before, record = manifest.read(run_folder), manifest.read(kept)
    assert record.compact == manifest.Compact(summary.read(kept).deliveries, before.files)
    assert record.compact.tables == folder.checksums(run_folder) and len(record.compact.tables) == 7
    assert record.files == folder.checksums(kept, ["summary.json", "samples.parquet"])
    assert record.folder == "kept"
    assert msgspec.structs.replace(record, folder=before.folder, compact=None, files=before.files) == before


def test_it_shows_the_same_as_the_whole(kept, run_folder):
    found = report.build(run_folder)
    assert summary.read(kept) == found
    for name in ("summary.json", "summary.csv"):
        assert (kept / name).read_bytes() == (run_folder / name).read_bytes()
    assert "a sample of each run" in (kept / report.PAGE).read_text(encoding="utf-8")


def test_what_servers_wrote_is_kept(run_folder, tmp_path, lab):
    (run_folder / "logs").mkdir()
    (run_folder / folder.kept_log(3)).write_text("Traceback …\n", encoding="utf-8")
    said = lab("keep", run_folder, tmp_path / "kept")
    assert said.code == 0 and "MB" in said.out, said.err
    assert (tmp_path / "kept" / folder.kept_log(3)).exists()


@pytest.mark.parametrize("needs_tables", [joins.read_tables, picture.one_word])
def test_what_takes_the_tables_says_that_they_were_left_out(kept, needs_tables):
    with pytest.raises(BadUse, match="is compact: the tables that this takes were left out of it"):
        needs_tables(kept)


def test_with_its_tables_a_run_is_kept_as_it_is_but_for_its_name(run_folder, tmp_path, lab):
    report.build(run_folder)
    assert lab("keep", run_folder, tmp_path / "kept", "--tables").code == 0
    assert folder.checksums(tmp_path / "kept") == folder.checksums(run_folder)
    assert manifest.read(tmp_path / "kept").folder == "kept"
    assert "From the recorded run kept, made by" in (tmp_path / "kept" / report.PAGE).read_text(encoding="utf-8")


def test_controls_are_kept_with_all_their_runs(tmp_path, lab):
    negative_controls(tmp_path / "made")
    assert lab("keep", tmp_path / "made", tmp_path / "controls", "--tables").code == 0
    assert manifest.read(tmp_path / "controls" / "null").folder == "controls/null"
    assert controls.read(tmp_path / "controls") == controls.read(tmp_path / "made")
    assert "From the recorded run controls, made by" in (tmp_path / "controls" / report.PAGE).read_text()


def cut_short(where):
    record = msgspec.structs.replace(manifest.read(where), state="interrupted", note="Interrupted in run 7 of 12.")
    manifest.write(where, record)


def without_a_manifest(where):
    (where / manifest.NAME).unlink()


def without_deliveries(where):
    (where / "deliveries.parquet").unlink()


def compact_already(where):
    keep.compactly(where, where.parent / "once")
    shutil.rmtree(where)
    (where.parent / "once").rename(where)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut_short, "was not measured to its end, and is not worth keeping. Interrupted in run 7 of 12."),
        (without_a_manifest, "holds no manifest.json"),
        (without_deliveries, "deliveries.parquet is missing"),
        (compact_already, "is compact already: copy it as it is."),
    ],
)
def test_what_cannot_be_kept_is_a_sentence_and_leaves_nothing(run_folder, tmp_path, lab, damage, said):
    damage(run_folder)
    refused = lab("keep", run_folder, tmp_path / "kept")
    assert refused.code == 2 and said in refused.err and len(refused.err.splitlines()) == 1
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("tables", [[], ["--tables"]])
def test_nothing_that_is_there_is_written_over(run_folder, tmp_path, lab, tables):
    (tmp_path / "kept").mkdir()
    refused = lab("keep", run_folder, tmp_path / "kept", *tables)
    assert refused.code == 2 and "is there already" in refused.err
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_sweep_is_kept_with_its_question_and_its_levels(tmp_path):
    synthetic.experiment(tmp_path / "run", "message-size")
    keep.compactly(tmp_path / "run", tmp_path / "kept")
    sweep = report.sweep_of(manifest.read(tmp_path / "kept"))
    assert sweep is not None and {path.stem for path in (tmp_path / "kept" / "figures").iterdir()} == {
        chart.name for chart in sweep.charts
    }
