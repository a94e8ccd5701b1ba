"""Ben and Ada, before one server: he listens, maybe by a proxy, and she writes."""

import asyncio
import contextlib
import random
import secrets
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from lab.children import RunFailed
from lab.demonstrations.asking import ask
from lab.demonstrations.raw import LENGTH, NONE, PATIENCE, room, write

WORDS = ("dinner?", "who is in?", "at eight", "bring bread", "I am late", "on my way", "which door?", "the blue one")
End = tuple[StreamReader, StreamWriter]


class Cast:
    """Ben and Ada before one server. `front` is where Ben goes, perhaps a proxy; `metrics` is what was there last."""

    def __init__(self, server: str, front: str, rng: random.Random) -> None:
        self.server, self.front, self.rng, self.room = server, front, rng, room()
        self.words = rng.sample(WORDS, len(WORDS))
        self.metrics = ""

    async def comes(self, buffer: int = 0) -> End:
        """A connection of Ben's; with a receive buffer of so many bytes, if that is said."""
        address = urlsplit(self.front)
        sock = socket.socket()
        if buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (address.hostname, address.port))
        return await asyncio.open_connection(sock=sock)

    def asks(self, ben: End, by: str, fields: Mapping[str, str] = NONE) -> None:
        """Ben asks for `sse/events` of the room, or the like."""
        transport, _, what = by.partition("/")
        write(ben[1], self.front, f"/{transport}/rooms/{self.room}/{what}", fields)

    async def polls(self, ben: End, by: str, fields: Mapping[str, str] = NONE) -> Any:
        """Ben asks, and has the answer."""
        self.asks(ben, by, fields)
        async with asyncio.timeout(PATIENCE):
            head = await ben[0].readuntil(b"\r\n\r\n")
            if (length := LENGTH.search(head)) is None:
                raise RunFailed("an answer did not say how long it is")
            return msgspec.json.decode(await ben[0].readexactly(int(length[1])))

    async def says(self, text: str = "") -> str:
        """Ada writes it, or her next word; returned is what she wrote."""
        said = text or self.words.pop()
        await ask("POST", f"{self.server}/sse/rooms/{self.room}/messages",
                  {"id": secrets.token_hex(4), "sender": "Ada", "text": said})  # fmt: skip
        return said

    async def look(self) -> str:
        """The server's /metrics, at this moment."""
        self.metrics = (await ask("GET", f"{self.server}/metrics")).body.decode()
        return self.metrics

    async def pause(self) -> None:
        """Nobody does anything for a moment."""
        await asyncio.sleep(self.rng.uniform(0.2, 0.6))


async def hears(ben: End, what: str) -> bytes:
    """All that comes until this has come."""
    heard = b""
    async with asyncio.timeout(PATIENCE):
        while what.encode() not in heard:
            if not (data := await ben[0].read(65_536)):
                raise RunFailed("the server hung up")
            heard += data
    return heard


async def to_the_end(ben: End) -> None:
    """Listen until the other side has hung up; then leave too."""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(PATIENCE):
            while await ben[0].read(65_536):
                pass
    await leave(ben)


async def leave(ben: End) -> None:
    ben[1].close()
    with contextlib.suppress(ConnectionError):
        await ben[1].wait_closed()
