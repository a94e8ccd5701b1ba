"""lab/pages/exercises.py: an exercise as a page shows it."""

import pytest

from lab.grader.exercise import every
from lab.pages.refusal import BadPage


def test_an_exercise_says_what_it_asks_and_how_to_begin(convert):
    [first, *_] = every()
    page = convert(f"{{{{ exercise {first.name} }}}}")
    assert "Exercise 1: Where was I?" in page and first.described.asks in page
    assert "<code>.venv/bin/lab exercise start 1</code>" in page


def test_the_table_has_them_all(convert):
    page = convert("{{ exercises }}")
    assert all(one.described.asks in page for one in every()) and page.count("<tr>") == len(every()) + 1
    assert '<a href="are-we-there-yet.md">1 Are we there yet?</a>' in page


def test_one_that_is_not_there_stops_the_build(convert):
    with pytest.raises(BadPage, match="There is no exercise 99"):
        convert("{{ exercise 99 }}")
