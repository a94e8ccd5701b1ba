"""lab/resume.py: experiments and searches whose folders were damaged between an interrupt and the next start."""

import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import polars as pl
import pytest

from lab import capacity, cli, execution, experiments, finish, folder, machine, manifest, report, resume, sweep
from lab.capacity import Search
from lab.compare import setup_of
from lab.errors import BadUse
from lab.plan import Cell, PlannedRun, blocks
from lab.recorded import set_aside
from loadtests.records import TABLES
from tests.lab import synthetic
from tests.lab.test_bad_folders import DAMAGES, contents, removed

TINY = """
title = "Tiny"
question = "Does it go on?"
varies = "workload.rate_per_s"
axis = "messages a second"
levels = [5, 20]
transports = ["sse"]
repeats = 1
changes = { "workload.rooms" = 2, duration_s = 0.5, warmup_s = 0.1, collect_s = 0.5 }
[[charts]]
name = "latency"
title = "The wait"
y = "latency_p50"
"""


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


def begun(tiny, out, runs=2):
    """The experiment as an interrupt left it: so many runs made, the tables merged, the parts there."""
    wanted = sweep.load(str(tiny))
    where = folder.create(out, wanted.name)
    made = [synthetic.write_run(where, planned, [3.0] * 20) for planned in blocks(wanted.cells(), 1, 1)[:runs]]
    record = msgspec.structs.replace(
        experiments.begun(wanted, 1), runs=made, state="interrupted", note=f"Interrupted in run {runs + 1} of 2."
    )
    finish.complete(where, record)
    return where


def without_tables(where):
    """As it was killed: no tables, and a manifest that knows of none."""
    for name in TABLES:
        (where / f"{name}.parquet").unlink()
    manifest.write(where, msgspec.structs.replace(manifest.read(where), files={}, state="running"))


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["run.json", "deliveries.parquet", "generator.parquet"])
def test_a_run_that_cannot_be_read_any_more_is_to_be_made_again_and_what_is_left_is_kept(tiny, tmp_path, name, damage):
    where = begun(tiny, tmp_path / "runs")
    without_tables(where)
    damage(folder.part(where, 0) / name)
    left = contents(folder.part(where, 0))
    whole = contents(folder.part(where, 1))
    assert [run.run for run in resume.sound(where, manifest.read(where)).runs] == [1]
    assert contents(where / folder.DAMAGED / "000") == left and not folder.part(where, 0).exists()
    assert contents(folder.part(where, 1)) == whole
    assert set_aside(where) == ["parts/000 had been cut short or edited: made good, and kept in damaged/."]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_part_is_made_good_of_the_tables_that_hold_its_run(tiny, tmp_path, damage):
    where = begun(tiny, tmp_path / "runs")
    before = {name: pl.read_parquet(folder.part(where, 0) / f"{name}.parquet") for name in TABLES}
    damage(folder.part(where, 0) / "deliveries.parquet")
    record = manifest.read(where)
    assert resume.sound(where, record).runs == record.runs
    assert folder.whole(folder.part(where, 0))
    for name, table in before.items():
        assert pl.read_parquet(folder.part(where, 0) / f"{name}.parquet").equals(table)
    assert (where / folder.DAMAGED / "000" / "run.json").exists()


def test_without_any_parts_the_tables_give_them_all_back_unless_they_were_edited(tiny, tmp_path):
    where = begun(tiny, tmp_path / "runs")
    shutil.rmtree(where / folder.PARTS)
    record = manifest.read(where)
    assert resume.sound(where, record).runs == record.runs and len(folder.complete_parts(where)) == 2
    shutil.rmtree(where / folder.PARTS)
    pl.read_parquet(where / "deliveries.parquet").head(1).write_parquet(where / "deliveries.parquet")
    assert resume.sound(where, record).runs == []  # they are not what was recorded


def test_what_is_set_aside_twice_is_kept_twice(tiny, tmp_path):
    where = begun(tiny, tmp_path / "runs")
    for text in ("first", "second"):
        folder.part(where, 0).mkdir(exist_ok=True)
        (folder.part(where, 0) / "run.json").write_text(text)
        folder.set_aside(where, 0)
    kept = sorted((where / folder.DAMAGED).iterdir())
    assert [path.name for path in kept] == ["000", "000-2"]
    assert [(path / "run.json").read_text() for path in kept] == ["first", "second"]


def test_the_command_measures_the_damaged_run_again_and_no_other(tiny, tmp_path):
    where = begun(tiny, tmp_path / "runs")
    without_tables(where)
    (folder.part(where, 0) / "publishes.parquet").write_bytes(b"PAR1")
    other = manifest.read(where).runs[1]
    command = [sys.executable, "-m", "lab", "experiment", str(tiny), "--out", str(tmp_path / "runs")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1, 2) and "Traceback" not in done.stderr, done.stderr
    assert "1 of 1" in done.stderr and "parts/000 had been cut short or edited" in done.stdout, done.stdout
    record = manifest.read(where)
    assert record.state == "complete" and record.runs[1].began == other.began == "2026-01-01T00:00:00Z"
    assert record.runs[0].began > other.began
    assert sorted(pl.read_parquet(where / "receivers.parquet")["run"].unique()) == [0, 1]
    assert (where / folder.DAMAGED / "000" / "publishes.parquet").read_bytes() == b"PAR1"


def test_a_search_makes_a_damaged_run_again_under_its_own_number(tmp_path):
    cells = [Cell("sse", None, 100.0), Cell("sse", None, 100.0), Cell("sse", None, 200.0)]
    runs = [synthetic.write_run(tmp_path, PlannedRun(n, n % 2, cell, n), [3.0] * 20) for n, cell in enumerate(cells)]
    record = synthetic.write_manifest(tmp_path, runs, 1, state="interrupted")
    removed(folder.part(tmp_path, 0) / "deliveries.parquet")
    search = Search(
        msgspec.structs.replace(sweep.load("capacity"), changes={"duration_s": 0.3, "warmup_s": 0.1, "collect_s": 0.5}),
        tmp_path, resume.sound(tmp_path, record), setup_of("steady"), 1,
    )  # fmt: skip
    assert search.tried(Cell("sse")) == {100: [True], 200: [True]}
    assert capacity.unused(run.run for run in search.record.runs) == 0
    assert capacity.unused(run.block for run in search.record.runs if run.cell == cells[0]) == 0


@pytest.mark.parametrize("step", ["write_bytes", "replace"])
def test_an_interrupt_while_the_manifest_is_written_leaves_the_one_before(tiny, tmp_path, monkeypatch, step):
    where = begun(tiny, tmp_path / "runs")
    before = contents(where)

    def interrupt(path, data):
        if step == "write_bytes":
            with path.open("wb") as file:
                file.write(data[:100])
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted, pytest.raises(KeyboardInterrupt):
        interrupted.setattr(Path, step, interrupt)
        manifest.write(where, manifest.read(where))
    assert contents(where) == before


UNREADABLE = [("", "was cut short or edited"), ('{"schema_version": 1', "was cut short or edited"),
              ('{"schema_version": 0}', "has schema 0, and this version reads 1")]  # fmt: skip


@pytest.mark.parametrize(("text", "why"), UNREADABLE)
def test_a_manifest_that_cannot_be_read_is_said_and_left_and_the_experiment_begins_anew(tiny, tmp_path, text, why):
    out = tmp_path / "runs"
    where = begun(tiny, out)
    (where / manifest.NAME).write_text(text)
    before, said = contents(where), []
    assert experiments.unfinished(out, sweep.load(str(tiny)), 1, say=said.append) is None
    assert len(said) == 1 and why in said[0] and said[0].endswith("It is not gone on with.")
    assert contents(where) == before


def test_one_that_was_interrupted_before_its_report_is_gone_on_with_and_nothing_is_measured(tiny, tmp_path):
    where = begun(tiny, tmp_path / "runs")
    finish.complete(where, msgspec.structs.replace(manifest.read(where), state="complete", note=""))
    before = {name: data for name, data in contents(where).items() if name.suffix == ".parquet"}
    assert not (where / folder.PARTS).exists()
    options = experiments.Options(name=str(tiny), out=tmp_path / "runs")
    outcome = experiments.experiment(options, cli.progress(True))
    assert outcome.folder == where
    assert report.build(where).runs == 2
    assert {name: data for name, data in contents(where).items() if name.suffix == ".parquet"} == before
    assert experiments.unfinished(tmp_path / "runs", sweep.load(str(tiny)), 1) is None


def test_an_impossible_sweep_leaves_no_folder(tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "descriptor_limit", lambda: 60)
    with pytest.raises(BadUse, match="which need 80 open files"):
        experiments.experiment(experiments.Options(name=str(tiny), out=tmp_path / "runs"), cli.progress(True))
    assert not (tmp_path / "runs").exists()


@pytest.fixture(scope="module", params=["message-size", "capacity"])
def finished(request, tmp_path_factory):
    """A complete folder of an experiment, or of a search, with its report."""
    where = tmp_path_factory.mktemp(request.param) / "run"
    synthetic.experiment(where, request.param)
    report.build(where)
    return where


@pytest.fixture
def copy(finished, tmp_path):
    return Path(shutil.copytree(finished, tmp_path / "copy"))


def lab_report(where, monkeypatch, capsys):
    """(exit code, stdout, stderr) of `lab report`; whatever else it raises fails the test."""
    monkeypatch.setattr(sys, "argv", ["lab", "report", str(where)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return ended.value.code, said.out, said.err


def recorded(where):
    """What no report may touch."""
    return {
        name: data for name, data in contents(where).items() if name.suffix == ".parquet" or name.stem == "manifest"
    }


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["deliveries.parquet", "server.parquet", manifest.NAME])
def test_a_damaged_file_of_an_experiment_or_a_search_is_named(copy, name, damage, monkeypatch, capsys):
    if name == manifest.NAME:
        (copy / name).write_bytes((copy / name).read_bytes().rstrip())  # without its last line's end it would be whole
    damage(copy / name)
    before, all_before = recorded(copy), contents(copy)
    code, out, errors = lab_report(copy, monkeypatch, capsys)
    assert recorded(copy) == before
    if name == "server.parquet":
        assert "server.parquet is missing" in out or "server.parquet was cut short or edited" in out
    else:
        assert code == 2 and name in errors and len(errors.strip().splitlines()) == 1
        assert contents(copy) == all_before


EDITS = [
    {"experiment": {"name": "x"}}, {"experiment": 7}, {"experiment": None}, {"capacity": [{}]}, {"capacity": None},
    {"cells": []}, {"cells": [{"transport": "pigeon"}]}, {"runs": []}, {"schema_version": 0}, {"repeats": "many"},
]  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_manifest_of_an_experiment_or_a_search_gives_a_report_or_a_sentence(copy, edit, monkeypatch, capsys):
    fields = msgspec.json.decode((copy / manifest.NAME).read_bytes()) | edit
    (copy / manifest.NAME).write_bytes(msgspec.json.encode(fields))
    before, all_before = recorded(copy), contents(copy)
    code, out, errors = lab_report(copy, monkeypatch, capsys)
    assert recorded(copy) == before and code in (0, 1, 2)
    if not out:
        assert code == 2 and errors.startswith("lab: ") and len(errors.strip().splitlines()) == 1
        assert contents(copy) == all_before


def test_a_part_that_was_made_good_is_measured_by_nobody(tiny, tmp_path):
    """All of it is there: going on makes the report and starts no server."""
    where = begun(tiny, tmp_path / "runs")
    removed(folder.part(where, 1) / "run.json")
    outcome = experiments.experiment(experiments.Options(name=str(tiny), out=tmp_path / "runs"), cli.progress(True))
    assert outcome.folder == where and manifest.read(where).state == "complete"
    assert {run.began for run in manifest.read(where).runs} == {"2026-01-01T00:00:00Z"}


def test_an_interrupt_between_two_runs_of_a_search_says_what_goes_on_with_it(tmp_path, monkeypatch):
    def interrupt(search):
        raise KeyboardInterrupt

    monkeypatch.setattr(capacity.Search, "next_step", interrupt)
    with pytest.raises(BadUse, match=r"Interrupted\. .*-capacity keeps what was measured: the same command goes on"):
        experiments.experiment(experiments.Options(name="capacity", out=tmp_path), cli.progress(True))
    assert experiments.unfinished(tmp_path, sweep.load("capacity"), 1) is not None


def test_an_interrupt_before_a_run_has_begun_leaves_no_server(tiny, tmp_path, monkeypatch):
    started = []
    start = execution.Server.__init__

    def remembered(server, *arguments):
        start(server, *arguments)
        started.append(server.process)

    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(execution.Server, "__init__", remembered)
    monkeypatch.setattr(execution.machine, "load_average", interrupt)
    with pytest.raises(BadUse, match="No run was completed"):
        experiments.experiment(experiments.Options(name=str(tiny), out=tmp_path / "runs"), cli.progress(True))
    assert [process.poll() is not None for process in started] == [True]
