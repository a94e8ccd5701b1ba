"""The pictures of the live lab, from the real thing: `lab live` in a browser, and a class of robots.

python -m lab.screenshots
"""

import asyncio
import io
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lab.answers import BAD_USE
from lab.demonstrations.chromium import chromium
from lab.demonstrations.notes import Notes
from lab.errors import BadUse

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

PICTURES = Path(__file__).parents[1] / "lessons/pictures"
SCREEN = {"width": 1366, "height": 854}  # a laptop's
PROJECTOR = {"width": 1280, "height": 720}
PHONE = {"width": 390, "height": 844}
WORDS = ("dinner?", "at eight?", "bring wine", "the key is under the mat")
ROBOTS = 24  # a class
COLOURS = 96  # of a picture: it has few, and grey between them
START = 30.0  # seconds until it says where it is


@asynccontextmanager
async def lab_live(*arguments: str) -> AsyncIterator[str]:
    """It runs; all that it says until it gave an address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lab", "live", "--no-browser", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        said = ""
        async with asyncio.timeout(START):
            while "#" not in said if "--class" in arguments else "http" not in said:
                line = await process.stdout.readline()
                if not line:
                    raise BadUse("lab live ended before it said where it is.")
                said += line.decode()
        yield said
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def live(browser: "Browser") -> None:
    """Four words in four panes."""
    async with lab_live() as said:
        page = await opened(browser, address(said), SCREEN)
        for word in WORDS:
            await page.locator(".pane form input").first.fill(word)
            await page.locator(".pane form input").first.press("Enter")
            await page.wait_for_function(
                "word => [...document.querySelectorAll('.pane .log')].every((log) => log.textContent.includes(word))",
                arg=word,
            )
        await page.wait_for_timeout(1_000)  # ms: two ticks of the counters
        await keep(page, "live.png")


async def lesson(browser: "Browser") -> None:
    """A class of robots in the last phase but one, and a phone among them."""
    async with lab_live("--class", "--robots", str(ROBOTS)) as said:
        projector = await opened(browser, address(said), PROJECTOR)
        code = projector.locator("[data-figure=code]").first
        await projector.wait_for_function("document.querySelector('[data-figure=code]').textContent")
        phone = await opened(browser, address(said).partition("projector")[0], PHONE)
        await phone.get_by_label("Join code").fill(str(await code.text_content()))
        await phone.get_by_role("button", name="Join").click()
        for phase, word in zip(("poll", "long", "push", "distance"), WORDS, strict=True):
            await projector.locator(f"[data-phase={phase}]").last.click()
            await phone.locator("#text").fill(word)
            await phone.get_by_role("button", name="Send").click()
            await phone.wait_for_function("[...document.querySelectorAll('#echoes b')].every((b) => /\\d/.test(b.textContent))")
        await projector.wait_for_timeout(20_000)  # ms: until each strip has its marks
        await keep(projector, "class.png")
        await keep(phone, "member.png")


async def opened(browser: "Browser", url: str, size: dict[str, int]) -> "Page":
    context = await browser.new_context(color_scheme="light", viewport={"width": size["width"], "height": size["height"]})
    page = await context.new_page()
    await page.goto(url)
    return page


def address(said: str) -> str:
    """The last address that was said: with a class, the projector's."""
    return re.findall(r"http://\S+", said)[-1]


async def keep(page: "Page", name: str) -> None:
    """As a PNG of few colours, which is small and keeps its letters sharp."""
    from PIL import Image

    picture = Image.open(io.BytesIO(await page.screenshot()))
    picture.convert("RGB").quantize(COLOURS).save(PICTURES / name, optimize=True)
    print(f"{PICTURES / name}: {(PICTURES / name).stat().st_size // 1024} KiB")


async def main() -> None:
    async with chromium(Notes()) as browser:
        await live(browser)
        await lesson(browser)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except BadUse as error:
        print(f"screenshots: {error}", file=sys.stderr)
        sys.exit(BAD_USE)
