"""A real Chromium, driven by Playwright, which is among the tools for developers; and its clock."""

import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import metadata
from typing import TYPE_CHECKING

from lab.children import RunFailed
from lab.demonstrations.notes import Notes
from lab.errors import BadUse

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip
NO_PLAYWRIGHT = (
    "This experiment drives a browser by Playwright: get it with `.venv/bin/python -m pip install playwright`."
)
NO_BROWSER = (
    "This experiment needs a Chromium: on Debian and Ubuntu `sudo apt-get install chromium`, "
    "elsewhere `.venv/bin/playwright install chromium`."
)
LOOKS = 10  # at the page's clock; the closest counts
NOW = "() => performance.timeOrigin + performance.now()"


def check() -> None:
    """BadUse when a browser cannot be driven here."""
    try:
        import playwright.async_api  # noqa: F401
    except ImportError:
        raise BadUse(NO_PLAYWRIGHT) from None


def installed() -> str | None:
    """The system's own; None leaves it to Playwright, which may have one."""
    return next(filter(None, map(shutil.which, INSTALLED)), None)


@asynccontextmanager
async def chromium(notes: Notes, *switches: str) -> AsyncIterator["Browser"]:
    """A browser without a window. BadUse when there is none, RunFailed when it fails."""
    check()
    from playwright.async_api import Error, async_playwright

    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(
                executable_path=installed(), args=[*SWITCHES, *switches],
                handle_sigint=False, handle_sigterm=False, handle_sighup=False,
            )  # fmt: skip
        except Error as error:
            if "Executable doesn't exist" in error.message:
                raise BadUse(NO_BROWSER) from None
            raise
        notes.versions |= {"chromium": browser.version, "playwright": metadata.version("playwright")}
        try:
            yield browser
        except Error as error:
            raise RunFailed(f"the browser said: {error.message.splitlines()[0]}") from None
        finally:
            with suppress(Error):  # it has gone already
                await browser.close()


async def clock(page: "Page") -> tuple[float, float]:
    """What to add to a page's clock to have this process's monotonic one, and how wrong that may be; in ms.

    The page is asked between two looks at our clock, so its answer lies between them, whatever clocks the two have.
    """
    found = []
    for _ in range(LOOKS):
        before = time.monotonic_ns()
        there = await page.evaluate(NOW)
        after = time.monotonic_ns()
        found.append(((after - before) / 2e6, (before + after) / 2e6 - there))
    bound, offset = min(found)
    return offset, bound
