"""What one of nginx's sites does to streams, sockets and polls, each looked at through it.

Its time-outs are cut to a twentieth, and so are the heartbeats of the server behind it.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.behind import READ_TIMEOUT, Nginx, Site
from lab.children import RunFailed
from lab.demonstrations.asking import ask
from lab.demonstrations.notes import YES_OR_NO, Notes
from lab.demonstrations.processes import GUNICORNS, minimal_server, running
from lab.demonstrations.proxies_report import (
    BEFORE_END,
    BUFFERING,
    CHUNKED,
    CLOSED,
    CONNECTIONS,
    DIRECT,
    OUTLIVES,
    PAGE_SENDS,
    POLLS,
    RATE,
    TOLD,
    WEBSOCKET_OPENS,
)
from lab.demonstrations.raw import answered, comes, connected, draft, room, stream, upgraded, write
from lab.demonstrations.relay import relay

SHORTER = 20  # times
NEVER = "86400"  # seconds: a heart that does not beat while anybody looks
BEAT = 15 / SHORTER  # seconds; a server's heartbeat is 15
LONGEST = 30.0  # seconds that the first event may take
SOON = 1.0  # seconds in which what is not put aside has long arrived
LISTENED = 2.5  # time-outs that a connection is listened to, to be called open
Say = Callable[[str], None]


async def look(notes: Notes, site: Site, silent: str, brisk: str, say: Say) -> None:
    """Everything about one site. `silent` is a server whose heart does not beat, that of `brisk` beats often."""
    say(f"the {site} site: silence")
    await asyncio.gather(silence(notes, site, silent), heartbeats(notes, site, brisk))
    say(f"the {site} site: connections")
    await connections(notes, site, brisk)
    say(f"the {site} site: buffering")
    await buffering(notes, site)
    async with fronted(silent, site) as nginx:
        notes.saw(BUFFERING, f"{site}: {TOLD}", "s", await first_event(nginx.plain, silent, "/sse"))
        status = await upgraded(nginx.plain)
        notes.saw(WEBSOCKET_OPENS, site, YES_OR_NO, float(status == 101))
        mine = {"Origin": nginx.plain}
        answer = await ask("POST", f"{nginx.plain}/sse/rooms/{room()}/messages", draft(), mine)
        notes.saw(PAGE_SENDS, site, YES_OR_NO, float(answer.status == 201))


async def look_at_nothing(notes: Notes, silent: str) -> None:
    """The same events without anything in between."""
    notes.saw(BUFFERING, DIRECT, "s", await first_event(silent, silent, "/sse"))


async def connections(notes: Notes, site: Site, brisk: str) -> None:
    """How many connections to the server a client's polls take, all on one connection of its own."""
    for transport in ("short-polling", "long-polling"):
        async with relay(brisk) as way, fronted(way.url, site) as nginx:
            reader, writer = await connected(nginx.plain)
            for _ in range(POLLS):
                write(writer, nginx.plain, f"/{transport}/rooms/{room()}/messages")
                await answered(reader)
            writer.close()
            where = site if transport == "short-polling" else f"{site}: {transport}"
            notes.saw(CONNECTIONS, where, "connections per request", len(way.passages) / POLLS)


async def buffering(notes: Notes, site: Site) -> None:
    """How late the first of many events is, and whether a single one comes before its stream is over.

    The server is the minimal one, under gunicorn; and, as it answers in chunks, under Flask.
    """
    async with under_gunicorn() as (url, end), fronted(url, site) as nginx:
        notes.saw(BUFFERING, site, "s", await first_event(nginx.plain, url))
        alone = room()
        reader, writer = await stream(nginx.plain, f"/rooms/{alone}/events")
        await ask("POST", f"{url}/rooms/{alone}/messages", draft())
        early = await comes(reader, SOON)
        notes.saw(BEFORE_END, site, YES_OR_NO, float(early))
        await end()
        if not early and not await comes(reader, LONGEST):
            raise RunFailed("an event was lost in the proxy")
        writer.close()
    async with minimal_server("sse") as url, fronted(url, site) as nginx:
        notes.saw(BUFFERING, f"{site}: {CHUNKED}", "s", await first_event(nginx.plain, url))


async def first_event(url: str, server: str, mount: str = "") -> float:
    """Seconds until the first of many messages comes through a stream; they are written at the server itself."""
    where = f"{mount}/rooms/{room()}"
    reader, writer = await stream(url, f"{where}/events")
    begun = time.monotonic()
    writing = asyncio.ensure_future(write_on(f"{server}{where}/messages"))
    try:
        if not await comes(reader, LONGEST):
            raise RunFailed("no event came through the proxy")
        return time.monotonic() - begun
    finally:
        writing.cancel()
        writer.close()
        with suppress(asyncio.CancelledError):
            await writing


async def write_on(url: str) -> None:
    """A message, and another, at an even pace."""
    due = time.monotonic()
    while True:
        await ask("POST", url, draft())
        due += 1 / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def silence(notes: Notes, site: Site, silent: str) -> None:
    """After how long a stream is closed on which nothing is said."""
    async with fronted(silent, site, timeout(site)) as nginx:
        reader, writer = await connected(nginx.plain)
        write(writer, nginx.plain, f"/sse/rooms/{room()}/events")
        heard = time.monotonic()
        while await asyncio.wait_for(reader.read(65_536), LONGEST):
            heard = time.monotonic()
        notes.saw(CLOSED, site, "s", time.monotonic() - heard)
        writer.close()


async def heartbeats(notes: Notes, site: Site, brisk: str) -> None:
    """Whether one with heartbeats stays open."""
    async with fronted(brisk, site, timeout(site)) as nginx:
        reader, writer = await stream(nginx.plain, f"/sse/rooms/{room()}/events")
        with suppress(TimeoutError):
            async with asyncio.timeout(LISTENED * timeout(site)):
                while await reader.read(65_536):
                    pass
        notes.saw(OUTLIVES, site, YES_OR_NO, float(not reader.at_eof()))
        writer.close()


def timeout(site: Site) -> float:
    """Seconds: what the site waits for its server, shortened."""
    return int(READ_TIMEOUT[site].removesuffix("s")) / SHORTER


@asynccontextmanager
async def fronted(server: str, site: Site, read_timeout: float | None = None, lines: str = "") -> AsyncIterator[Nginx]:
    """nginx before a server."""
    more = "" if read_timeout is None else f"{read_timeout * 1_000:.0f}ms"
    with TemporaryDirectory() as folder:
        nginx = await asyncio.to_thread(Nginx, server, Path(folder) / "log", site, more, lines=lines)
        try:
            yield nginx
        finally:
            await asyncio.to_thread(nginx.stop)


@asynccontextmanager
async def under_gunicorn() -> AsyncIterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """The minimal server of streams as one is run in production: its address, and what ends it."""
    options = ["--worker-class", "gthread", "--threads", "8", "--graceful-timeout", "1", "--no-control-socket"]
    app = [sys.executable, "-m", "gunicorn", "servers.minimal.sse:app", "--bind", "127.0.0.1:0"]
    async with running(*app, *options) as program:
        yield (await program.says(GUNICORNS))[1], program.end
