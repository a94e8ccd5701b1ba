"""`lab report` on folders that were cut short, edited by hand, or made by another version.

Whatever was done to one file: an exit code of 0 or 2, or of 1 where deliveries come out wrong; one sentence and no
traceback, no recorded file touched, and the old report left in place where there can be no new one.
"""

import json
import random
import re
import shutil
from pathlib import Path

import msgspec
import polars as pl
import pytest
from rich.console import Console

from lab import folder, manifest, plan, verdicts
from lab import report as reports
from lab.compare import Options, compare
from lab.plots import pictures
from lab.progress import Progress
from loadtests.records import TABLES
from tests.lab import synthetic

TINY = """
description = "One room."
participants = 2
senders = 2
duration_s = 1.0
warmup_s = 0.2
[workload]
kind = "poisson"
rooms = 1
rate_per_s = 20.0
bytes = 20
"""
ESSENTIAL = {"publishes", "deliveries", "receivers"}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A small real run, with its floor and its report."""
    where = tmp_path_factory.mktemp("recorded")
    (where / "tiny.toml").write_text(TINY)
    options = Options(str(where / "tiny.toml"), ("sse",), repeats=1, out=where / "runs")
    folder = compare(options, Progress(Console(), quiet=True)).folder
    assert reports.build(folder).cells[0].counts["delivered"] > 0
    return folder


@pytest.fixture
def quiet_machine(monkeypatch):
    """What is judged is a generator that was never late or busy: on a row that is not valid no check can fail."""
    judge = verdicts.of_cell

    def judge_as_if_quiet(runs):
        return judge([
            msgspec.structs.replace(
                run, generator_cpu=None if run.generator_cpu is None else 0.1, send_lags_ms=run.send_lags_ms[:0]
            )
            for run in runs
        ])  # fmt: skip

    monkeypatch.setattr(verdicts, "of_cell", judge_as_if_quiet)


@pytest.fixture
def run(recorded, tmp_path):
    return Path(shutil.copytree(recorded, tmp_path / "run"))


def contents(where):
    return {path.relative_to(where): path.read_bytes() for path in where.rglob("*") if path.is_file()}


def recorded_files(where):
    return {
        path: data for path, data in contents(where).items() if path.suffix == ".parquet" or path.name == manifest.NAME
    }


@pytest.fixture
def report(lab, quiet_machine):
    """`report(folder)` is what `lab report` said; with `wrong`, the deliveries must come out so."""

    def call(where, wrong=None):
        before, old = recorded_files(where), contents(where)
        said = lab("report", where)
        assert recorded_files(where) == before
        assert "Traceback" not in said.err
        if wrong:
            assert said.code == 1
            assert re.fullmatch(rf"lab: SSE: [1-9]\d* deliveries were {wrong}\.", said.err.strip())
        else:
            assert said.code in (0, 2), said.err
        if "holds no complete run" in said.err or not said.out:
            assert contents(where) == old  # there is no new report, and the old one is as it was
            assert said.err.startswith("lab: ") and len(said.err.strip().splitlines()) == 1
        return said

    return call


def cut_in_the_middle(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_at_the_end(path):
    path.write_bytes(path.read_bytes()[:-1])


def emptied(path):
    path.write_bytes(b"")


def scribbled(path):
    path.write_bytes(b"\0 not what it was \xff" * 50)


def removed(path):
    path.unlink()


DAMAGES = [cut_in_the_middle, cut_at_the_end, emptied, scribbled, removed]


@pytest.fixture
def undrawn(monkeypatch):
    """The figures take most of a report's time."""
    monkeypatch.setattr("lab.plots.draw", lambda found: {picture.name: "<svg></svg>" for picture in pictures(found)})


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", [*TABLES, "manifest"])
def test_a_file_that_is_damaged_is_named(run, name, damage, report):
    path = run / (manifest.NAME if name == "manifest" else f"{name}.parquet")
    if damage is cut_at_the_end and name == "manifest":
        path.write_bytes(path.read_bytes().rstrip())  # without the last line's end it would be whole
    damage(path)
    said = report(run)
    if name in ESSENTIAL or name == "manifest":
        assert said.code == 2 and path.name in said.err
    else:
        assert f"{path.name} {'is missing' if damage is removed else 'was cut short or edited'}" in said.out


def without_a_column(table, column):
    return table.drop(column)


def as_text(table, column):
    return table.with_columns(pl.col(column).cast(pl.String).fill_null("x"))


def with_nothing_in_it(table, column):
    return table.with_columns(pl.lit(None, table.schema[column]).alias(column))


def without_rows(table, column):
    return table.clear()


def with_every_row_twice(table, column):
    return pl.concat([table, table])


EDITS = [without_a_column, as_text, with_nothing_in_it, without_rows, with_every_row_twice]
WRONG_DELIVERIES = {("deliveries", with_every_row_twice): "duplicates"}  # of edits that leave a table that can be read


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_was_edited_is_named(run, name, edit, report):
    path = run / f"{name}.parquet"
    table = pl.read_parquet(path)
    column = random.Random(f"{name} {edit.__name__}").choice(list(TABLES[name]))
    edit(table, column).write_parquet(path)
    said = report(run, WRONG_DELIVERIES.get((name, edit)))
    assert path.name in said.out + said.err


def leaves(value, path=()):
    """The path of everything in a JSON document."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from leaves(inner, (*path, key))


WRONG = [None, "x", -1, 1e300, [], {}, True]


@pytest.mark.usefixtures("undrawn")
def test_a_manifest_that_was_edited_anywhere_gives_a_report_or_a_sentence(run, report):
    original = (run / manifest.NAME).read_text()
    rng = random.Random(1)
    for path in rng.sample([path for path in leaves(json.loads(original)) if path], 60):
        document = json.loads(original)
        place = document
        for key in path[:-1]:
            place = place[key]
        wrong = rng.choice([*WRONG, "gone"])
        if wrong == "gone":
            del place[path[-1]]
        else:
            place[path[-1]] = wrong
        (run / manifest.NAME).write_text(json.dumps(document))
        try:
            report(run)
        except BaseException as error:
            raise AssertionError(f"{path} = {wrong!r}") from error


def test_an_older_schema_is_a_sentence(run, report):
    document = json.loads((run / manifest.NAME).read_text())
    (run / manifest.NAME).write_text(json.dumps(document | {"schema_version": 0}))
    said = report(run)
    assert said.code == 2 and "has schema 0, and this version reads 1" in said.err


def test_a_report_that_cannot_be_written_is_a_sentence(run, lab):
    shutil.rmtree(run / "figures")
    (run / "figures").write_text("a file where the folder should be")
    said = lab("report", run)
    assert said.code == 2 and "The report cannot be written to" in said.err


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["run.json", "deliveries.parquet"])
def test_of_a_comparison_that_was_killed_the_whole_parts_are_shown(tmp_path, name, damage, lab):
    where = tmp_path / "run"
    runs = [synthetic.write_run(where, planned, [3.0] * 20) for planned in plan.blocks([plan.Cell("sse")], 2, 1)]
    synthetic.write_manifest(where, runs, 2, state="running")
    damage(folder.part(where, 0) / name)
    said = lab("report", where)
    assert "Traceback" not in said.err and (where / "report.html").exists()
    if name == "deliveries.parquet":
        assert "parts/000 was cut short or edited" in said.out
    assert (folder.part(where, 1) / "deliveries.parquet").exists()
