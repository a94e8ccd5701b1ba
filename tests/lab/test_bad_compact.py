"""`lab report` on compact folders that were cut short or edited: a report or a sentence, never a traceback."""

import json
import random

import polars as pl
import pytest

from lab import folder, keep, manifest
from tests.lab.test_bad_folders import DAMAGES, WRONG, contents, leaves, removed

MISSING = {removed: "is missing"}


@pytest.fixture(scope="module")
def made_compact(made_once, tmp_path_factory):
    where = tmp_path_factory.mktemp("reference") / "compact"
    keep.compactly(made_once, where)
    return where


@pytest.fixture
def compact(made_compact, tmp_path):
    import shutil

    return shutil.copytree(made_compact, tmp_path / "compact")


@pytest.fixture
def undrawn(monkeypatch):
    monkeypatch.setattr("lab.plots.draw", lambda found: {})
    monkeypatch.setattr("lab.report.page", lambda *_: "drawn elsewhere")


@pytest.fixture
def refused(lab):
    """`refused(folder)` is the sentence with which there is no new report, and the old one is left in place."""

    def call(where):
        before = contents(where)
        said = lab("report", where)
        assert said.code == 2 and not said.out and contents(where) == before
        assert said.err.startswith("lab: ") and len(said.err.strip().splitlines()) == 1
        return said.err

    return call


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["summary.json", manifest.NAME])
def test_without_its_summary_or_its_manifest_nothing_can_be_said(compact, name, damage, refused):
    if name == manifest.NAME:
        (compact / name).write_bytes((compact / name).read_bytes().rstrip())  # else the last byte would not be missed
    damage(compact / name)
    assert name in refused(compact)


@pytest.mark.parametrize("change", [("509", "409"), ('"valid": true', '"valid": false'), ('"runs": 12', '"runs": 13')])
def test_a_summary_that_was_edited_is_not_shown(compact, change, refused):
    path = compact / "summary.json"
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change))
    assert "summary.json was cut short or edited" in refused(compact)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_sample_is_named_and_the_rest_is_shown(compact, damage, lab):
    damage(compact / folder.SAMPLES)
    said = lab("report", compact)
    assert said.code == 0
    assert f"samples.parquet {MISSING.get(damage, 'is not what was recorded')}" in said.out


@pytest.mark.usefixtures("undrawn")
def test_a_sample_that_was_edited_is_named(compact, lab):
    pl.read_parquet(compact / folder.SAMPLES).head(3).write_parquet(compact / folder.SAMPLES)
    assert "samples.parquet is not what was recorded" in lab("report", compact).out


@pytest.mark.usefixtures("undrawn")
def test_a_manifest_that_was_edited_anywhere_gives_a_report_or_a_sentence(compact, lab):
    original = (compact / manifest.NAME).read_text()
    rng = random.Random(2)
    for path in rng.sample([path for path in leaves(json.loads(original)) if path], 60):
        document = json.loads(original)
        place = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = rng.choice(WRONG)
        (compact / manifest.NAME).write_text(json.dumps(document))
        try:
            said = lab("report", compact)
        except BaseException as error:
            raise AssertionError(f"{path}") from error
        assert said.code in (0, 2) and "Traceback" not in said.err
