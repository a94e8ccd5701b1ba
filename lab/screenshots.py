"""The pictures of the live lab, from the real thing: `lab live` in a browser, and a class of robots.

python -m lab.screenshots
"""

import asyncio
import io
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lab.answers import BAD_USE
from lab.children import RunFailed
from lab.demonstrations.chromium import chromium
from lab.demonstrations.notes import Notes
from lab.errors import BadUse

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, ViewportSize

PICTURES = Path(__file__).parents[1] / "lessons/pictures"
WORDS = ("dinner?", "at eight?", "bring wine", "the key is under the mat")
PHASES = ("poll", "long", "push", "distance")
ROBOTS = 24  # a class
START = 30.0  # seconds until it says where it is
PATIENCE = 20_000.0  # ms for anything in a page
SETTLED = 1_500  # ms: three ticks of the counters
FULL = 25_000  # ms until each strip of the class has its marks


@asynccontextmanager
async def lab_live(*arguments: str) -> AsyncIterator[str]:
    """It runs; the address of its page is what it said last."""
    command = [sys.executable, "-m", "lab", "live", "--no-browser", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout
    try:
        found: list[str] = []
        async with asyncio.timeout(START):
            while not found or ("--class" in arguments and "#" not in found[-1]):
                line = await process.stdout.readline()
                if not line:
                    raise BadUse("lab live ended before it said where it is.")
                found += re.findall(r"http://\S+", line.decode())
        yield found[-1]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def live(browser: "Browser") -> None:
    """Words in four panes, on a laptop."""
    async with lab_live() as url:
        page = await opened(browser, url, {"width": 1366, "height": 854})
        for n, word in enumerate(WORDS):
            await page.locator(".pane form input").nth(n).fill(word)
            await page.locator(".pane form input").nth(n).press("Enter")
            for pane in await page.locator(".pane").all():
                await pane.locator(".log > ol:first-child li").filter(has_text=word).wait_for()
        await page.wait_for_timeout(SETTLED)
        await keep(page, "live.webp")


async def lesson(browser: "Browser") -> None:
    """A class of robots when the server is far away, on the projector; and a phone among them."""
    with tempfile.TemporaryDirectory() as runs:
        async with lab_live("--class", "--robots", str(ROBOTS), "--out", runs) as url:
            projector = await opened(browser, url, {"width": 1280, "height": 720})
            await projector.locator("#phases").wait_for()
            code = await projector.locator("[data-figure=code]").first.text_content()
            phone = await opened(browser, f"{url.partition('projector')[0]}#{code}", {"width": 390, "height": 844})
            await phone.get_by_role("button", name="Join").click()
            for phase, word in zip(PHASES, WORDS, strict=True):
                await projector.locator(f"#phases [data-phase={phase}]").click()
                await projector.wait_for_timeout(SETTLED)
                await phone.locator("#text").fill(word)
                await phone.get_by_role("button", name="Send").click()
                await phone.locator("#echoes li b").first.filter(has_text=re.compile(r"\d")).wait_for()
            await projector.wait_for_timeout(FULL)
            await keep(projector, "class.webp")
            await keep(phone, "member.webp")


async def opened(browser: "Browser", url: str, size: "ViewportSize") -> "Page":
    context = await browser.new_context(color_scheme="light", viewport=size)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.goto(url)
    return page


async def keep(page: "Page", name: str) -> None:
    """As WebP without loss, which is half the size of PNG."""
    from PIL import Image

    picture = Image.open(io.BytesIO(await page.screenshot()))
    picture.convert("RGB").save(PICTURES / name, lossless=True, method=6)
    print(f"{name}: {(PICTURES / name).stat().st_size / 1024:.0f} KiB", flush=True)


async def main() -> None:
    async with chromium(Notes()) as browser:
        await live(browser)
        await lesson(browser)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (BadUse, RunFailed) as error:
        print(f"screenshots: {error}", file=sys.stderr)
        sys.exit(BAD_USE)
