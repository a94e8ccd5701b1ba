"""Pages that are not the servers' own: one that reloads itself, one of somebody else."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from lab.children import RunFailed

END_OF_HEAD = b"\r\n\r\n"


def whole(page: str) -> bytes:
    """A page as an HTTP answer that ends its connection."""
    body = page.encode()
    fields = f"Content-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\nCache-Control: no-store"
    return f"HTTP/1.1 200 OK\r\n{fields}\r\nConnection: close\r\n\r\n".encode() + body


@asynccontextmanager
async def pages(make: Callable[[], Awaitable[str]]) -> AsyncIterator[int]:
    """The port on loopback at which `make()` is asked for a page, whatever its address."""

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            await reader.readuntil(END_OF_HEAD)
            writer.write(whole(await make()))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, RunFailed):
            pass  # nobody asks any more, or nobody knows
        finally:
            writer.close()

    listener = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()
