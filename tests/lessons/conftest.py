"""The site, built as it is published; and a browser to read it with."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

CHROMIUM = ["--no-sandbox", "--disable-gpu"]


@pytest.fixture(scope="module")
def browser(tool: Callable[[str], str]) -> Iterator[Browser]:
    """Chromium, closed after each file: beside its driver's event loop no other test could run one."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=tool("chromium"), args=CHROMIUM)


@pytest.fixture
def reader(browser: Browser) -> Iterator[BrowserContext]:
    """A profile of its own, in which nothing is kept yet. In the end nothing may have gone wrong in any page."""
    context, wrong = browser.new_context(reduced_motion="reduce"), list[str]()
    context.on("console", lambda message: message.type in ("error", "warning") and wrong.append(message.text))
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("request", lambda request: request.url.startswith("file:") or wrong.append(request.url))
    yield context
    context.close()
    assert wrong == []
