"""The published course, one browser, and what a page must never do."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.site.serving import serving
from tests.tools import find
from tests.web.conftest import CHROMIUM, Witness


@pytest.fixture(scope="session")
def origin(site: Path) -> Iterator[str]:
    """Where the course is served."""
    with serving(site) as address:
        yield address


@pytest.fixture(scope="module")
def browser(tool: Callable[[str], str]) -> Iterator[Browser]:
    """Chromium, closed after each file: beside its driver's event loop no other test could run one."""
    tool("chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=find("chromium"), args=CHROMIUM)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """`visit(origin, "glossary/")` is that page, by a reader who was never there.

    In the end nothing may stand in its console, and nothing may have been asked of anybody but `origin`.
    """
    contexts, witnesses = [], []

    def page(origin: str, address: str, **options: Any) -> Page:
        contexts.append(browser.new_context(**{"reduced_motion": "reduce"} | options))
        page = contexts[-1].new_page()
        witnesses.append(Witness(page, origin, outage=False))
        page.goto(f"{origin}/{address}")
        return page

    yield page
    for context in contexts:
        context.close()
    assert [seen for witness in witnesses for seen in witness.seen] == []
