"""A TCP relay on loopback: it keeps every byte that goes through it, and can hold back what the server says."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from lab.demonstrations.pages import whole

PIECE = 65_536  # bytes read at once, at most
ATTACK = b"GET /attack "


class Passage:
    """One connection: what has gone up to the server, and down to the client."""

    def __init__(self) -> None:
        self.up, self.down = bytearray(), bytearray()


class Relay:
    """Before one server. It answers GET /attack itself, with `page`, where there is one.

    To a browser the page is then the server's own: as when a name led elsewhere while the page was loaded, and has
    been made to lead here since.
    """

    def __init__(self, server: str, page: str = "") -> None:
        parts = urlsplit(server)
        self.host, self.port = parts.hostname, parts.port
        self.page = page
        self.own_port = 0
        self.passages: list[Passage] = []
        self.serving: set[asyncio.Task[None]] = set()
        self.flowing = asyncio.Event()
        self.flowing.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.own_port}"

    async def hold(self, seconds: float) -> None:
        """Hold back for so long what the server says to those who listen; whoever posts is answered."""
        self.flowing.clear()
        try:
            await asyncio.sleep(seconds)
        finally:
            self.flowing.set()

    async def serve(self, client: StreamReader, to_client: StreamWriter) -> None:
        """One connection, from its first byte to its end."""
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        to_server: StreamWriter | None = None
        try:
            head = await client.read(PIECE)
            if self.page and head.startswith(ATTACK):
                return to_client.write(whole(self.page))
            server, to_server = await asyncio.open_connection(self.host, self.port)
            passage = Passage()
            self.passages.append(passage)
            await first_to_end(
                self.carry_up(head, client, to_server, passage), self.carry_down(server, to_client, passage)
            )
        except (OSError, asyncio.CancelledError):
            pass  # one of the two is gone, or all is over
        finally:
            self.serving.discard(task)
            for writer in filter(None, (to_client, to_server)):
                writer.close()

    async def carry_up(self, head: bytes, client: StreamReader, to_server: StreamWriter, passage: Passage) -> None:
        data = head
        while data:
            passage.up += data
            to_server.write(data)
            await to_server.drain()
            data = await client.read(PIECE)

    async def carry_down(self, server: StreamReader, to_client: StreamWriter, passage: Passage) -> None:
        while data := await server.read(PIECE):
            if not passage.up.startswith(b"POST"):
                await self.flowing.wait()
            passage.down += data
            to_client.write(data)
            await to_client.drain()


async def first_to_end(*ways: Coroutine[Any, Any, None]) -> None:
    """Carry both ways until one of them ends; then neither."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def relay(server: str, page: str = "") -> AsyncIterator[Relay]:
    """A relay before a server, on a port of its own."""
    made = Relay(server, page)
    listener = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.own_port = listener.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        listener.close()
        for task in list(made.serving):
            task.cancel()
        await asyncio.gather(*made.serving, return_exceptions=True)
