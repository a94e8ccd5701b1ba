"""What a page has its reader do, in order: type, press, look.

    ```sh title="Second terminal"       typed there, line by line; without a title: in the first
    ```python title="Second terminal"   typed there, into the program that runs in it
    ```js title="Console of URL"        typed into the console of a tab that is opened at URL; `Console`: of that tab
    ```text title="Second terminal"     what is seen there, or in the `Console`, or in the `Network panel`; without a
                                        title: where something was typed last
    Press Ctrl-C in the first terminal  in the prose
    Close the tab                       in the prose

A code block of another kind, or with another title, is there to be read.
"""

import re
from textwrap import dedent
from typing import NamedTuple

TERMINALS = ("First terminal", "Second terminal", "Third terminal")
CONSOLE, PANEL = "Console", "Network panel"
FENCE = r"^(?P<indent> *)```(?P<kind>\w+)(?P<rest>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$"
PRESS = r"[Pp]ress\s+Ctrl-C\s+in\s+the\s+(?P<which>first|second|third)\s+terminal"
CLOSE = r"(?P<close>[Cc]lose\s+the\s+tab)"
STEP = re.compile(f"{FENCE}|{PRESS}|{CLOSE}", re.DOTALL | re.MULTILINE)


class Step(NamedTuple):
    """One thing that is done or seen. `kind` is that of the code block, or `press`, or `close`."""

    kind: str
    place: str
    text: str


def steps(page: str) -> list[Step]:
    """The steps of a page, from its Markdown."""
    found: list[Step] = []
    for match in STEP.finditer(page):
        if match["which"]:
            found.append(Step("press", f"{match['which'].title()} terminal", ""))
            continue
        if match["close"]:
            found.append(Step("close", CONSOLE, ""))
            continue
        title = re.search(r'title="([^"]*)"', match["rest"])
        last = found[-1].place if found else TERMINALS[0]
        place = title[1] if title else (TERMINALS[0] if match["kind"] == "sh" else last)
        if is_step(match["kind"], place, title is not None):
            found.append(Step(match["kind"], place, dedent(match["text"])))
    return found


def is_step(kind: str, place: str, titled: bool) -> bool:
    """Whether a code block is one to type or to compare."""
    if kind == "sh":
        return place in TERMINALS
    if kind == "text":
        return place in (*TERMINALS, CONSOLE, PANEL) or place.startswith(f"{CONSOLE} of ")
    return titled and ((kind == "python" and place in TERMINALS) or (kind == "js" and place.startswith(CONSOLE)))


def lines(text: str) -> list[str]:
    """The lines of a block that are typed: one that ends in a backslash goes on in the next."""
    return [line for line in text.replace("\\\n", "").splitlines() if line.strip() and not line.startswith("#")]


def commands(page: str) -> list[str]:
    """All lines that a page has typed into a shell."""
    return [line for step in steps(page) if step.kind == "sh" for line in lines(step.text)]
