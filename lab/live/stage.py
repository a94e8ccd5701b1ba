"""The stage: one WebSocket for each page, on which news go out and orders come in.

Pages of other origins are refused, as is who does not say in time who they are, and who says too much. A page that does
not take what it is told is cut: nothing queues for it without end.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from lab.errors import BadUse
from lab.live import news
from lab.live.frames import Frame, Sorry, read

FRAME = 16 * 1024  # bytes that a page may say at once
FIRST = 5.0  # seconds to say who one is
PER_S, AT_ONCE = 20.0, 60.0  # frames of a connection: a slider that is dragged says twenty a second
BAD = 10  # frames in a row that are none
BEHIND = 512 * 1024  # bytes that wait for a page before it is cut: some ten seconds of news
MOST = 1_500  # connections
UNAUTHORIZED, POLICY, TRY_AGAIN = 4401, 1008, 1013  # closing codes

log = logging.getLogger(__name__)


class Guest(Protocol):
    """Somebody who has said who they are."""

    async def hear(self, said: Frame) -> None:
        """Take what the page says. Sorry where it may not, or cannot be."""

    def leave(self) -> None:
        """The page has gone."""


class Unwelcome(Exception):
    """Why a connection is closed: its code, and a sentence."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


Enter = Callable[[ServerConnection, Frame], Awaitable[Guest]]


class Bucket:
    """How many frames a connection may still say (the token bucket algorithm)."""

    def __init__(self) -> None:
        self.level, self.then = AT_ONCE, asyncio.get_running_loop().time()

    def take(self) -> bool:
        now = asyncio.get_running_loop().time()
        self.level = min(AT_ONCE, self.level + (now - self.then) * PER_S)
        self.then = now
        self.level -= 1
        return self.level >= 0


class Stage:
    """`enter` makes a guest of a connection's first frame, or raises Sorry or Unwelcome."""

    def __init__(self, enter: Enter) -> None:
        self.enter = enter
        self.connections: set[ServerConnection] = set()
        self.server: Server

    async def open(self, host: str, port: int, origins: Sequence[str]) -> None:
        """Begin to listen. BadUse where that cannot be."""
        quiet = logging.getLogger(f"{__name__}.handshakes")  # strangers who are refused are no errors of ours
        quiet.setLevel(logging.CRITICAL)
        try:
            self.server = await serve(
                self.talk, host, port, origins=[Origin(origin) for origin in origins], max_size=FRAME,
                compression=None, server_header=None, logger=quiet, open_timeout=FIRST, close_timeout=2,
            )  # fmt: skip
        except OSError as error:
            raise BadUse(f"cannot listen on {host} port {port}: {error.strerror}. Choose another with --port") from None

    async def close(self) -> None:
        """Every page is told that it is over (1001)."""
        self.server.close()
        await self.server.wait_closed()

    async def talk(self, connection: ServerConnection) -> None:
        """A connection, from its first frame to its end."""
        guest = None
        try:
            if len(self.connections) >= MOST:
                raise Unwelcome(TRY_AGAIN, "The stage is full.")
            self.connections.add(connection)
            guest = await self.introduced(connection)
            await self.converse(connection, guest)
        except Unwelcome as why:
            with suppress(ConnectionClosed):
                await connection.close(why.code, why.reason)
        except ConnectionClosed:
            pass
        except Exception:
            log.exception("A page's connection to the stage failed.")
        finally:
            self.connections.discard(connection)
            if guest:
                guest.leave()

    async def introduced(self, connection: ServerConnection) -> Guest:
        """Who it is, by the first frame."""
        try:
            async with asyncio.timeout(FIRST):
                first = await connection.recv()
            return await self.enter(connection, read(first))
        except TimeoutError:
            raise Unwelcome(UNAUTHORIZED, "Nobody has said who this is.") from None
        except Sorry as why:
            raise Unwelcome(UNAUTHORIZED, short(str(why))) from None

    async def converse(self, connection: ServerConnection, guest: Guest) -> None:
        bucket, bad = Bucket(), 0
        async for text in connection:
            if not bucket.take():
                raise Unwelcome(POLICY, "That is more than a page has to say.")
            try:
                said = read(text)
                bad = 0
                await guest.hear(said)
            except Sorry as why:
                bad += 1
                tell([connection], news.Sorry(str(why)))
                if bad >= BAD:
                    raise Unwelcome(POLICY, "None of that was what a page says.") from None


def tell(connections: Iterable[ServerConnection], said: news.News) -> None:
    """Say it to all of them; to who has not taken what was said before, never again."""
    taking = []
    for connection in connections:
        if connection.transport.get_write_buffer_size() > BEHIND:
            connection.transport.abort()
        else:
            taking.append(connection)
    if taking:
        broadcast(taking, said.frame)


def short(reason: str) -> str:
    """As a closing frame has room for it (RFC 6455 section 5.5)."""
    return reason.encode()[:120].decode(errors="ignore")
