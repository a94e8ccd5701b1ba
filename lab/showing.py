"""What a notebook's cell shows: a figure, a table or a sentence, and beneath it the run that it is from."""

import base64
from collections.abc import Sequence
from html import escape

import msgspec

SMALL = "font-size:0.8em;opacity:0.75;text-align:left"
CELL = "text-align:{};white-space:nowrap;padding:0.25em 0.9em 0.25em 0;vertical-align:top"


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


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str]) -> Shown:
    """The first column names the row; all others hold numbers, and stand at the right."""
    head = "".join(cell("th", text, n) for n, text in enumerate(heads))
    body = "".join(f"<tr>{''.join(cell('td', text, n) for n, text in enumerate(row))}</tr>" for row in rows)
    lines = [" | ".join(row) for row in (heads, *rows)]
    return Shown(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{small(notes)}",
                 "\n".join([*lines, *notes]))  # fmt: skip


def cell(tag: str, text: str, column: int) -> str:
    return f'<{tag} style="{CELL.format("right" if column else "left")}">{escape(text)}</{tag}>'


def listing(head: str, lines: Sequence[str], notes: Sequence[str]) -> Shown:
    """A sentence in bold, lines beneath it, and the notes."""
    body = "".join(f"<br>{escape(line)}" for line in lines)
    return Shown(f"<p><strong>{escape(head)}</strong>{body}</p>{small(notes)}", "\n".join([head, *lines, *notes]))


def small(notes: Sequence[str]) -> str:
    return "".join(f'<p style="{SMALL}">{escape(note)}</p>' for note in notes)
