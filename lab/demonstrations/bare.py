"""A client that sends what the protocol needs and nothing else: the bare headers of loadtests/headers.toml."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from lab.children import RunFailed
from lab.demonstrations import transfers
from lab.demonstrations.processes import until
from lab.demonstrations.relay import PIECE, Relay
from lab.demonstrations.transfers import RECORDED, Transfers
from lab.demonstrations.wire import masked

PATIENCE = 10.0  # seconds for any answer


class BareClient:
    """In a room of its own, through a relay, which sees what is answered."""

    def __init__(self, way: Relay, transport: str) -> None:
        self.way, self.transport = way, transport
        self.room = f"/rooms/room-{secrets.token_hex(4)}"
        self.cursor = "after=0"
        self.heard = 0

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["BareClient"]:
        """On one connection that listens and one that sends; a WebSocket does both on the first."""
        opened = [await asyncio.open_connection("127.0.0.1", self.way.own_port) for _ in range(2)]
        draining = [asyncio.ensure_future(drain(reader)) for reader, _ in opened]
        (_, self.listening), (_, self.sending) = opened
        try:
            if self.transport == "sse":
                self.listening.write(self.request("eventsource", f"GET {self.room}/events?after=0"))
                await self.reaches("opening", 1)
            if self.transport == "websocket":
                key = base64.b64encode(secrets.token_bytes(16)).decode()
                self.listening.write(self.request("websocket", f"GET {self.room}/socket?after=0", key=key))
                await self.reaches("opening", 1)
            yield self
        finally:
            for task in draining:
                task.cancel()
            for _, writer in opened:
                writer.close()

    def request(self, kind: str, line: str, **values: str) -> bytes:
        """A request's head."""
        known = {"host": f"127.0.0.1:{self.way.own_port}", **values}
        fields = [(name, known.get(value[1:-1], "") if value.startswith("{") else value)
                  for name, value in RECORDED["bare"][kind]]  # fmt: skip
        lines = [f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in fields if value), "\r\n"]
        return "\r\n".join(lines).encode("latin-1")

    async def send(self, text: str) -> None:
        draft = {"id": secrets.token_hex(16), "sender": "Ada", "text": text}
        if self.transport == "websocket":
            return self.listening.write(masked(msgspec.json.encode({"type": "send", **draft})))
        body = msgspec.json.encode(draft)
        sent = len(Transfers(self.way).up["post"])
        head = self.request("fetch-post", f"POST {self.room}/messages", length=str(len(body)))
        self.sending.write(head + body)
        await self.reaches("post", sent + 1)

    async def receive(self) -> None:
        """Wait for one message; a poll, for an answer."""
        if not self.transport.endswith("polling"):
            self.heard += 1
            return await self.reaches("news", self.heard)
        before = sum(map(len, self.polled()))
        self.listening.write(self.request("fetch-get", f"GET {self.room}/messages?{self.cursor}"))
        if not await until(lambda: sum(map(len, self.polled())) > before, PATIENCE):
            raise RunFailed("a poll was not answered")
        last = [exchange for exchange in transfers.answered(self.way) if exchange.line.startswith("GET")][-1]
        page = transfers.page(last)
        self.cursor = f"after={page['cursor']}&epoch={page['epoch']}"

    def polled(self) -> tuple[list[float], list[float]]:
        counted = Transfers(self.way).down
        return counted["news"], counted["empty"]

    async def reaches(self, kind: str, count: int) -> None:
        """Return when there have been so many transfers of this kind."""
        if not await until(lambda: len(Transfers(self.way).down[kind]) >= count, PATIENCE):
            raise RunFailed(f"nothing came by {self.transport}")


async def drain(reader: asyncio.StreamReader) -> None:
    while await reader.read(PIECE):
        pass
