"""Tables that become a card for each row where the page is narrow, in `<div class="cards" markdown>`.

The card's title is the row's first cell. Every other cell bears its column's head, which a stylesheet shows above it.
"""

import re
from html import escape, unescape

BOXES = r'<div class="(?:[^"]* )?cards"[^>]*>\s*(?:<div class="scroll"[^>]*>\s*)?'
CARDS = re.compile(BOXES + "<table>.*?</table>", re.DOTALL)
ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
HEAD = re.compile(r"<t[hd](?: [^>]*)?>(.*?)</t[hd]>", re.DOTALL)
CELL = re.compile(r'<t[hd](?: scope="row")?( [^>]*)?>(.*?)</t[hd]>', re.DOTALL)


def carded(page: str) -> str:
    """The page, with heads at the cells of such tables."""
    return CARDS.sub(lambda found: headed(found[0]), page)


def headed(table: str) -> str:
    head, end, body = table.partition("</thead>")
    names = [unescape(re.sub(r"<[^>]*>", "", name)) for name in HEAD.findall(head)]
    return head + end + ROW.sub(lambda found: row(CELL.findall(found[1]), names), body)


def row(cells: list[tuple[str, str]], names: list[str]) -> str:
    (given, title), *rest = cells
    told = [
        f'<td{more} data-head="{escape(name)}">{text}</td>\n'
        for (more, text), name in zip(rest, names[1:], strict=True)
    ]
    return f'<tr>\n<th scope="row"{given}>{title}</th>\n{"".join(told)}</tr>'
