"""What a keyboard or a screen reader needs of tables and figures, in whatever way a page came by them."""

import re

from markdown.postprocessors import Postprocessor

from lab.pages.cards import carded

TABLE = re.compile(r'(<div class="scroll(?: cards)?"[^>]*>\s*)?<table>(.*?)</table>', re.DOTALL)
NOTHING = re.compile(r"<th(?: [^>]*)?></th>")
BOX = '<div class="scroll" tabindex="0" role="group" aria-label="Table">'


class Reachable(Postprocessor):
    """A table scrolls in a box that a keyboard reaches, no head is empty, and no box poses as a part of the page.

    The cells of a table of cards know their heads.
    """

    def run(self, text: str) -> str:
        text = TABLE.sub(lambda found: found[0] if found[1] else f"{BOX}{found[0]}</div>", text)
        text = NOTHING.sub("<td></td>", text).replace('tabindex="0" role="region"', 'tabindex="0" role="group"')
        return carded(text)
