"""Every lesson is built alike: what it promises is asked, and what people get wrong is answered."""

import ast
import re
from collections import Counter

import pytest

from tests.lessons.course import IN_NAV, LESSONS, PAGES
from tests.processes import ROOT

SECTIONS = ["Question", "Predict", "Run", "Look", "Explain", "Break it", "When the other wins", "Key points"]
OPTIONAL = {"Look", "Break it", "When the other wins"}
FRONT = {"title": str, "teaching_min": int, "exercise_min": int, "core": bool, "objectives": list,
         "misconceptions": list, "requires": list}  # fmt: skip

lessons = pytest.mark.parametrize("lesson", LESSONS, ids=str)
pages = pytest.mark.parametrize("page", PAGES, ids=str)


def asked_for(page, what):
    """The numbers that the page's quizzes say they test."""
    found = [options.get(what) for _, options in page.asked("quiz")]
    return [n for one in found if one is not None for n in (one if isinstance(one, list) else [one])]


def test_the_lessons_are_those_that_the_site_leads_to():
    assert LESSONS and {lesson.path for lesson in LESSONS} == IN_NAV


@lessons
def test_a_lesson_has_its_sections_in_order(lesson):
    assert lesson.sections == [one for one in SECTIONS if one in lesson.sections]
    assert set(SECTIONS) - OPTIONAL <= set(lesson.sections)


@lessons
def test_a_lesson_says_at_its_head_what_it_takes_and_what_it_gives(lesson):
    assert {name: type(value) for name, value in lesson.front.items() if name in FRONT} == FRONT
    assert lesson.front["teaching_min"] > 0 and lesson.front["exercise_min"] >= 0
    assert lesson.front["objectives"] and lesson.front["misconceptions"]
    for sentences in ("objectives", "misconceptions"):
        assert all(isinstance(one, str) and one.endswith((".", "?", "!")) for one in lesson.front[sentences])
    assert re.match(rf"# {re.escape(lesson.front['title'])}( \(.*\))?\n", lesson.text.lstrip())


@lessons
def test_what_a_lesson_requires_is_a_lesson_and_not_itself(lesson):
    assert set(lesson.front["requires"]) <= {str(other) for other in LESSONS} - {str(lesson)}


def test_no_lesson_requires_an_optional_one():
    """So the optional ones may be read in any order, and left out."""
    optional = {str(lesson) for lesson in LESSONS if not lesson.front["core"]}
    assert optional and not any(optional & set(lesson.front["requires"]) for lesson in LESSONS)


@lessons
def test_every_objective_is_asked_for(lesson):
    assert set(range(1, len(lesson.front["objectives"]) + 1)) <= set(asked_for(lesson, "objective"))


@lessons
def test_every_misconception_can_be_chosen_and_is_answered(lesson):
    """A quiz always has a wrong choice, and says of each choice why: else the page is not built."""
    assert set(range(1, len(lesson.front["misconceptions"]) + 1)) <= set(asked_for(lesson, "misconception"))


@pages
def test_a_quiz_tests_what_the_page_is_about(page):
    for what in ("objective", "misconception"):
        assert set(asked_for(page, what)) <= set(range(1, len(page.front.get(f"{what}s", [])) + 1))


@lessons
def test_what_a_lesson_lets_predict_it_asks_before_it_explains(lesson):
    predicted = [id for id, _ in lesson.asked("predict")]
    assert predicted
    assert all(f"/// predict | {id}\n" in lesson.section("Predict") for id in predicted)
    assert Counter(words[1] for words in lesson.directives if words[0] == "prediction") == Counter(predicted)
    assert not any(f"{{{{ prediction {id} }}}}" in lesson.section("Predict") for id in predicted)


@pytest.mark.parametrize("kind", ["quiz", "predict"])
def test_no_two_blocks_of_the_site_share_an_id(kind):
    """What a reader answered is kept under it."""
    ids = Counter(id for page in PAGES for id, _ in page.asked(kind))
    assert [id for id, count in ids.items() if count > 1] == []


def test_lessons_require_each_other_in_no_circle():
    left = {str(lesson): set(lesson.front["requires"]) for lesson in LESSONS}
    while free := {name for name, required in left.items() if not required & set(left)}:
        left = {name: required for name, required in left.items() if name not in free}
    assert left == {}


MINIMAL = {"short_polling": "are-we-there-yet", "long_polling": "hold-the-line", "sse": "one-way-radio",
           "websocket": "both-ways"}  # fmt: skip


@pytest.mark.parametrize(("file", "lesson"), MINIMAL.items())
def test_every_function_of_a_minimal_server_is_shown_by_its_lesson(file, lesson):
    [page] = [page for page in LESSONS if str(page) == lesson]
    path = f"servers/minimal/{file}.py"
    defined = {node.name for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, ast.FunctionDef)}
    shown = [words[2:] for words in page.directives if words[:2] == ["source", path]]
    assert defined
    assert [] in shown or defined <= {name for [name] in shown}
