"""The first page: its parts are the lessons, in order, and take as long as it says."""

import re

import pytest

from tests.lessons.course import PAGES
from tests.processes import ROOT

INDEX = (ROOT / "lessons/index.md").read_text()
PARTS = re.findall(r"^\| \*\*(\S+) .*?\*\* \| (.*) \| (.*) \|$", INDEX, re.MULTILINE)
WORDS = {"two hours": 120, "an hour and a half": 90, "three quarters of an hour": 45}
LESSONS = {page.path.name: page for page in PAGES if "teaching_min" in page.front}


def lessons(cell):
    return re.findall(r"\]\((\S+\.md)\)", cell)


def test_every_lesson_is_in_a_part_and_in_order():
    named = [name for _, cell, _ in PARTS for name in lessons(cell)]
    assert sorted(named) == sorted(LESSONS)
    numbers = [int(n) for name in named if (n := str(LESSONS[name].front["title"]).split()[0]).isdigit()]
    assert numbers == list(range(15))


@pytest.mark.parametrize(("part", "cell", "takes"), PARTS, ids=[part for part, _, _ in PARTS])
def test_a_part_takes_as_long_as_its_lessons(part, cell, takes):
    if part == "III":
        assert not any(LESSONS[name].front["core"] for name in lessons(cell))
        return
    fronts = [LESSONS[name].front for name in lessons(cell)]
    assert all(front["core"] for front in fronts)
    minutes = sum(front["teaching_min"] + front["exercise_min"] for front in fronts)
    assert minutes == WORDS[takes]
