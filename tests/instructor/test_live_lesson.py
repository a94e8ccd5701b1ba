"""The page for the live lesson: it says what is so, and fits one sheet."""

import re
import tomllib

import pytest

from lab import printed
from lab.errors import BadUse
from tests.instructor.pack import INSTRUCTOR
from tests.processes import ROOT

PAGE = INSTRUCTOR / "live-lesson.md"
PLAN = tomllib.loads((ROOT / "lab/live/lesson/lesson.toml").read_text())
ROWS = [(int(begin), int(end)) for begin, end in re.findall(r"^\| (\d+)\u2013(\d+) \|", PAGE.read_text(), re.MULTILINE)]


def test_its_minutes_are_those_of_the_plan():
    planned = [phase["minutes"] for phase in PLAN["phases"] if phase["minutes"]]
    assert [end - begin for begin, end in ROWS] == planned and ROWS[-1][1] == sum(planned) == 20


def test_its_options_are_those_of_the_command():
    command = (ROOT / "lab/cli.py").read_text()
    named = set(re.findall(r"--([a-z]+)", PAGE.read_text()))
    assert named == {"class", "address", "robots"}
    assert all(re.search(rf'"--{option}"|\b{option}: Annotated', command) for option in named)


@pytest.mark.browser
@pytest.mark.parametrize("sheet", ["A4", "Letter"])
def test_it_fits_one_sheet_of_paper(sheet, browser, tmp_path):
    to = tmp_path / "live-lesson.html"
    printed.build(PAGE, to)
    page = browser.new_page()
    page.goto(to.as_uri())
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=sheet, prefer_css_page_size=False))) == 1
    page.close()


def test_a_page_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(BadUse, match="cannot be read"):
        printed.build(tmp_path / "none.md", tmp_path / "none.html")
