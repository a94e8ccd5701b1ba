"""The site, built as it is published; and a browser to read it with."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.processes import ROOT

CHROMIUM = ["--no-sandbox", "--disable-gpu"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


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
