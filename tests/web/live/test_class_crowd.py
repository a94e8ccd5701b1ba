"""A large class: fifty robots and three browsers for minutes, and two hundred members on the projector."""

import re
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.web.live.classroom import PHONE, SCREEN, Board, Class, Open, join, say

pytestmark = [pytest.mark.browser, pytest.mark.prove]
MINUTES = 4
SEEN = 15_000  # ms until a word is back: polls come every 5 s
GROWTH = 4 * 2**20  # bytes that the server may hold more at the end than after the first minute
PHASES = ("poll", "long", "push", "distance")
FRAMES = """(seconds) => new Promise((told) => {
    let frames = 0;
    const began = performance.now();
    const next = (now) => {
        frames += 1;
        if (now - began < 1000 * seconds) requestAnimationFrame(next);
        else told(frames / ((now - began) / 1000));
    };
    requestAnimationFrame(next);
})"""
DRAWINGS = """() => {
    const clear = CanvasRenderingContext2D.prototype.clearRect;
    window.drawings = 0;
    CanvasRenderingContext2D.prototype.clearRect = function (...box) {
        if (this.canvas.id === "members") window.drawings += 1;
        clear.apply(this, box);
    };
}"""


@pytest.fixture
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Class]:
    lab = Class(request.param, tmp_path)
    yield lab
    lab.close()


def projector(lab: Class, open_page: Open, **options: object) -> Board:
    board = Board(open_page(lab, lab.projector, **SCREEN | options))
    expect(board.page.locator("#phases")).to_be_visible()
    return board


def phones(lab: Class, board: Board, open_page: Open, many: int) -> list[Page]:
    pages = [open_page(lab, lab.url, **PHONE) for _ in range(many)]
    for page in pages:
        join(page, board.code)
        expect(page.locator("#place")).to_have_attribute("data-state", "connected")
    return pages


def server_of(lab: Class) -> psutil.Process:
    [server] = [child for child in psutil.Process(lab.process.pid).children() if "servers" in child.cmdline()]
    return server


@pytest.mark.parametrize("lab", [50], indirect=True)
def test_fifty_robots_and_three_browsers_for_minutes_and_the_servers_memory_is_flat(
    lab: Class, open_page: Open
) -> None:
    board = projector(lab, open_page)
    pages = phones(lab, board, open_page, 2)
    memory: Callable[[], int] = lambda: sum(  # noqa: E731
        process.memory_info().rss for process in [server_of(lab), *server_of(lab).children(recursive=True)]
    )
    held, ends = [], time.monotonic() + 60 * MINUTES
    for n, phase in enumerate(cycle(PHASES)):
        board.begin(phase)
        for page in pages:
            for m in range(5):
                say(page, f"word {n} {m}")
                expect(page.locator("#echoes b").first).to_have_text(re.compile(r"\d"), timeout=SEEN)
        board.page.wait_for_timeout(8_000)
        held.append((time.monotonic(), memory()))
        if time.monotonic() > ends:
            break
    first = [size for when, size in held if when > ends - 60 * (MINUTES - 1)][: len(PHASES)]
    last = [size for _, size in held][-len(PHASES) :]
    assert max(last) - max(first) < GROWTH, [(round(when - held[0][0]), size // 1024) for when, size in held]


@pytest.mark.parametrize("lab", [200], indirect=True)
@pytest.mark.parametrize("phase", PHASES)
def test_two_hundred_members_are_drawn_at_thirty_frames_or_told_twice_a_second(
    phase: str, lab: Class, open_page: Open
) -> None:
    board = projector(lab, open_page, reduced_motion="no-preference", viewport={"width": 1920, "height": 1080})
    board.begin(phase)
    expect(board.figure("here")).to_have_text(re.compile(r"^2\d\d$"), timeout=60_000)
    frames = board.page.evaluate(FRAMES, 5)
    board.page.evaluate(DRAWINGS)
    board.page.wait_for_timeout(10_000)
    updates = board.page.evaluate("window.drawings") / 10
    print(f"{phase}: {frames:.0f} frames and {updates:.1f} updates a second")
    assert frames >= 30 or updates >= 2
