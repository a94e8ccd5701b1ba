"""Every exercise is proved: its starter fails, its solution passes, and each known mistake fails for its own cause."""

import random
import re
import runpy
import shutil

import pytest

from lab.grader.exercise import HINTS, every
from lab.grader.faults import MISHAPS
from lab.grader.marking import checks, mark
from tests.processes import ROOT

EXERCISES = {one.name: one for one in every()}
WRONG = [(one.name, mistake) for one in every() for mistake in one.described.wrong]
exercises = pytest.mark.parametrize("name", EXERCISES)


def solution(name):
    return ROOT / "instructor" / name / "solution"


def solved(name, seed, folder):
    """The solution for who has this seed, which solve.py makes where it differs."""
    maker = ROOT / "instructor" / name / "solve.py"
    if not maker.exists():
        return solution(name)
    shutil.copytree(solution(name), folder)
    text = runpy.run_path(str(maker))["solve"](random.Random(seed))
    (folder / EXERCISES[name].described.file).write_text(text)
    return folder


def told(report):
    return [(marked.title, marked.cause, marked.expected, marked.seen) for marked in report.checks if not marked.passed]


@exercises
def test_the_starter_fails(name):
    report = mark(EXERCISES[name], EXERCISES[name].starter, exit_first=True)
    assert report.passed is False, told(report)


@exercises
def test_the_solution_passes(name):
    report = mark(EXERCISES[name], solution(name))
    assert report.passed is True, told(report)


@pytest.mark.prove
@exercises
def test_the_solution_passes_twenty_times_of_twenty_beside_a_busy_core(name, busy_core, tmp_path):
    reports = [mark(EXERCISES[name], solved(name, seed, tmp_path / str(seed)), seed=seed) for seed in range(20)]
    assert [told(report) for report in reports if report.passed is not True] == []


@pytest.mark.parametrize("exit_first", [True, pytest.param(False, marks=pytest.mark.prove)])
@pytest.mark.parametrize(("name", "mistake"), WRONG)
def test_a_known_mistake_fails_for_its_own_cause(name, mistake, exit_first):
    """What comes after its cause decides nothing; `make prove` sees that it does no harm."""
    report = mark(EXERCISES[name], EXERCISES[name].folder / "wrong" / mistake, exit_first=exit_first)
    assert report.passed is False
    assert report.causes[0] in EXERCISES[name].described.wrong[mistake].split(" or "), told(report)


@exercises
@pytest.mark.parametrize("how", ["emptied", "commented out"])
def test_nothing_is_no_answer(name, how, tmp_path):
    file = EXERCISES[name].described.file
    shutil.copytree(solution(name), tmp_path / name)
    text = (tmp_path / name / file).read_text()
    (tmp_path / name / file).write_text("" if how == "emptied" else re.sub("^", "# ", text, flags=re.MULTILINE))
    report = mark(EXERCISES[name], tmp_path / name)
    assert report.passed is False and report.causes == ["no-file"]


@exercises
def test_an_exercise_is_whole(name):
    one = EXERCISES[name]
    assert len(one.hints) == HINTS and len(one.described.wrong) >= 3 and len(checks(one)) >= 3
    assert {path.name for path in (one.folder / "wrong").iterdir()} == set(one.described.wrong)
    assert (ROOT / "lessons" / f"{one.described.lesson}.md").is_file()
    assert (one.starter / one.described.file).is_file() and (solution(name) / one.described.file).is_file()
    readme = (one.folder / "README.md").read_text()
    assert f"lab exercise start {int(name[:2])}" in readme and f"lab exercise check {int(name[:2])}" in readme


@exercises
def test_every_cause_is_one_that_a_check_can_give(name):
    one = EXERCISES[name]
    code = "".join(path.read_text() for path in one.folder.glob("*.py"))
    given = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)+|silent|crashed|ended)"', code))
    assert set(one.described.causes) <= given
    declared = {cause for causes in one.described.wrong.values() for cause in causes.split(" or ")}
    assert declared <= set(one.described.causes) | set(MISHAPS)


def test_five_are_core_as_their_lessons_are_and_all_stand_in_the_order_of_the_lessons():
    core = [one.described.lesson for one in every() if one.described.core]
    assert len(core) == 5
    assert all("\ncore: true\n" in (ROOT / "lessons" / f"{lesson}.md").read_text() for lesson in core)
    nav = (ROOT / "mkdocs.yml").read_text()
    places = [nav.index(f"{one.described.lesson}.md") for one in every()]
    assert places == sorted(places)
