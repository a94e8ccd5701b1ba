"""The fifteen questions: each answer rests on a recorded run, on a standard, or says that it rests on nothing here."""

import re

import pytest

from lab.pages.directives import DIRECTIVE
from tests.processes import ROOT

PAGE = (ROOT / "lessons/fifteen-questions.md").read_text()
QUESTIONS = re.findall(r"^## (\d+) (.+)\n+((?:.|\n)*?)(?=^## )", PAGE, re.MULTILINE)
OTHERS = re.findall(r"^### (.+)\n+((?:.|\n)*?)(?=^### |\Z)", PAGE.partition("## Where the others fit")[2], re.MULTILINE)
PRIMARY = re.compile(
    r"\]\(https://(?:www\.rfc-editor\.org/rfc/rfc\d+|(?:html|websockets)\.spec\.whatwg\.org|www\.w3\.org/TR)"
)
UNMEASURED = re.compile(r"\b(?:not|nothing of it is) measured here\b", re.IGNORECASE)


def rests(answer: str) -> bool:
    text = re.sub(r"\s+", " ", answer)
    return bool(DIRECTIVE.search(answer) or PRIMARY.search(text) or UNMEASURED.search(text.replace("*", "")))


def test_there_are_fifteen_and_each_is_a_question():
    assert [int(number) for number, _, _ in QUESTIONS] == list(range(1, 16))
    assert [title for _, title, _ in QUESTIONS if not title.endswith("?")] == []


@pytest.mark.parametrize(("title", "answer"), [pair[1:] for pair in QUESTIONS], ids=lambda text: text[:30])
def test_an_answer_says_where_it_was_asked_and_what_it_rests_on(title, answer):
    assert re.match(r"\*\[Asked\]\(https://", answer)
    assert rests(answer)


def test_the_others_have_their_place():
    assert [name for name, _ in OTHERS] == ["Socket.IO", "asyncio", "FastAPI", "WebTransport"]
    assert [name for name, answer in OTHERS if not UNMEASURED.search(re.sub(r"\s+", " ", answer))] == []
