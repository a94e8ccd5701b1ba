"""What the teachers' README says of commands, files and columns is so."""

import re

from lab.grader.classroom import RECORD, as_csv
from lab.grader.exercise import every
from lab.grader.workplace import seed
from tests.instructor.pack import INSTRUCTOR
from tests.processes import ROOT

README = (INSTRUCTOR / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
COMMANDS = (ROOT / "lab/grader/commands.py").read_text()


def test_it_says_that_the_solutions_are_public_and_that_the_grader_is_no_sandbox():
    assert "## The solutions are public" in README and "**The grader is no sandbox.**" in README


def test_all_that_is_here_is_told():
    told = set(re.findall(r"^\| \[?`?([\w./-]+?)`?[\](]", README, re.MULTILINE))
    here = {f"{path.name}/" if path.is_dir() else path.name for path in INSTRUCTOR.iterdir()} - {"README.md"}
    assert {name for name in here if not re.match(r"\d\d-", name)} <= told


def test_every_target_and_every_option_is_one():
    targets = set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    assert {"rehearse", "slides", "bundle"} <= set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE)) <= targets
    for option in set(re.findall(r"exercise (?:grade|start|check).*? --([a-z]+)", README)):
        assert re.search(rf"\b{option}: Annotated|\b{option}: Student\b|--{option}", COMMANDS), option


def test_the_columns_and_the_record_are_those_that_are_written():
    assert f"`{as_csv([]).strip()}`" in README and f"`class/{RECORD}`" in README


def test_a_name_has_its_own_numbers_whatever_its_capitals():
    assert seed("ada") == seed(" Ada ") != seed("ben")


def test_every_exercise_has_a_solution_and_a_rubric():
    for one in every():
        assert (INSTRUCTOR / one.name / "rubric.md").is_file() and (INSTRUCTOR / one.name / "solution").is_dir()
