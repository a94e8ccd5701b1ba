"""What the blocks that ask something share: an id, options, and a question above all else."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from pymdownx.blocks import get_frontmatter
from pymdownx.blocks.block import Block

from lab.pages.refusal import BadPage

HEAD = re.compile(r"^ {0,3}/{3,} *(?P<kind>\w+) *\| *(?P<id>.*?) *\n(?P<options>(?: {4,}.*(?:\n|$))*)", re.MULTILINE)
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
OPEN = "open"  # the tracker's list of what was begun and not closed


def headed(page: str, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The id and the options of each block of a kind in a page's source."""
    for found in HEAD.finditer(page):
        if found["kind"] == kind:
            yield found["id"], get_frontmatter(re.sub(r"(?m)^ +", "", found["options"])) or {}


def options(**defaults: Any) -> dict[str, Any]:
    """Options with any value; what it is to be, `check` says in a sentence."""
    return {name: (default, lambda value: value) for name, default in defaults.items()}


class Asking(Block):
    """A group with its question's words for a name. What is in it is read when the block is closed."""

    ARGUMENT = None

    @property
    def id(self) -> str:
        return str(self.argument or "")

    def refuse(self, why: str) -> BadPage:
        return BadPage(f"/// {self.NAME} | {self.id}: {why}")

    def on_validate(self, parent: Element) -> bool:
        if not ID.fullmatch(self.id):
            raise self.refuse("its id is to be small letters and digits with hyphens, such as poll-wait.")
        self.check()
        return True

    def on_create(self, parent: Element) -> Element:
        self.tracker.setdefault(OPEN, []).append(self.id)
        name = f"{self.NAME}-{self.id}"
        return SubElement(
            parent, "div", {"class": self.NAME, "id": name, "role": "group", "aria-labelledby": f"{name}-question"}
        )

    def on_markdown(self) -> str:
        return "block"

    def on_end(self, block: Element) -> None:
        self.tracker[OPEN].remove(self.id)
        content = list(block)
        block[:] = []
        question = SubElement(block, "div", {"class": "question", "id": f"{block.get('id')}-question"})
        question.extend(self.fill(block, content))
        if not len(question):
            raise self.refuse("it asks nothing.")

    def check(self) -> None:
        """Refuse options that are not as they should be."""

    def fill(self, block: Element, content: list[Element]) -> list[Element]:
        """Put what answers the question into the block; what is left of the content is the question."""
        return content
