"""Every page of the course in a real browser: for everyone, on every screen, by light and in the dark."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.processes import ROOT

pytestmark = pytest.mark.browser
LESSONS = ROOT / "lessons"
PHONE, LAPTOP, PROJECTOR = (360, 740), (1366, 768), (1920, 1080)
AXE = Axe().axe_script
SEEN = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]  # what a screen changes
READABLE = 8  # px
DRAWN = {"exclude": [["svg[role=img] > *"]]}  # an image to axe; what is written in it is looked at below
CONTRAST_OF_TEXT = 4.5  # WCAG 2.2, 1.4.3
CONTRASTS = """() => [...document.querySelectorAll("svg[role=img] text")].map((text) => {
  const luminance = (color) => color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, n) => sum + part * [0.2126, 0.7152, 0.0722][n], 0);
  let sheet = text;
  while (/^rgba\\(.*, 0\\)$/.test(getComputedStyle(sheet).backgroundColor)) sheet = sheet.parentElement;
  const pair = [getComputedStyle(text).fill, getComputedStyle(sheet).backgroundColor].map(luminance);
  return [text.textContent, (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)];
})"""
TALLNESSES = """() => [...document.querySelectorAll("svg[role=img] text")]
  .filter((text) => text.textContent.trim() && text.checkVisibility())
  .map((text) => text.getBoundingClientRect().height)"""
WIDER = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""
Visit = Callable[..., Page]


SAMPLE = ("", "choose-and-defend/", "notebooks/latency/")
"""One of each kind of page; `make prove` goes through all the others too, which takes minutes."""


def addresses() -> list[Any]:
    """Each page's, from the sources: those of the notebooks may still have to be made."""
    written = [path.relative_to(LESSONS).with_suffix("") for path in LESSONS.rglob("*.md")]
    notebooks = [Path("notebooks") / path.stem for path in (ROOT / "notebooks").glob("*.py")]
    found = ["", "404.html", *sorted({f"{page}/" for page in (*written, *notebooks) if page.name != "index"})]
    return [one if one in SAMPLE else pytest.param(one, marks=pytest.mark.prove) for one in found]


@pytest.mark.parametrize("address", addresses(), ids=lambda address: address.strip("/") or "home")
def test_a_page_is_for_everyone_on_every_screen(address: str, origin: str, visit: Visit) -> None:
    """By light on a laptop, in the dark on a phone, and as wide as each screen; loaded once, since there are many."""
    page = visit(origin, address, viewport=dict(zip(("width", "height"), LAPTOP, strict=True)), color_scheme="light")
    page.evaluate(AXE)
    assert violations(page, {}) == []
    page.locator(".md-header__option label:visible").click()
    page.locator("body[data-md-color-scheme=slate]").wait_for()
    for width, height in (PROJECTOR, LAPTOP, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(WIDER) == 0, width
        assert min(page.evaluate(TALLNESSES), default=READABLE) >= READABLE, width
    assert violations(page, {"runOnly": SEEN}) == []


def violations(page: Page, options: dict[str, Any]) -> list[Any]:
    """What axe finds, and the words in figures that are too faint."""
    found = page.evaluate("([what, how]) => axe.run(what, how)", [DRAWN, {"resultTypes": ["violations"]} | options])
    told = [
        (violation["id"], node["html"][:200], node["failureSummary"])
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    return told + [(text, contrast) for text, contrast in page.evaluate(CONTRASTS) if contrast < CONTRAST_OF_TEXT]
