"""A question of a quiz: a list of choices, of which each is explained to whoever takes it.

    /// quiz | gap-between-polls
        objective: 2

    What becomes of it?

    - [ ] It is lost.
        Why it is not.
    - [x] It waits in the log.
        Why it does.
    ///

`objective` and `misconception` count from 1 in the page's front matter. With `several: true` more than one choice is
right. Without a script each choice unfolds.
"""

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from lab.pages.asking import Asking, options

CHOICE = re.compile(r"\[([ xX])\] +(\S.*)", re.DOTALL)
LIST = re.compile(r"^ *[-*+] +\[[ xX]\].*", re.MULTILINE)
VERDICTS = {"right": "Right.", "wrong": "Not so."}


def numbers(value: Any) -> list[int]:
    """Of an option: one number, or a list of them."""
    return value if isinstance(value, list) else [] if value is None else [value]


class Quiz(Asking):
    NAME = "quiz"
    OPTIONS = options(objective=None, misconception=None, several=False)

    def check(self) -> None:
        tested = [*numbers(self.options["objective"]), *numbers(self.options["misconception"])]
        if not tested or not all(type(number) is int and number > 0 for number in tested):
            raise self.refuse("it says no `objective:` or `misconception:` by its number in the front matter.")
        if type(self.options["several"]) is not bool:
            raise self.refuse("`several:` is true or false.")

    def fill(self, block: Element, content: list[Element]) -> list[Element]:
        if not content or content[-1].tag != "ul":
            raise self.refuse("it ends with no list of choices, after an empty line: `- [ ]` wrong, `- [x]` right.")
        *question, choices = content
        right = [self.made(choice) for choice in choices].count("right")
        if right == len(choices) or not right:
            raise self.refuse("it needs a choice that is right and one that is wrong.")
        if (right > 1) != self.options["several"]:
            raise self.refuse(f"{right} of its choices are right: with more than one it says `several: true`.")
        if self.options["several"]:
            SubElement(block, "p", {"class": "several"}).text = "Several are right."
        choices.set("class", "choices")
        block.append(choices)
        return question

    def made(self, choice: Element) -> str:
        """Make what unfolds of an item of the list, and say which it is: right or wrong."""
        first, rest = choice.text, list(choice)
        if rest and not (first or "").strip():
            first = rest.pop(0).text
        found = CHOICE.fullmatch(first or "")
        if found is None:
            raise self.refuse(f"{first or ''!r} is no choice: it begins with [ ] if wrong, with [x] if right.")
        answer, why = split(found[2])
        if not why and rest and rest[0].tag == "p":
            why, rest = rest[0].text or "", rest[1:]
        swallowed = LIST.search("\n".join([why, *(one.text or "" for one in rest)]))
        if swallowed:
            raise self.refuse(f"before {swallowed[0]!r} an empty line is missing.")
        if not why:
            raise self.refuse(f"the choice {answer!r} is not explained, in lines beneath that stand four spaces in.")
        verdict = "wrong" if found[1] == " " else "right"
        choice.text = None
        choice[:] = []
        unfolds = SubElement(choice, "details", {"class": verdict})
        SubElement(unfolds, "summary").text = answer
        said = SubElement(SubElement(unfolds, "p"), "strong")
        said.text, said.tail = VERDICTS[verdict], f" {why}"
        unfolds.extend(rest)
        return verdict


def split(text: str) -> tuple[str, str]:
    """The choice, and what explains it: the lines from the first that stands four spaces in."""
    first, *lines = text.split("\n")
    at = next((n for n, line in enumerate(lines) if line.startswith("    ")), len(lines))
    return " ".join([first, *(line.strip() for line in lines[:at])]), "\n".join(line.strip() for line in lines[at:])
