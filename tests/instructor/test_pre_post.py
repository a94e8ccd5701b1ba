"""The test before and the test after: two forms alike, and a key that has something to say of every answer."""

import re

import pytest
from scipy.stats import binomtest

from tests.instructor.pack import INSTRUCTOR

LETTERS = "abcd"
ITEMS = range(1, 11)
OURS = re.compile(r"\b(Ada|Ben|dinner|chat|lesson|long polling|short polling|SSE|EventSource)\b")
KEY = (INSTRUCTOR / "pre-post" / "key.md").read_text()
forms = pytest.mark.parametrize("form", ["a", "b"])


def items(form):
    """By its number: the question, and the answers by their letter."""
    text = (INSTRUCTOR / "pre-post" / f"form-{form}.md").read_text()
    for number, body in re.findall(r"^## (\d+)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE):
        question, *_ = body.partition("\n- a. ")
        yield int(number), question.strip(), dict(re.findall(r"^- ([a-z])\. (.+)$", body, re.MULTILINE))


def rows(number):
    """Of an item's key: (letter in form A, letter in form B, whether it is right, what it reveals)."""
    part = re.search(rf"^## {number} .*?(?=^## |\Z)", KEY, re.DOTALL | re.MULTILINE)[0]
    for a, b, told in re.findall(r"^\| (\*\*[a-d]\*\*|[a-d]) \| (\*\*[a-d]\*\*|[a-d]) \| (.*) \|$", part, re.MULTILINE):
        assert a.startswith("*") == b.startswith("*")
        yield a.strip("*"), b.strip("*"), a.startswith("*"), told


@forms
def test_a_form_has_ten_questions_with_four_answers_each(form):
    found = list(items(form))
    assert [number for number, *_ in found] == list(ITEMS)
    for _, question, answers in found:
        assert question.endswith("?") and "".join(answers) == LETTERS
        assert len(set(answers.values())) == len(LETTERS)


@pytest.mark.parametrize("number", ITEMS)
def test_the_key_has_one_right_answer_and_says_of_each_other_what_it_reveals(number):
    found = list(rows(number))
    assert sorted(a for a, *_ in found) == sorted(b for _, b, *_ in found) == list(LETTERS)
    assert [right for *_, right, _ in found] == [True, False, False, False]
    assert [told.startswith("Right: ") for *_, told in found] == [True, False, False, False]
    assert all(len(told.split()) >= 5 for *_, told in found)


@pytest.mark.parametrize("place", [0, 1])
def test_the_right_letters_are_no_pattern(place):
    right = [row[place] for number in ITEMS for row in rows(number) if row[2]]
    assert set(right) == set(LETTERS) and max(map(right.count, LETTERS)) <= 4
    assert not any(right[n] == right[n + 1] == right[n + 2] for n in range(8))


def test_no_form_asks_for_what_a_page_says():
    """Transfer: another world than the course's, so that nobody can recall an answer."""
    for form in "ab":
        for _, question, answers in items(form):
            said = " ".join([question, *answers.values()])
            assert not OURS.search(said), said


def test_how_many_must_have_moved_is_so():
    assert "when eight have moved one way and one the other, it is unlikely to be chance" in " ".join(KEY.split())
    assert binomtest(8, 9).pvalue < 0.05 < binomtest(7, 8).pvalue
    assert binomtest(4, 6).pvalue > 0.5
