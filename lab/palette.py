"""The look, read from servers/web/palette.css, which the page and the site use too."""

import re
from functools import cache
from pathlib import Path

import msgspec

from lab.errors import BadUse

Dash = str | tuple[float, tuple[float, ...]]
CSS = Path(__file__).parent.parent / "servers" / "web" / "palette.css"
DASHES: dict[str, Dash] = {"solid": "-", "dashed": (0, (5, 2)), "dotted": (0, (1, 1.5)), "dash-dot": (0, (6, 2, 1, 2))}
MARKERS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D"}


class Look(msgspec.Struct, frozen=True):
    """How a transport is drawn, in matplotlib's terms."""

    color: str
    dash: Dash
    marker: str


@cache
def names(path: Path = CSS) -> dict[str, str]:
    """Every custom property of the file, by its name without the dashes in front."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadUse(f"The palette {path.name} cannot be read ({error.strerror}): install the project anew.") from None
    return dict(re.findall(r"^\s*--([a-z-]+):\s*([^;]+);", text, re.MULTILINE))


def look(transport: str) -> Look:
    found = names()
    return Look(
        color=found[f"{transport}-color"],
        dash=DASHES[found[f"{transport}-dash"]],
        marker=MARKERS[found[f"{transport}-marker"]],
    )


def ink() -> str:
    return names()["ink-light"]


def quiet() -> str:
    return names()["quiet-light"]


def rule() -> str:
    return names()["rule-light"]


def paper() -> str:
    return names()["paper-light"]
