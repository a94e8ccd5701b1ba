"""Quizzes and predictions in a browser: by keyboard alone, told to screen readers, kept, and sent nowhere."""

import re

import pytest
from markdown import Markdown
from playwright.sync_api import expect

from lab.pages import makeExtension, recorded
from lab.wording import text
from tests.processes import ROOT

pytestmark = pytest.mark.browser
LESSON = "who-hears-first/index.html"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>
<link rel="stylesheet" href="{lessons}/stylesheets/questions.css"><main class="md-typeset"><h1>A page</h1>{body}</main>
<script src="{lessons}/scripts/keep.js"></script><script src="{lessons}/scripts/quiz.js"></script>
<script src="{lessons}/scripts/predict.js"></script></html>"""
SEVERAL = """/// quiz | kept
    objective: 1
    several: true

Which?

- [x] One.
    It is one of them.
- [ ] Two.
    It is not.
- [x] Three.
    It is the other.
///
"""
CHOICE = """/// predict | way
    choice: by post | by wire | by air
    right: by wire

How?
///

{{ prediction way }}
"""


@pytest.fixture
def lesson(site, reader):
    """Lesson 0 of the site, from its file."""
    page = reader.new_page()
    page.goto(f"file://{site / LESSON}")
    return page


@pytest.fixture
def written(tmp_path, reader):
    """`written(text)` is a page of that Markdown, without the site around it."""

    def write(text, before=""):
        body = Markdown(extensions=[makeExtension()]).convert(text)
        (tmp_path / "page.html").write_text(PAGE.format(lessons=(ROOT / "lessons").as_uri(), body=body))
        page = reader.new_page()
        page.add_init_script(before)
        page.goto((tmp_path / "page.html").as_uri())
        return page

    return write


def tab_to(page, element):
    """Press Tab until the element has the focus."""
    for _ in range(200):
        if element.evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not come to it")


def quiz(page, number=0):
    return page.locator(".quiz").nth(number)


def test_a_quiz_is_answered_by_keyboard_and_told_to_screen_readers(lesson):
    first = quiz(lesson)
    wrong, right = first.locator(".wrong").first, first.locator(".right")
    told = first.get_by_role("status")
    expect(told).to_have_text("")
    tab_to(lesson, wrong.locator("summary"))
    lesson.keyboard.press("Enter")
    expect(wrong.locator("p")).to_be_visible()
    expect(told).to_have_text(
        re.compile(rf"^Not so\. .* 0 of {lesson.locator('.quiz').count()} questions answered\.$", re.DOTALL)
    )
    tab_to(lesson, right.locator("summary"))
    lesson.keyboard.press("Space")
    expect(right.locator("p")).to_be_visible()
    expect(told).to_have_text(re.compile(r"^Right\. .* 1 of \d questions answered\.$", re.DOTALL))


def test_the_line_at_the_head_counts_leads_on_and_begins_anew(lesson):
    line, count = lesson.locator(".quiz-progress"), lesson.locator(".quiz").count()
    expect(line).to_contain_text(f"0 of {count} questions answered.")
    for number in range(count):
        expect(line.get_by_role("link")).to_have_attribute("href", f"#{quiz(lesson, number).get_attribute('id')}")
        quiz(lesson, number).locator(".right summary").click()
    expect(line).to_contain_text(f"{count} of {count} questions answered, each at the first try.")
    expect(line.get_by_role("link")).to_be_hidden()
    line.get_by_role("button", name="Start again").click()
    expect(line).to_contain_text(f"0 of {count} questions answered.")
    expect(lesson.locator(".quiz details[open]")).to_have_count(0)


def test_answers_survive_a_reload_and_are_not_announced_again(lesson):
    quiz(lesson).locator(".wrong summary").first.click()
    quiz(lesson).locator(".right summary").click()
    lesson.reload()
    expect(quiz(lesson).locator("details[open]")).to_have_count(2)
    expect(quiz(lesson).get_by_role("status")).to_have_text("")
    expect(lesson.locator(".quiz-progress")).to_contain_text(re.compile(r"^1 of \d questions answered\."))


def test_where_several_are_right_all_must_be_found(written):
    page = written(SEVERAL)
    page.locator(".right summary").first.click()
    expect(page.locator(".quiz-progress")).to_contain_text("0 of 1 questions answered.")
    page.locator(".right summary").last.click()
    expect(page.locator(".quiz-progress")).to_contain_text("1 of 1 questions answered, each at the first try.")


def test_a_prediction_is_made_by_keyboard_told_kept_and_shown_beside_what_was_measured(lesson):
    _, found = recorded.measured("irc-room", "short-polling@1s", "latency_p50")
    box, line = lesson.locator("#predict-short-polling-wait"), lesson.locator(".prediction").first
    measured = text(found, "ms")
    expect(line).to_have_text(
        re.compile(rf"^You wrote no guess down, which is fine\. It was {measured} \(.* to .*\)\.$")
    )
    tab_to(lesson, box.get_by_role("textbox", name=re.compile(r"^Short polling asks once a second\. .* ms$")))
    lesson.keyboard.type("2 s")
    lesson.keyboard.press("Enter")
    expect(box.get_by_role("status")).to_have_text("Kept: 2 s. You will see it again beside the answer.")
    said = re.compile(rf"^You said 2 s; it was {measured} \(.*\): {2000 / found.value:.0f} times less\.$")
    expect(line).to_have_text(said)
    lesson.reload()
    expect(box.get_by_role("textbox")).to_have_value("2 s")
    expect(line).to_have_text(said)
    expect(box.get_by_role("status")).to_have_text("")
    box.get_by_role("textbox").fill("")
    box.get_by_role("button").click()
    expect(line).to_contain_text("You wrote no guess down")


def test_what_is_no_number_is_asked_for_again(lesson):
    box = lesson.locator("#predict-short-polling-wait")
    box.get_by_role("textbox").fill("long")
    box.get_by_role("textbox").press("Enter")
    expect(box.get_by_role("status")).to_have_text("There is no number in that: write it like 20 ms.")
    expect(box.get_by_role("textbox")).to_have_attribute("aria-invalid", "true")
    expect(lesson.locator(".prediction").first).to_contain_text("You wrote no guess down")


def test_a_guess_among_few_is_made_by_keyboard_and_survives_a_reload(written):
    page = written(CHOICE)
    line = page.locator(".prediction")
    expect(line).to_have_text("You made no guess, which is fine. The answer is by wire.")
    tab_to(page, page.get_by_role("radio", name="by post"))
    page.keyboard.press("Space")
    expect(line).to_have_text("You said by post; it is by wire.")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("status")).to_have_text("Kept: by wire. You will see it again beside the answer.")
    expect(line).to_have_text("You said by wire, and so it is.")
    page.reload()
    expect(page.get_by_role("radio", name="by wire")).to_be_checked()
    expect(line).to_have_text("You said by wire, and so it is.")


@pytest.mark.parametrize(
    ("said", "unit", "number"),
    [("2 s", "ms", 2000), ("1,500", "ms", 1500), ("0,5 s", "ms", 500), ("about 30ms", "ms", 30), (".5", "times", 0.5),
     ("3x", "times", 3), ("2 KiB", "B per message", 2048), ("90 %", "%", 90), ("40", "% of one CPU", 40),
     ("soon", "ms", None), ("-3", "ms", None), ("", "ms", None)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(written, said, unit, number):
    read = written(CHOICE).evaluate("([said, unit]) => predict.read(said, unit)", [said, unit])
    assert read == pytest.approx(number) if number is not None else read != read


@pytest.mark.parametrize(
    ("said", "value", "unit", "words"),
    [(2000, 512, "ms", "4 times less"), (100, 512, "ms", "5 times as much"), (510, 512, "ms", "you knew it"),
     (530, 512, "ms", "very close"), (600, 512, "ms", "15 % less"), (400, 512, "ms", "28 % more"),
     (0, 512, "ms", "more"), (5, 0, "times", "less"), (50, 96, "%", "46 percentage points more"),
     (1e6, 2.5, "ms", "400,000 times less")],
)  # fmt: skip
def test_how_far_off_a_guess_was_is_told_in_words(written, said, value, unit, words):
    measured = {"value": value, "low": value * 0.99, "high": value * 1.01, "unit": unit}
    assert written(CHOICE).evaluate("([said, measured]) => predict.apart(said, measured)", [said, measured]) == words


REFUSED = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"


def test_where_the_browser_keeps_nothing_both_work_until_the_page_is_left(written):
    page = written(SEVERAL + "\n" + CHOICE, before=REFUSED)
    page.locator(".right summary").first.click()
    page.locator(".right summary").last.click()
    expect(page.locator(".quiz-progress")).to_contain_text("1 of 1 questions answered")
    page.get_by_role("radio", name="by air").check()
    expect(page.locator(".predict").get_by_role("status")).to_contain_text("This browser keeps nothing for pages")
    expect(page.locator(".prediction")).to_have_text("You said by air; it is by wire.")


def test_without_scripts_choices_unfold_and_answers_are_told(site, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"file://{site / LESSON}")
    page.locator(".quiz .right summary").first.click()
    expect(page.locator(".quiz .right p").first).to_be_visible()
    expect(page.locator(".prediction").first).to_contain_text("It was ")
    expect(page.locator(".predict").first).to_contain_text("Write your guess down.")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_asked_is_accessible_in_either_scheme(site, browser, scheme):
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(f"file://{site / LESSON}")
    page.locator(".quiz summary").first.click()
    page.locator(".predict input").first.fill("1 s")
    page.locator(".predict button").first.click()
    for part in (".quiz", ".predict", ".quiz-progress", ".prediction"):
        assert page.locator(part).count()
        assert [found["id"] for found in Axe().run(page, context=part).response["violations"]] == [], part
    context.close()
