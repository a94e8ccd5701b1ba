"""What stays of a block that could not be read stops the build: it would stand on the page as text."""

import re
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor
from pymdownx.blocks import BlocksProcessor

from lab.pages.asking import OPEN
from lab.pages.refusal import BadPage

SLASHES = re.compile(r"^ {0,3}/{3,} *(\w.*)?$", re.MULTILINE)


class Unread(Treeprocessor):
    md: Markdown

    def run(self, root: Element) -> None:
        blocks = self.md.parser.blockprocessors["blocks"]
        assert isinstance(blocks, BlocksProcessor)
        for kind, tracker in blocks.trackers.items():
            for id in tracker.get(OPEN, []):
                raise BadPage(f"/// {kind} | {id} is not closed by a line of ///.")
        for element in root.iter():
            if element.tag not in ("code", "pre") and (found := SLASHES.search(element.text or "")):
                raise BadPage(f"{found[0].strip()!r} begins or ends no block: an option may have no such name.")
