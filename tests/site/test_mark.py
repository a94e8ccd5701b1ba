"""The mark in the head of each page, and in the browser's tab."""

import re

from lab import palette
from tests.processes import ROOT

MARK = (ROOT / "lessons/pictures/mark.svg").read_text(encoding="utf-8")


def test_the_mark_has_the_four_colours_of_the_palette_and_no_other() -> None:
    colours = {color.upper() for color in re.findall(r"#\w{6}", MARK)}
    transports = ("short-polling", "long-polling", "sse", "websocket")
    assert colours == {palette.names()[f"{transport}-color"].upper() for transport in transports}
