"""One real browser, and people who look at the page with it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request, sync_playwright

from tests.processes import Server
from tests.tools import find

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
CHROMIUM += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
OUTAGE = ("net::ERR_", "status of 409", "status of 410", "status of 422", "WebSocket connection to")  # as Chromium says
TRANSPORTS = ("short-polling", "long-polling", "sse", "websocket")


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, closed after each file: beside its driver's event loop no other test could run one."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=find("chromium"), args=CHROMIUM)


class Witness:
    """What a page did that no page should: errors in the console, dialogs, questions to another host."""

    def __init__(self, page: Page, origin: str, outage: bool) -> None:
        self.seen: list[str] = []
        self.origin, self.outage = origin, outage
        page.on("console", self.logged)
        page.on("dialog", self.asked)
        page.on("pageerror", lambda error: self.seen.append(str(error)))
        page.on("request", self.requested)

    def logged(self, message: ConsoleMessage) -> None:
        expected = self.outage and any(text in message.text for text in OUTAGE)
        if message.type in ("error", "warning") and not expected:
            self.seen.append(message.text)

    def asked(self, dialog: Dialog) -> None:
        self.seen.append(dialog.message)
        dialog.dismiss()

    def requested(self, request: Request) -> None:
        if not request.url.startswith(self.origin + "/"):
            self.seen.append(f"a request to {request.url}")


@pytest.fixture
def visit(tool: Callable[[str], str], request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """`visit(server, "?room=tea", name="Ada")` is the page in a browser profile of its own.

    In the end nothing may have gone wrong in it. With `outage=True` the browser may have logged that a server was away.
    """
    tool("chromium")
    browser: Browser = request.getfixturevalue("browser")
    witnesses: list[Witness] = []
    with ExitStack() as stack:

        def page(server: Server, address: str, name: str = "", outage: bool = False, **options: Any) -> Page:
            context = browser.new_context(**{"reduced_motion": "reduce"} | options)
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(20_000)  # ms: above two retries at their limit of 8 s
            witnesses.append(Witness(page, server.url, outage))
            page.goto(f"{server.url}/{address}")
            page.locator("#composer button:enabled").wait_for()
            if name:
                page.get_by_label("Your name").fill(name)
            return page

        yield page
    assert [seen for witness in witnesses for seen in witness.seen] == []


@pytest.fixture
def restart() -> Iterator[Callable[..., Server]]:
    """`restart(server, *arguments)` is a new server where the old one was, so that its pages find it again."""
    with ExitStack() as stack:
        yield lambda server, *arguments: stack.enter_context(Server(*arguments, port=server.port))
