"""The same page by all four transports, and one that reloads itself every second: who shows a message without?

Messages are written elsewhere, at random moments. The page of servers/web shows each four times, by four transports;
the fifth client is a page of plain HTML, made anew from the same log for whoever asks.
"""

import asyncio
import html
import random
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

from lab.demonstrations import pictures
from lab.demonstrations.asking import ask
from lab.demonstrations.cells import answer, count, listed, spoken, value
from lab.demonstrations.chromium import check, chromium, clock
from lab.demonstrations.notes import COUNT, YES_OR_NO, Demonstration, Notes, Shown, Table
from lab.demonstrations.pages import pages
from lab.demonstrations.processes import server, until
from lab.observations import Observations
from lab.plan import TITLES

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

MESSAGES = 20
PAUSE = 0.3  # seconds between two messages, on average
PATIENCE = 5.0  # seconds for the last of them to be seen
RELOADS = 1  # seconds after which the fifth page loads itself again
RELOADING = "reloading page"
WHERE = {**TITLES, RELOADING: "A page that reloads itself"}
WATCH = """(() => {
  if (!location.protocol.startsWith("http")) return;
  const now = () => performance.timeOrigin + performance.now();
  const told = new Set();
  report("loaded", "", now());
  new MutationObserver(() => {
    const at = now();
    for (const line of document.querySelectorAll(".pane li p")) {
      const where = line.closest(".pane").dataset.transport, text = line.textContent;
      if (told.has(where + text)) continue;
      told.add(where + text);
      report(where, text, at);
    }
  }).observe(document, { childList: true, subtree: true });
})()"""
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="{every}">
<title>The room</title><section class="pane" data-transport="{where}"><ol>{lines}</ol></section></html>"""


class Event(NamedTuple):
    """What a page reported: that it was loaded, or a text that is seen in one of its panes; by its own clock, in ms."""

    where: str
    text: str
    at: float


class Watched:
    """A page that reports what it shows."""

    def __init__(self, page: "Page") -> None:
        self.page, self.events = page, list[Event]()
        self.offset = self.bound = 0.0

    def loads(self) -> list[float]:
        return [event.at + self.offset for event in self.events if event.where == "loaded"]

    def seen(self, where: str) -> dict[str, float]:
        """When each text was seen for the first time, in ms of our clock."""
        first: dict[str, float] = {}
        for event in self.events:
            if event.where == where:
                first.setdefault(event.text, event.at + self.offset)
        return first


@asynccontextmanager
async def watched(browser: "Browser", url: str) -> AsyncIterator[Watched]:
    """A page, open and at rest."""
    context = await browser.new_context()
    found = Watched(await context.new_page())
    await found.page.expose_function("report", lambda *event: found.events.append(Event(*event)))
    await found.page.add_init_script(WATCH)
    await found.page.goto(url)
    yield found
    await context.close()


async def observe(notes: Notes, rng: random.Random, say: Callable[[str], None]) -> None:
    """One repeat: both pages open, some messages, and when each of them saw which."""
    room = f"room-{secrets.token_hex(4)}"
    async with server("all") as url, chromium(notes) as browser:

        async def reloading() -> str:
            answer = await ask("GET", f"{url}/short-polling/rooms/{room}/messages?after=0")
            lines = "".join(f"<li><p>{html.escape(message['text'])}</p></li>" for message in answer.json["messages"])
            return PAGE.format(every=RELOADS, where=RELOADING, lines=lines)

        async with (
            pages(reloading) as port,
            watched(browser, f"{url}/?room={room}") as chat,
            watched(browser, f"http://127.0.0.1:{port}/") as plain,
        ):
            await chat.page.locator(".pane[data-state=connected]").nth(len(TITLES) - 1).wait_for()
            chat.offset, chat.bound = await clock(chat.page)
            plain.offset, plain.bound = await between_reloads(plain)
            watching = {where: plain if where == RELOADING else chat for where in WHERE}
            written = {}
            for n in range(MESSAGES):
                await asyncio.sleep(min(2 * PAUSE, rng.expovariate(1 / PAUSE)))
                say(f"message {n + 1} of {MESSAGES}")
                text = f"word {n}"
                written[text] = time.monotonic_ns() / 1e6
                draft = {"id": secrets.token_hex(8), "sender": "Ada", "text": text}
                await ask("POST", f"{url}/sse/rooms/{room}/messages", draft)
            await until(lambda: all(len(page.seen(where)) == MESSAGES for where, page in watching.items()), PATIENCE)
            for where, page in watching.items():
                write_down(notes, where, page, written)


async def between_reloads(plain: Watched) -> tuple[float, float]:
    """The clock of a page that may go away while it is asked."""
    from playwright.async_api import Error

    while True:
        try:
            return await clock(plain.page)
        except Error:
            await plain.page.wait_for_load_state()


def write_down(notes: Notes, where: str, page: Watched, written: dict[str, float]) -> None:
    """A message is seen without a reload when no page was loaded between its writing and its being seen."""
    seen, loads = page.seen(where), page.loads()
    without = all(text in seen and not any(at < load <= seen[text] for load in loads) for text, at in written.items())
    notes.saw("seen without reload", where, YES_OR_NO, without)
    notes.saw("messages seen", where, COUNT, len(seen))
    notes.saw("page loads", where, COUNT, len(loads))
    if seen:
        delays = [seen[text] - written[text] for text in seen]
        notes.saw("delivery delay", where, "ms", statistics.median(delays))
    notes.saw("clock error, at most", where, "ms", page.bound)


def show(found: Observations) -> Shown:
    able = [spoken(where) for where in TITLES if answer(found, "seen without reload", where) == "yes"]
    rows = [(title, [value(found, "delivery delay", where), (answer(found, "seen without reload", where), ""),
                     (count(found, "page loads", where), ""), (count(found, "messages seen", where), "")])
            for where, title in WHERE.items()]  # fmt: skip
    return Shown(
        sentence=f"Every message was shown without a reload by {listed(able)}. The page that reloads itself was loaded "
        f"{count(found, 'page loads', RELOADING)} times to show the same {MESSAGES} messages.",
        tables=[Table("What was seen", COLUMNS, rows)],
        picture=pictures.dots(found, "delivery delay", "ms", WHERE, AXIS),
        caption="How long it took until a message that was written elsewhere stood on the page. The bars are 95 % "
        "intervals of what differs between the repeats.",
    )


COLUMNS = ("delivery delay, ms", "seen without reload", "page loads", "messages seen")
AXIS = "from writing to seeing, in ms (logarithmic axis)"
DEMONSTRATION = Demonstration(
    "browser", "Who shows news without a reload?", "Do only WebSockets update a page without reloading it?", 40.0,
    check, observe, show,
)  # fmt: skip
