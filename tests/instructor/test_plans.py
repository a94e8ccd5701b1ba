"""Every plan fits its minutes, and says what to drop first."""

import re
from itertools import pairwise

import pytest

from tests.instructor.pack import HEADINGS, INSTRUCTOR

ROW = re.compile(r"^\| (\d+)\u2013(\d+) \|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)
ORDER = ["first", "second", "third", "fourth"]
A_PAGE = 700  # words
plans = pytest.mark.parametrize("minutes", [45, 90, 180])


def plan(minutes):
    return (INSTRUCTOR / "plans" / f"{minutes}.md").read_text()


def rows(minutes):
    """(from, to, what, the titles of its slides, when to drop it)"""
    for begins, ends, what, slides, drop in ROW.findall(plan(minutes)):
        titles = [title.strip() for title in slides.split(" · ") if title.strip()]
        yield int(begins), int(ends), what.strip(), titles, drop.strip()


def test_there_is_no_other_plan():
    assert {path.stem for path in (INSTRUCTOR / "plans").iterdir()} == {"45", "90", "180"}


@plans
def test_the_minutes_follow_each_other_and_fill_the_plan(minutes):
    times = [(begins, ends) for begins, ends, *_ in rows(minutes)]
    assert times[0][0] == 0 and times[-1][1] == minutes
    assert all(before[1] == after[0] for before, after in pairwise(times))
    assert sum(ends - begins for begins, ends in times) == minutes
    assert all(ends > begins for begins, ends in times)


@plans
def test_it_says_what_to_drop_first_and_keeps_the_guesses(minutes):
    marked = {drop for *_, drop in rows(minutes) if drop}
    assert marked == set(ORDER[: len(marked)]) and len(marked) >= 3
    assert any("Guess" in what and not drop for _, _, what, _, drop in rows(minutes))


@plans
def test_every_slide_that_it_names_is_one_and_they_come_in_order(minutes):
    titles = [title for *_, titles, _ in rows(minutes) for title in titles]
    ahead = iter(HEADINGS)
    assert titles and [title for title in titles if title not in ahead] == []


@plans
def test_it_is_a_page(minutes):
    assert len(plan(minutes).split()) < A_PAGE
