"""What a foreign page can read and write through somebody's browser, by each transport, on minimal servers and ours.

The victim's browser has joined the guarded server, so it holds a session's cookie. Then it opens pages of three kinds
of strangers, and one of the chat's own origin. All of them run the same script, foreign.js.
"""

import asyncio
import itertools
import random
import secrets
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from lab.demonstrations import hijack_report, wire
from lab.demonstrations.chromium import check, chromium
from lab.demonstrations.hijack_report import COOKIES, GUARDED, MINIMAL, WHO
from lab.demonstrations.notes import YES_OR_NO, Demonstration, Notes
from lab.demonstrations.pages import pages
from lab.demonstrations.processes import minimal_server, server
from lab.demonstrations.relay import Relay, relay
from lab.demonstrations.victim import NAME, Posting, Victim, connected
from lab.plan import TITLES

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

SCRIPT = Path(__file__).with_name("foreign.js").read_text(encoding="utf-8")
PAGE = "<!doctype html><title>A page</title>"
REBOUND = "evil.example"  # a name that no machine has (RFC 6761): here it leads to the server
PATIENCE = 5.0  # seconds for the script to hear something
PAUSE = 0.2  # seconds between two messages of the victim
OFTEN = "1000"  # messages a second that a session may send: the victim is in several rooms at once
JOIN = """async (name) => {
  document.cookie = "plain=1";
  document.cookie = "open=1; SameSite=None; Secure";
  const headers = { "Content-Type": "application/json" };
  return (await (await fetch("/session", { method: "POST", headers, body: JSON.stringify({ name }) })).json()).token;
}"""


Sight = tuple[str, str, float]  # what, in which unit, and its value


class Target(NamedTuple):
    """A transport of a server: `url` is the server's own address, `way` the relay that browsers come by."""

    guard: str
    transport: str
    url: str
    way: Relay

    @property
    def name(self) -> str:
        return f"{self.guard} {self.transport}"

    @property
    def mount(self) -> str:
        return f"/{self.transport}" if self.guard == GUARDED else ""


class Page(NamedTuple):
    """Somebody's page, and the name by which it asks for the server."""

    who: str
    url: str
    host: str


async def observe(notes: Notes, rng: random.Random, say: Callable[[str], None]) -> None:
    """One repeat: every page tries every transport of both servers."""
    switch = f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1"
    async with targets() as found, chromium(notes, switch) as browser, pages(blank) as port:
        context = await browser.new_context()
        page = await context.new_page()
        guarded = next(target for target in found if target.guard == GUARDED)
        await page.goto(guarded.way.url)
        token = await page.evaluate(JOIN, NAME)
        for target in found:
            say(target.name)
            comers = pages_for(target, port)
            rng.shuffle(comers)
            seen = await asyncio.gather(*(visit(context, comer, target, token) for comer in comers))
            for what, unit, value in sorted(itertools.chain(*seen)):
                notes.saw(what, target.name, unit, value)
        await context.close()


@asynccontextmanager
async def targets() -> AsyncIterator[list[Target]]:
    """All servers, each behind a relay."""
    async with AsyncExitStack() as stack:
        ours = await stack.enter_async_context(server("all", "--auth", "token", "--send-rate", OFTEN))
        way = await stack.enter_async_context(relay(ours, PAGE))
        found = [Target(GUARDED, name, ours, way) for name in TITLES]
        for name in reversed(TITLES):
            url = await stack.enter_async_context(minimal_server(name))
            found.insert(0, Target(MINIMAL, name, url, await stack.enter_async_context(relay(url, PAGE))))
        yield found


async def blank() -> str:
    return PAGE


def pages_for(target: Target, port: int) -> list[Page]:
    """Who comes to this server: its own page, and the strangers."""
    own = urlsplit(target.way.url).port
    urls = (f"{target.way.url}/attack", f"http://localhost:{port}/", f"http://127.0.0.1:{port}/",
            f"http://{REBOUND}:{own}/attack")  # fmt: skip
    hosts = ("127.0.0.1", "127.0.0.1", "127.0.0.1", REBOUND)
    return [Page(who, url, f"http://{host}:{own}") for who, url, host in zip(WHO, urls, hosts, strict=True)]


async def visit(context: "BrowserContext", page: Page, target: Target, token: str) -> list[Sight]:
    """One page tries to read, and then to write, each in a room of its own."""
    tab = await context.new_page()
    await tab.goto(page.url)
    seen = []
    for act in ("read", "write"):
        room = f"{act}-{secrets.token_hex(6)}"
        asked = {"base": page.host, "mount": target.mount, "transport": target.transport, "room": room, "act": act,
                 "id": secrets.token_hex(8), "text": f"by {page.who}", "patience": PATIENCE}  # fmt: skip
        async with victim(target, room, token) as ada:
            secret = secrets.token_hex(8)
            before = await ada.say(secret)
            trying = asyncio.ensure_future(tab.evaluate(SCRIPT, asked))
            if act == "read":
                await say_until_done(ada, secret, trying)
                done = secret in await trying
            else:
                await trying
                done = await ada.say("after that") - before > 1
        seen += [(f"{page.who} {act}s", YES_OR_NO, float(done)), *on_the_wire(page.who, act, target, room)]
    await tab.close()
    return seen


@asynccontextmanager
async def victim(target: Target, room: str, token: str) -> AsyncIterator[Victim]:
    """Who writes into a room by right. All transports of the guarded server have the same rooms."""
    if target.guard == GUARDED:
        yield Posting(f"{target.url}/sse/rooms/{room}", token)
    elif target.transport != "websocket":
        yield Posting(f"{target.url}/rooms/{room}")
    else:
        async with connected(target.url, room) as ada:
            yield ada


async def say_until_done(ada: Victim, secret: str, trying: "asyncio.Future[list[str]]") -> None:
    """Say it again and again: who has only just come to a minimal server hears nothing of what was said before."""
    from websockets.exceptions import ConnectionClosed

    with suppress(ConnectionClosed):  # in a minimal room the next to speak falls with whoever has left
        while not trying.done():
            await ada.say(secret)
            await asyncio.wait([trying], timeout=PAUSE)
    await asyncio.wait([trying])


def on_the_wire(who: str, act: str, target: Target, room: str) -> Iterator[Sight]:
    """What the server was asked, and said: as it crossed the wire, whatever the browser let the page know of it."""
    asked = [exchange for passage in target.way.passages for exchange in wire.exchanges(passage)
             if f"/rooms/{room}/" in exchange.line and exchange.status is not None]  # fmt: skip
    first = [exchange for exchange in asked if exchange.line.startswith("OPTIONS")]
    proper = [exchange for exchange in asked if exchange not in first]
    for does, those in (("asks whether it may", first), ("tries to", proper)):
        if those:  # of two tries the one that went better
            yield f"answer when {who} {does} {act}", "HTTP status", min(float(one.status or 0) for one in those)
    if act == "read":
        for name, cookie in COOKIES.items():
            sent = any(f"{name}=" in wire.fields(exchange.request).get("cookie", "") for exchange in proper)
            yield f"{who} sends {cookie}", YES_OR_NO, float(sent)


DEMONSTRATION = Demonstration(
    "hijack", hijack_report.TITLE, "What can a foreign page do through somebody's browser, and what stops it?", 50.0,
    check, observe, hijack_report.show,
)  # fmt: skip
