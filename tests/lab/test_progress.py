"""The progress display."""

import io

import pytest
from rich.console import Console

from lab.plan import Cell, PlannedRun
from lab.progress import Progress, duration


@pytest.fixture
def progress():
    made = Progress(Console(file=io.StringIO(), width=120))
    made.plan([10.0] * 4)
    return made


def test_what_is_still_to_come_follows_how_long_the_runs_so_far_took(progress):
    assert 39 < progress.remaining() <= 40
    progress.begin(PlannedRun(0, 0, Cell("sse"), 1))
    progress.step("written")
    progress.end(PlannedRun(0, 0, Cell("sse"), 1), took_s=20.0)
    assert progress.remaining() == 60
    assert "1 of 4  SSE" in progress.console.file.getvalue() and "1 min 00 s to go" in progress.console.file.getvalue()


def test_the_line_says_what_runs_and_which_of_how_many(progress):
    progress.begin(PlannedRun(0, 0, Cell("long-polling"), 1))
    progress.step("window")
    console = Console(file=io.StringIO(), width=120)
    console.print(progress.line())
    text = console.file.getvalue()
    assert "run 1 of 4" in text and "Long polling" in text and "measuring" in text and "to go" in text


def test_quiet_says_nothing():
    progress = Progress(Console(file=io.StringIO()), quiet=True)
    progress.plan([1.0])
    with progress:
        progress.begin(PlannedRun(0, 0, Cell("sse"), 1))
        progress.end(PlannedRun(0, 0, Cell("sse"), 1), 1.0)
    assert progress.console.file.getvalue() == ""


@pytest.mark.parametrize(("seconds", "text"), [(0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s")])
def test_times_are_said_in_minutes_from_one_on(seconds, text):
    assert duration(seconds) == text
