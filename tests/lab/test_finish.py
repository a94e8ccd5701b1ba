"""The end of a comparison, and Ctrl-C at each step of it: what was measured is whole, or can be made whole."""

import msgspec
import pytest

from lab import finish, folder, manifest, report, summary
from lab.errors import BadUse
from lab.plan import Cell, PlannedRun
from tests.lab import synthetic

LATENCIES = [10.0] * 200


def measured(where, state="complete"):
    """A folder as it is when the last run is over: parts, and a manifest that knows of no tables."""
    where.mkdir()
    run = synthetic.write_run(where, PlannedRun(0, 0, Cell("sse"), 1), LATENCIES)
    return synthetic.write_manifest(where, [run], 1, state=state)


def test_tables_are_merged_judged_and_pointed_at_and_the_parts_go(tmp_path):
    outcome = finish.finish(tmp_path / "run", measured(tmp_path / "run"))
    record = manifest.read(outcome.folder)
    assert record.files == folder.checksums(outcome.folder) != {}
    assert [run.verdict.valid for run in record.runs] == [True]
    assert (tmp_path / "latest").resolve() == outcome.folder.resolve()
    assert not (outcome.folder / folder.PARTS).exists()


def test_parts_stay_where_there_are_more_to_come(tmp_path):
    finish.finish(tmp_path / "run", measured(tmp_path / "run", state="interrupted"))
    assert folder.complete_parts(tmp_path / "run")


def test_without_a_complete_run_there_is_nothing_to_report(tmp_path):
    (tmp_path / "run").mkdir()
    record = synthetic.write_manifest(tmp_path / "run", [], 1, cells=[Cell("sse")], state="failed", note="It broke.")
    with pytest.raises(BadUse, match="No run was completed"):
        finish.finish(tmp_path / "run", record)
    assert manifest.read(tmp_path / "run").state == "failed"
    assert not (tmp_path / "latest").exists()


def interrupt(*_, **__):
    raise KeyboardInterrupt


def half_merged(parts, where):
    (where / "publishes.parquet").write_bytes(b"PAR1")
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("step", "instead"),
    [
        ("lab.finish.merge_parts", half_merged),
        ("lab.folder.checksums", interrupt),
        ("lab.finish.shutil.rmtree", interrupt),
        ("lab.finish.judged", interrupt),
        ("lab.recorded.read_tables", interrupt),
        ("lab.plots.draw", interrupt),
    ],
)
def test_an_interrupt_at_any_step_is_said_and_a_report_can_still_be_made(tmp_path, monkeypatch, step, instead):
    where = tmp_path / "run"
    record = measured(where)
    with monkeypatch.context() as interrupted, pytest.raises(BadUse, match=r"Interrupted\. .*`lab report "):
        interrupted.setattr(step, instead)
        finish.finish(where, record)
        report.build(where)
    assert (tmp_path / "latest").resolve() == where.resolve()
    report.build(tmp_path / "latest")
    (row,) = summary.read(where).cells
    assert (row.counts["delivered"], row.counts["lost"]) == (400, 0)


def test_latest_stays_with_what_was_measured_to_its_end(tmp_path):
    def finished(name, state):
        where = tmp_path / name
        synthetic.comparison(where, {Cell("sse"): 3.0}, blocks=1, publishes=20)
        finish.finish(where, msgspec.structs.replace(manifest.read(where), state=state))
        return (tmp_path / "latest").resolve().name

    assert finished("first", "interrupted") == "first"
    assert finished("second", "complete") == "second"
    assert finished("third", "interrupted") == "second"
    assert finished("fourth", "complete") == "fourth"
