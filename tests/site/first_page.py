"""How soon the course's first page can be used by somebody who was never there, beside a page with one word on it."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from tests.site.serving import serving
from tests.tools import find
from tests.web.conftest import CHROMIUM

BLOCKS = 12
WORD = '<!doctype html><html lang="en"><title>One word</title><p>dinner?'
# All scripts ran, and there is something to see.
INTERACTIVE = """() => Math.max(performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd,
  performance.getEntriesByName("first-contentful-paint")[0].startTime)"""


def measure(site: Path, blocks: int = BLOCKS) -> dict[str, list[float]]:
    """Milliseconds from the request until it is painted and its scripts have run, for each page, in turn."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        (Path(folder) / "index.html").write_text(WORD)
        browser = playwright.chromium.launch(executable_path=find("chromium"), args=CHROMIUM)
        with serving(site) as course, serving(Path(folder)) as word:
            pages = {"the first page": course, "a page of one word": word}
            spans: dict[str, list[float]] = {name: [] for name in pages}
            for block in range(blocks + 1):
                for name, address in pages.items():
                    span = interactive(browser, f"{address}/")
                    if block:  # the first warms up
                        spans[name].append(span)
        browser.close()
    return spans


def interactive(browser: Browser, address: str) -> float:
    page = browser.new_page()
    page.goto(address)
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
    span: float = page.evaluate(INTERACTIVE)
    page.close()
    return span
