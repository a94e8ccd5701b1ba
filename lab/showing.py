"""What a notebook's cell shows: a figure, a table or a sentence, and beneath it the run that it is from."""

import base64
from collections.abc import Sequence
from html import escape

import msgspec

SMALL = "font-size:0.8em;opacity:0.75;text-align:left;margin:0.4em 0 1em"
CELL = "text-align:right;padding:0.25em 0 0.25em 1.2em;vertical-align:top"  # Jupyter's own tables are set to the right
WORDS = "text-align:left;padding:0.25em 1.2em 0.25em 0;vertical-align:top"
SHORT = 12  # letters that are never broken into lines


class Shown(msgspec.Struct, frozen=True):
    """HTML, as Jupyter asks for it; and the same as plain text, for whoever has no page to show it on."""

    html: str
    text: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return self.text


def sentence(text: str) -> Shown:
    return Shown(f"<p>{escape(text)}</p>", text)


def figure(svg: str, title: str, notes: Sequence[str]) -> Shown:
    """A drawing as an image, so that no other drawing on the page shares its ids, and the notes beneath it."""
    image = base64.b64encode(svg.encode()).decode()
    drawn = f'<img style="max-width:100%" alt="{escape(title)}" src="data:image/svg+xml;base64,{image}">'
    return Shown(f'<figure style="margin:0"><figcaption><strong>{escape(title)}</strong></figcaption>{drawn}'
                 f"{small(notes)}</figure>", "\n".join([f"Figure: {title}.", *notes]))  # fmt: skip


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str], words: bool = False) -> Shown:
    """The first column names the row; all others hold numbers, at the right and on one line each, or else words."""
    head = "".join(cell("th", text, n, words) for n, text in enumerate(heads))
    body = "".join(f"<tr>{''.join(cell('td', text, n, words) for n, text in enumerate(row))}</tr>" for row in rows)
    lines = [" | ".join(row) for row in (heads, *rows)]
    drawn = f'<div style="overflow-x:auto"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    return Shown(f"{drawn}{small(notes)}", "\n".join([*lines, *notes]))


def cell(tag: str, text: str, column: int, words: bool) -> str:
    style = WORDS if words or not column else CELL
    line = "" if (words and len(text) > SHORT) or tag == "th" else ";white-space:nowrap"
    return f'<{tag} style="{style}{line}">{escape(text)}</{tag}>'


def listing(head: str, lines: Sequence[str], notes: Sequence[str]) -> Shown:
    """A sentence in bold, lines beneath it, and the notes."""
    body = "".join(f"<br>{escape(line)}" for line in lines)
    return Shown(f"<p><strong>{escape(head)}</strong>{body}</p>{small(notes)}", "\n".join([head, *lines, *notes]))


def small(notes: Sequence[str]) -> str:
    if not notes:
        return ""
    return f'<p style="{SMALL}">{"<br>".join(escape(note) for note in notes)}</p>'
