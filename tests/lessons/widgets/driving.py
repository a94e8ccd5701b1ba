"""What people do with a widget: press keys on a slider, read a table."""

import re

from playwright.sync_api import Locator, expect


def set_to(slider: Locator, words: str) -> None:
    """Moves a slider with the arrow keys until it says these words."""
    for key in ("ArrowRight", "ArrowLeft"):
        for _ in range(int(slider.get_attribute("max")) + 1):
            before = slider.get_attribute("aria-valuetext")
            if plain(before) == words:
                return
            slider.press(key)
            if slider.get_attribute("aria-valuetext") == before:
                break
    raise AssertionError(f"the slider never says {words}")


def plain(text: str) -> str:
    """With ordinary spaces."""
    return re.sub(r"\s+", " ", text).strip()


def behind(widget: Locator) -> Locator:
    """The numbers behind a picture, opened with the keyboard."""
    details = widget.locator("details.behind")
    if details.get_attribute("open") is None:
        details.locator("summary").press("Enter")
        expect(details.locator("table").first).to_be_visible()
    return details


def rows(table: Locator) -> dict[str, list[str]]:
    """A table's cells in words, by the first of each row."""
    read = table.evaluate("table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.innerText))")
    return {plain(first): [plain(cell) for cell in cells] for first, *cells in read}


def measure(words: str) -> float:
    """`7.64 kB` in bytes, `1.20 s` in seconds, `4,660` as a number."""
    number, _, unit = plain(words).partition(" ")
    scale = {"": 1, "ms": 1e-3, "s": 1, "B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "µs": 1e-6}
    return float(number.replace(",", "")) * scale[unit]
