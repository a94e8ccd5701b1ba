"""Every lesson has notes, and they are about that lesson: its minutes, its misconceptions, its predictions."""

import re

import pytest

from lab.grader.exercise import every
from tests.instructor.pack import INSTRUCTOR, NOTES, PAGES, TOLD
from tests.lessons.course import Page
from tests.lessons.test_numbers import DESIGNED, QUOTED, typed

SECTIONS = ["Timing", "Say", "Misconceptions", "Predictions", "Exercise", "On their machines"]
notes = pytest.mark.parametrize("name", NOTES)


def test_every_lesson_has_notes_and_no_other_page_has():
    assert {path.stem for path in (INSTRUCTOR / "notes").iterdir()} == set(NOTES) and len(NOTES) > 15


@notes
def test_notes_have_their_sections_in_order_and_lead_to_their_page(name):
    _, page = NOTES[name]
    assert page.sections == SECTIONS
    assert f"(../../lessons/{name}.md)" in page.text


@notes
def test_the_timing_takes_as_long_as_the_lesson_says(name):
    lesson, page = NOTES[name]
    minutes = [int(n) for n in re.findall(r"^\| (\d+) \|", page.section("Timing"), re.MULTILINE)]
    assert sum(minutes) == lesson.front["teaching_min"] + lesson.front["exercise_min"]


@notes
def test_each_misconception_has_the_question_that_brings_it_to_light(name):
    lesson, page = NOTES[name]
    items = re.split(r"^\d+\. ", page.section("Misconceptions"), flags=re.MULTILINE)[1:]
    assert [" ".join(item.split("*")[1].split()) for item in items] == lesson.front["misconceptions"]
    for item in items:
        assert re.search(r"\*[^*]+\?\*", item.partition("*")[2].partition("*")[2]), item


@notes
def test_each_prediction_is_spoken_of_with_the_place_of_its_answer(name):
    lesson, page = NOTES[name]
    told = page.section("Predictions")
    assert set(re.findall(r"^- `([a-z0-9-]+)`:", told, re.MULTILINE)) == {id for id, _ in lesson.asked("predict")}
    places = re.findall(r"beneath\s+\*Explain\*,\s+\*([^*]+)\*|(?:beneath|in|of) \*([^*]+)\*", told)
    assert places, "it says nowhere where the answer stands"
    for place in filter(None, (one for pair in places for one in pair)):
        assert " ".join(place.split()) in " ".join(lesson.text.split()), place


@pytest.mark.parametrize("path", TOLD, ids=lambda path: str(path.relative_to(INSTRUCTOR)))
def test_no_measured_number_is_typed(path):
    assert [words for words, quantity in typed(Page(path).prose) if quantity not in DESIGNED | QUOTED] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(INSTRUCTOR)))
def test_every_link_leads_somewhere(path):
    """Of an exercise that is not written yet the number is known, and is larger than that of all that are."""
    for link in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
        number = re.search(r"exercises/(\d\d)-", link)
        if link.startswith("https://") or (number and int(number[1]) > max(int(one.name[:2]) for one in every())):
            continue
        assert (path.parent / link).resolve().exists(), link


def test_every_exercise_is_in_the_notes_of_its_lesson():
    for one in every():
        _, page = NOTES[one.described.lesson]
        assert f"exercises/{one.name}/README.md" in page.section("Exercise"), one.name
