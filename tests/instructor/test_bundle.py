"""The learners' bundle: it has no solution in it, and it works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from lab import bundle
from lab.errors import BadUse
from lab.grader.exercise import every
from tests.processes import ROOT

TELLING = 12  # characters: a shorter line is in every program
DATA = (".parquet", ".svg", ".pcapng", ".pyc")
OUT = re.compile(r"instructor/|exercises/[^/]+/(wrong/|key\.toml$)|tests/(exercises|instructor)/")
HALF = 0.5  # of a solution's own lines: more of them in one file is the solution


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """The file, as `make bundle` writes it."""
    to = tmp_path_factory.mktemp("bundle") / "build" / "polls-apart-learner.zip"
    assert bundle.build(to) == len(bundle.files()) > 300
    return to


@pytest.fixture(scope="module")
def unpacked(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("learner")
    with ZipFile(archive) as packed:
        packed.extractall(folder)
    return folder / bundle.FOLDER


def lines(path: Path) -> set[str]:
    """Those that say something; of TOML each with the table that it is in."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return set()
    found, table = set(), ""
    for line in map(str.strip, text.splitlines()):
        if path.suffix == ".toml" and line.startswith("["):
            table = line
        found.add(f"{table} {line}".strip())
    return {line for line in found if len(line) >= TELLING}


def own_lines(one) -> set[str]:
    """What a solution's file has, and neither its starter nor any file of ours that lessons show."""
    given = set[str]().union(*(lines(path) for path in one.starter.rglob("*") if path.is_file()))
    shown = set[str]().union(*(lines(path) for path in (ROOT / "servers").rglob("*.py")))
    return lines(ROOT / "instructor" / one.name / "solution" / one.described.file) - given - shown


def giving_away(folder: Path, one) -> list[str]:
    """The files in which most of a solution stands. A later exercise may begin where an earlier one ended."""
    own = own_lines(one)
    assert own, f"{one.name}: its solution has nothing that its starter has not"
    texts = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in DATA]
    others = [path for path in texts if not ("starter" in path.parts and one.name not in path.parts)]
    return [str(path.relative_to(folder)) for path in others if len(own & lines(path)) >= HALF * len(own)]


@pytest.mark.parametrize("one", every(), ids=lambda one: one.name)
def test_no_solution_is_in_it(unpacked, one):
    assert giving_away(unpacked, one) == []


def test_a_solution_would_be_seen():
    """Where the wrong answers are, most of a solution is too: each has one mistake."""
    one = every()[0]
    assert giving_away(ROOT / "exercises" / one.name, one)


def test_what_gives_answers_away_is_left_out_and_nothing_else(archive):
    packed = {name.removeprefix(f"{bundle.FOLDER}/") for name in ZipFile(archive).namelist()}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    tracked = listed.stdout.splitlines()
    out = set(tracked) - packed
    assert out and all(map(OUT.match, out))
    assert not [name for name in packed if name.startswith("instructor/") or "/wrong/" in name]
    exercise, run = "exercises/01-cursor/starter/chat.py", "results/reference/irc-room/summary.json"
    assert {"Makefile", "lab/cli.py", exercise, run} <= packed


def test_the_same_files_give_the_same_archive_and_links_are_files(archive, tmp_path):
    bundle.build(tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == archive.read_bytes()
    palette = ZipFile(archive).read(f"{bundle.FOLDER}/lessons/stylesheets/palette.css")
    assert palette == (ROOT / "servers/web/palette.css").read_bytes()


def test_without_git_it_says_so_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "ROOT", tmp_path)
    with pytest.raises(BadUse, match=r"^The bundle is made of what git tracks"):
        bundle.build(tmp_path / "learner.zip")


def lab(unpacked, *arguments):
    """A command of the bundle's own lab, by the tests' Python."""
    command = [sys.executable, "-m", "lab", *arguments]
    environment = os.environ | {"PYTHONPATH": str(unpacked)}
    return subprocess.run(command, cwd=unpacked, capture_output=True, text=True, env=environment)


def test_an_exercise_is_started_and_checked_from_it(unpacked):
    answer = unpacked / "answers/01-cursor"
    started = lab(unpacked, "exercise", "start", "1")
    assert started.returncode == 0 and (answer / "chat.py").is_file(), started.stderr
    first = lab(unpacked, "exercise", "check", "1")
    assert first.returncode == 1 and "not yet" in first.stdout, first.stderr
    shutil.copy(ROOT / "instructor/01-cursor/solution/chat.py", answer / "chat.py")
    second = lab(unpacked, "exercise", "check", "1", "--json")
    assert second.returncode == 0 and json.loads(second.stdout)["passed"] is True, second.stderr
    assert lab(unpacked, "exercise", "hint", "1").stdout.startswith("Hint 1 of 3: ")


@pytest.mark.prove
def test_it_measures(unpacked):
    options = ("--quick", "--no-floor", "--transports", "websocket", "--duration", "0.5")
    measured = lab(unpacked, "compare", *options)
    assert (unpacked / "results/runs/latest/report.html").is_file(), measured.stderr


def test_what_has_a_key_is_checked_from_it_and_the_key_is_out_of_sight(unpacked):
    keys = [path.parent.name for path in (ROOT / "exercises").glob("*/key.toml")]
    assert keys
    for name in keys:
        assert not (unpacked / "exercises" / name / "key.toml").exists()
        answer = str(ROOT / "instructor" / name / "solution")
        checked = lab(unpacked, "exercise", "check", name, "--dir", answer, "--json")
        assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.prove
def test_a_learner_gets_from_the_archive_to_a_report_by_make_alone(archive, tmp_path):
    """As a learner would: nothing of ours is borrowed, so it takes a network for the set-up."""
    with ZipFile(archive) as packed:
        packed.extractall(tmp_path)
    home = tmp_path / bundle.FOLDER
    subprocess.run(["make", "compare"], cwd=home, check=True)
    assert (home / "results/runs/latest/report.html").is_file()
    for words, code in ((["start", "1"], 0), (["check", "1"], 1)):
        assert subprocess.run([".venv/bin/lab", "exercise", *words], cwd=home).returncode == code
