"""A report as a learner sees it on a terminal."""

import io

import pytest
from rich.console import Console

from lab.grader import told
from lab.grader.exercise import find
from lab.grader.marking import Marked, Report
from lab.grader.story import Step

LONG = "81 85 37 fa 21 3d 7f 9f 4d 51 58 " * 8 + "and that was all"
STEP = Step(0.25, "Ada", "program", "POST /rooms/room-123456/messages " + "with a very long text " * 9)


def marked(title, passed):
    return Marked(title, passed, "" if passed else "a-cause", "this", LONG, "Because.", "Do that.", [STEP])


def shown(width, *checks):
    """The lines of a report on a terminal that wide."""
    console = Console(file=io.StringIO(), width=width)
    told.show(console, find("1"), Report("01-cursor", False, 1.0, [*checks]), None)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [50, 80, 120])
def test_what_is_too_long_for_a_line_goes_on_under_itself(width):
    lines = shown(width, marked("A title that is long enough for two lines on a narrow terminal.", False))
    assert max(map(len, lines)) <= width
    first = next(n for n, line in enumerate(lines) if line.startswith("  seen "))
    rest = [line[: len("  seen      ")] for line in lines[first + 1 : first + len(LONG) // width + 1]]
    assert lines[first][: len("  seen      ")] == "  seen      " and set(rest) == {" " * len("  seen      ")}
    assert in_one_line(lines).count(LONG) == 1


def in_one_line(lines):
    return " ".join(" ".join(lines).split())


def test_the_first_failure_is_explained_and_the_others_are_counted():
    text = in_one_line(shown(80, marked("One.", True), marked("Two.", None), *(marked(f"{n}.", False) for n in "345")))
    assert "Explained here is the first that did not pass; 3 more did not: mend this one first" in text
    assert text.count("Because.") == 1


def test_one_failure_is_explained_without_ado():
    assert not any("Explained" in line for line in shown(80, marked("One.", True), marked("Two.", False)))


def test_a_failure_is_explained_before_what_nobody_can_say():
    report = Report("01-cursor", False, 1.0, [marked("One.", None), marked("Two.", False)])
    assert report.first_bad is report.checks[1] and report.passes == 0
    assert Report("01-cursor", None, 1.0, [marked("One.", None)]).first_bad.title == "One."
    assert Report("01-cursor", True, 1.0, [marked("One.", True)]).first_bad is None
