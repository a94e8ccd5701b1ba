"""A class: `lab live --class` with robots, its projector, and phones, in one browser."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.processes import PATIENCE, ROOT, Site
from tests.web.conftest import Witness

ROBOTS = 6
REFUSED = ("status of 401", "status of 403")  # as Chromium says what the page then says itself
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SCREEN = {"viewport": {"width": 1280, "height": 720}}


class Class(Site):
    """The running lab: `url` is what members open, `projector` what the teacher does, with the key."""

    def __init__(self, robots: int, out: Path) -> None:
        arguments = ["live", "--class", "--address", "127.0.0.1", "--robots", robots, "--no-browser", "--out", out]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lab", *map(str, arguments)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self.process.stdout is not None
        said = ""
        while not (found := re.search(r"(http://\S+)/projector#\S+", said)):
            line = self.process.stdout.readline()
            assert line, f"lab live --class did not say where its projector is: {said}"
            said += line
        self.url, self.projector = found[1], found[0]

    def close(self) -> None:
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0
        self.process.stdout.close()


class Patient(Witness):
    """A witness who knows that a page without a session is refused, and that a stage is on a port of its own."""

    def logged(self, message: Any) -> None:
        if not any(text in message.text for text in REFUSED):
            super().logged(message)


class Board:
    """The projector, and what its figures say."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def begin(self, phase: str) -> None:
        self.page.locator(f"#phases [data-phase={phase}]").click()
        expect(self.page.locator(f"#phases [data-phase={phase}]")).to_have_attribute("aria-current", "step")

    def figure(self, name: str, transport: str = "") -> Any:
        within = f"[data-transport={transport}] " if transport else ""
        return self.page.locator(f"{within}[data-figure={name}]").first

    @property
    def code(self) -> str:
        expect(self.figure("code")).to_have_text(re.compile(r"\w+"))
        return str(self.figure("code").text_content())


Open = Callable[..., Page]


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    lab = Class(ROBOTS, tmp_path_factory.mktemp("runs"))
    yield lab
    lab.close()


@pytest.fixture
def open_page(tool: Callable[[str], str], request: pytest.FixtureRequest) -> Iterator[Open]:
    """`open_page(lab, address)` is a page in a profile of its own; in the end nothing may have gone wrong in it."""
    tool("chromium")
    browser: Browser = request.getfixturevalue("browser")
    witnesses: list[Witness] = []
    with ExitStack() as stack:

        def page(lab: Class, address: str, **options: Any) -> Page:
            context = browser.new_context(**{"reduced_motion": "reduce"} | options)
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(20_000)  # ms: above two retries at their limit of 8 s
            witnesses.append(Patient(page, lab.url, outage=False))
            page.goto(address)
            return page

        yield page
    assert [seen for witness in witnesses for seen in witness.seen] == []


@pytest.fixture
def board(classroom: Class, open_page: Open) -> Board:
    """The projector, at the vote, where everybody may switch."""
    board = Board(open_page(classroom, classroom.projector, **SCREEN))
    expect(board.page.locator("#phases")).to_be_visible()
    board.page.locator("#fix").uncheck()
    board.begin("vote")
    return board


@pytest.fixture
def phone(classroom: Class, board: Board, open_page: Open) -> Callable[..., Page]:
    """`phone("Ada")` is the page of a member who has joined."""

    def joined(name: str = "", **options: Any) -> Page:
        page = open_page(classroom, classroom.url, **PHONE | options)
        join(page, board.code, name)
        expect(page.locator("#join")).to_be_hidden()
        expect(page.locator("#place")).to_have_attribute("data-state", "connected")
        return page

    return joined


def join(page: Page, code: str, name: str = "") -> None:
    page.get_by_label("Join code").fill(code)
    page.get_by_label("Name, if you like").fill(name)
    page.get_by_role("button", name="Join").click()


def say(page: Page, text: str) -> None:
    page.locator("#text").fill(text)
    page.get_by_role("button", name="Send").click()
