"""An exercise where its lesson ends, and the table of them all."""

from lab.errors import BadUse
from lab.grader.exercise import Exercise, every, find
from lab.pages.refusal import BadPage

LAB = ".venv/bin/lab exercise"


def exercise(name: str) -> str:
    """What one asks, how long it takes, and how to begin."""
    try:
        found = find(name)
    except BadUse:
        raise BadPage(f"There is no exercise {name}: there are {', '.join(one.name for one in every())}.") from None
    number, described = int(found.name[:2]), found.described
    return f"""!!! example "Exercise {number}: {described.title}"

    {described.asks} About {described.minutes} minutes{", core" if described.core else ""}.

    `{LAB} start {number}` gives you a program to begin with, and says where to read what it must do.
    `{LAB} check {number}` drives yours with real clients, and tells you the first thing that is wrong."""


def exercises() -> str:
    """All of them, in the order of the lessons; on a phone a card for each."""
    head = ["| exercise | what it asks | lesson | minutes |", "| --- | --- | --- | --- |"]
    return "\n".join(['<div class="cards" markdown>\n', *head, *map(row, every()), "\n</div>"])


def row(one: Exercise) -> str:
    described = one.described
    title = f"{int(one.name[:2])} **{described.title}**{' (core)' if described.core else ''}"
    lesson = f"[{one.lesson}]({described.lesson}.md)"
    return f"| {title} | {described.asks} | {lesson} | {described.minutes} |"
