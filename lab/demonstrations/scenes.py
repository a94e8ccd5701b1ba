"""What Ben does before a server while Ada writes, with one fault in it or with none: the scenes of exercise 12.

A scene plays once, in some seconds. Whatever of it is by chance comes from a seed. Ada writes straight to the server,
past everything, so that what Ben gets late or never was there.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from lab.behind import Site
from lab.demonstrations.cast import Cast, hears, leave, to_the_end
from lab.demonstrations.raw import HANDSHAKE, PATIENCE

SMALL, LARGE = 4_096, 1 << 20  # bytes of a receive buffer
LONG = "and so on and so forth, " * 160  # nearly as long as a message may be
MANY = 60  # of them: more than the kernel and an outbox hold for who does not read
CUT = "polls_apart_cuts_total 1.0"
IDLE = 2.0  # seconds for which the proxy of one scene waits for its server; most wait 60
NEVER = "86400"  # seconds: a heart that does not beat while anybody looks
ID = re.compile(rb"^id: (\S+)$", re.MULTILINE)


async def behind_a_buffer(cast: Cast) -> None:
    """Ben's stream comes through a proxy that puts events aside. He gives up in the end."""
    ben = await cast.comes()
    cast.asks(ben, "sse/events", {"Accept": "text/event-stream"})
    for _ in range(cast.rng.randint(3, 5)):
        await cast.pause()
        await cast.says()
    await cast.pause()
    await cast.look()
    await leave(ben)


async def stalling(cast: Cast) -> None:
    """Ben's program stops reading, while much is said; when it goes on, it has been given up."""
    ben = await cast.comes(SMALL)
    cast.asks(ben, "websocket/socket", HANDSHAKE)
    await hears(ben, '"ready"')
    await cast.says()
    await cast.pause()
    ben[1].transport.pause_reading()  # type: ignore[attr-defined]
    for _ in range(MANY):
        await cast.says(LONG)
    async with asyncio.timeout(PATIENCE):
        while CUT not in await cast.look():
            await cast.pause()
    ben[1].get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LARGE)
    ben[1].transport.resume_reading()  # type: ignore[attr-defined]
    await to_the_end(ben)
    await cast.look()


async def without_memory(cast: Cast) -> None:
    """Ben polls from the beginning each time."""
    ben = await cast.comes()
    polls = cast.rng.randint(6, 7)
    news = {1, *cast.rng.sample(range(2, polls - 1), 2)}
    for n in range(polls):
        if n in news:
            await cast.says()
        await cast.polls(ben, "short-polling/messages?after=0")
        await cast.pause()
    await cast.look()
    await leave(ben)


async def anew_each_time(cast: Cast) -> None:
    """Ben polls with his cursor, and on a new connection each time."""
    polls, cursor = cast.rng.randint(4, 5), "after=0"
    news = set(cast.rng.sample(range(polls), 2))
    for n in range(polls):
        if n in news:
            await cast.says()
        ben = await cast.comes()
        page = await cast.polls(ben, f"short-polling/messages?{cursor}", {"Connection": "close"})
        cursor = f"after={page['cursor']}&epoch={page['epoch']}"
        await to_the_end(ben)
        await cast.pause()
    await cast.look()


async def in_silence(cast: Cast) -> None:
    """Ben's stream comes through a proxy that ends what is silent. He comes back, from where he was."""
    fields = {"Accept": "text/event-stream"}
    for last in (False, False, True):
        ben = await cast.comes()
        cast.asks(ben, "sse/events", fields)
        await cast.pause()
        heard = await hears(ben, await cast.says())
        fields["Last-Event-ID"] = ID.findall(heard)[-1].decode()
        await (leave(ben) if last else to_the_end(ben))
    await cast.look()


async def held(cast: Cast) -> None:
    """Nothing is wrong: Ben asks, is told after a while that there is no news, and asks again."""
    ben, cursor = await cast.comes(), "after=0"
    for waits in (False, True, True, False):
        if not waits:
            await cast.says()
        page = await cast.polls(ben, f"long-polling/messages?{cursor}")
        cursor = f"after={page['cursor']}&epoch={page['epoch']}"
    await cast.look()
    await leave(ben)


async def beating(cast: Cast) -> None:
    """Nothing is wrong: a stream on which little is said, with a heartbeat whenever nothing is."""
    ben = await cast.comes()
    cast.asks(ben, "sse/events", {"Accept": "text/event-stream"})
    for _ in range(cast.rng.randint(2, 3)):
        await hears(ben, "\n:\n")
        await hears(ben, await cast.says())
    await cast.look()
    await leave(ben)


class Scene(NamedTuple):
    """A scene, its fault, and what it plays before: the server's options, and a site of nginx with lines of its own."""

    fault: str
    play: Callable[[Cast], Awaitable[None]]
    options: tuple[str, ...] = ()
    site: Site | None = None
    lines: str = ""
    idle: float | None = None


SCENES = (
    Scene("buffering", behind_a_buffer, ("--heartbeat", NEVER), "obvious", "proxy_ignore_headers X-Accel-Buffering;"),
    Scene("stalled-reader", stalling, ("--heartbeat", "4")),
    Scene("lost-cursor", without_memory),
    Scene("no-keep-alive", anew_each_time),
    Scene("no-heartbeat", in_silence, ("--heartbeat", NEVER), "good", idle=IDLE),
    Scene("nothing", held, ("--hold", "1.5")),
    Scene("nothing", beating, ("--heartbeat", "1")),
)
