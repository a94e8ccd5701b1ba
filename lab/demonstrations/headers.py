"""The bytes that a transfer costs beside what it carries: by a real browser and by a bare client, for each transport.

Both go through a relay that keeps every byte. A header byte is any that is not of a JSON document: request lines and
header fields, chunk sizes, the fields of an event, what stands before a WebSocket frame's payload.
"""

import asyncio
import random
import statistics
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from lab.children import RunFailed
from lab.demonstrations import pictures
from lab.demonstrations.bare import BareClient
from lab.demonstrations.cells import count
from lab.demonstrations.chromium import check, chromium
from lab.demonstrations.notes import Demonstration, Notes, Shown, Table
from lab.demonstrations.processes import server, until
from lab.demonstrations.relay import Relay, relay
from lab.demonstrations.transfers import Transfers, differences
from lab.observations import Observations
from lab.plan import TITLES

if TYPE_CHECKING:
    from playwright.async_api import Browser

MESSAGES = 5  # by each client and transport
EMPTY = 3  # polls without news, at least
HOLD = "1"  # seconds, so that a long poll without news is over soon
PATIENCE = 15.0  # seconds for anything that should come soon
EMPTY_POLL = {"short-polling": "empty short poll", "long-polling": "empty long poll"}
UNIT = "B per transfer"
WHERE = {
    "short-polling": "A short poll with news",
    "empty short poll": "A short poll without",
    "long-polling": "A long poll with news",
    "empty long poll": "A long poll without",
    "post": "A post",
    "sse": "An SSE event",
    "websocket": "A WebSocket frame each way",
}


async def observe(notes: Notes, rng: random.Random, say: Callable[[str], None]) -> None:
    """One repeat: each client in a room of its own, by each transport at the same time."""
    async with AsyncExitStack() as stack:
        servers = await asyncio.gather(*(stack.enter_async_context(server(name, "--hold", HOLD)) for name in TITLES))
        browser = await stack.enter_async_context(chromium(notes))
        say("by a browser")
        browsers = await asyncio.gather(*(by_browser(browser, *one) for one in zip(TITLES, servers, strict=True)))
        say("by a bare client")
        bare = await asyncio.gather(*(by_bare_client(*one) for one in zip(TITLES, servers, strict=True)))
    for client, ways in (("browser", browsers), ("bare", bare)):
        for transport, way in zip(TITLES, ways, strict=True):
            write_down(notes, client, transport, way)
    for transport, way in zip(TITLES, browsers, strict=True):
        notes.saw("more than the recorded headers", f"browser: {transport}", "B", max(differences(way), key=abs))


async def by_browser(browser: "Browser", transport: str, url: str) -> Relay:
    """Write into the page, see each message on it, and wait for some polls without news."""
    async with relay(url) as way:
        context = await browser.new_context()
        page = await context.new_page()
        await page.goto(f"{way.url}/")
        await page.locator(".pane[data-state=connected]").wait_for()
        for n in range(MESSAGES):
            await page.locator("#text").fill(f"message {n}")
            await page.locator("#text").press("Enter")
            await page.locator(".log li").nth(n).wait_for()
        if transport in EMPTY_POLL and not await until(lambda: len(Transfers(way).up["empty"]) >= EMPTY, PATIENCE):
            raise RunFailed(f"{TITLES[transport]} was always answered with news")
        await context.close()
        return way


async def by_bare_client(transport: str, url: str) -> Relay:
    """Send and receive as often, then poll without news."""
    async with relay(url) as way, BareClient(way, transport).connected() as client:
        for n in range(MESSAGES):
            await client.send(f"message {n}")
            await client.receive()
        while transport in EMPTY_POLL and len(Transfers(way).up["empty"]) < EMPTY:
            await client.receive()
        return way


def write_down(notes: Notes, client: str, transport: str, way: Relay) -> None:
    """The mean of each kind of transfer. All three that post do it alike: SSE stands for them."""
    found = Transfers(way)
    kinds = {"news": transport, "empty": EMPTY_POLL.get(transport, "")}
    kinds |= {"post": "post"} if transport == "sse" else {}
    for kind, where in kinds.items():
        if found.up[kind] and where:
            up, down = statistics.fmean(found.up[kind]), statistics.fmean(found.down[kind])
            for what, value in (("header bytes up", up), ("header bytes down", down), ("header bytes", up + down)):
                notes.saw(what, f"{client}: {where}", UNIT, value)
    for way_of, sizes in (("up", found.up["opening"]), ("down", found.down["opening"])):
        if sizes:
            notes.saw(f"opening bytes {way_of}", f"{client}: {transport}", "B", statistics.fmean(sizes))


def show(found: Observations) -> Shown:
    def cells(client: str, where: str, what: Sequence[str]) -> list[tuple[str, str]]:
        return [(count(found, one, f"{client}: {where}"), "") for one in what]

    ways = "header bytes up", "header bytes down", "header bytes"
    tables = [
        Table(f"Bytes of headers, {words}", ("up", "down", "both ways"), [
            (title, cells(client, where, ways)) for where, title in WHERE.items()])
        for client, words in BY.items()
    ]  # fmt: skip
    opening = [
        (f"{TITLES[name]}, {words}", cells(client, name, ("opening bytes up", "opening bytes down")))
        for name in ("sse", "websocket") for client, words in BY.items()
    ]  # fmt: skip
    tables.append(Table("Bytes once, before the first message", ("up", "down"), opening))
    poll, event, frame = (
        count(found, "header bytes", f"browser: {name}") for name in ("short-polling", "sse", "websocket")
    )
    return Shown(
        sentence=f"With a browser's headers a poll that brings news costs {poll} bytes beside what it carries, up and "
        f"down together; an SSE event costs {event}, and a WebSocket frame each way costs {frame}.",
        tables=tables,
        picture=pictures.pairs(found, "header bytes", WHERE, AXIS),
        caption="Bytes of headers in a transfer, up and down together. The filled mark is a browser's, the hollow one "
        "a bare client's. The grey band is the 500 to 800 bytes that <em>High Performance Browser Networking</em> "
        "(2013) says HTTP/1.x adds.",
    )


BY = {"browser": "by a browser", "bare": "by a bare client"}
AXIS = "bytes of headers, up and down together (logarithmic axis)"
DEMONSTRATION = Demonstration(
    "headers", "What do headers cost?", "How many bytes does a transfer cost beside what it carries?", 45.0,
    check, observe, show,
)  # fmt: skip
