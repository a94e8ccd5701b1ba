"""HTTP/1.1 by hand, for what must be seen as it comes: polls on one connection, streams, a WebSocket's handshake."""

import asyncio
import re
import secrets
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from urllib.parse import urlsplit

from lab.children import RunFailed

NONE: Mapping[str, str] = MappingProxyType({})
TEXT = "x" * 60
HEAD_START = 0.3  # seconds for a stream to be there: a minimal server says nothing before its first event
PATIENCE = 15.0  # seconds for an answer that should come at once
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",  # of RFC 6455 section 1.3
}


async def connected(url: str) -> tuple[StreamReader, StreamWriter]:
    parts = urlsplit(url)
    return await asyncio.open_connection(parts.hostname, parts.port)


def write(writer: StreamWriter, url: str, target: str, fields: Mapping[str, str] = NONE) -> None:
    """Ask for it."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
    lines += [f"{name}: {value}" for name, value in fields.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())


async def answered(reader: StreamReader) -> None:
    """Read a whole answer that says its length."""
    async with asyncio.timeout(PATIENCE):
        head = await reader.readuntil(b"\r\n\r\n")
        if (length := LENGTH.search(head)) is None:
            raise RunFailed("an answer did not say how long it is")
        await reader.readexactly(int(length[1]))


async def stream(url: str, target: str) -> tuple[StreamReader, StreamWriter]:
    """A stream of events that has begun."""
    reader, writer = await connected(url)
    write(writer, url, target, {"Accept": "text/event-stream"})
    await asyncio.sleep(HEAD_START)
    return reader, writer


async def comes(reader: StreamReader, seconds: float) -> bool:
    """Whether an event with data comes in this time, or at the stream's end."""
    heard = b""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while b"data:" not in heard and (data := await reader.read(65_536)):
                heard += data
    return b"data:" in heard


async def upgraded(url: str) -> int:
    """The status with which a WebSocket's handshake is answered: 101 when there is one."""
    reader, writer = await connected(url)
    write(writer, url, f"/websocket/rooms/{room()}/socket", HANDSHAKE)
    async with asyncio.timeout(PATIENCE):
        line = await reader.readline()
    writer.close()
    return int(line.split()[1])


def room() -> str:
    """The name of one that nobody was in."""
    return f"room-{secrets.token_hex(4)}"


def draft() -> dict[str, str]:
    """A message."""
    return {"id": secrets.token_hex(8), "sender": "Ada", "text": TEXT}
