"""Who writes into a room by right: directly to the server, whose answer says how many messages the room has had."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

import msgspec

from lab.children import RunFailed
from lab.demonstrations.asking import ask

NAME = "Ada"


class Victim(Protocol):
    async def say(self, text: str) -> int:
        """Write a message; returns its number in the room."""


class Posting:
    """By HTTP, at this address of a room; with a session's token, where there is one."""

    def __init__(self, room: str, token: str = "") -> None:
        self.url, self.headers = f"{room}/messages", {"Authorization": f"Bearer {token}"} if token else {}

    async def say(self, text: str) -> int:
        answer = await ask("POST", self.url, draft(text), self.headers)
        if answer.status not in (200, 201):
            raise RunFailed(f"the victim was answered {answer.status}")
        return int(answer.json["seq"])


class Connected:
    """By the minimal WebSocket server, which knows no other way."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    async def say(self, text: str) -> int:
        said = draft(text)
        await self.socket.send(msgspec.json.encode(said).decode())
        while (heard := msgspec.json.decode(await self.socket.recv()))["id"] != said["id"]:
            pass  # what others say
        return int(heard["seq"])


def draft(text: str) -> dict[str, str]:
    return {"id": secrets.token_hex(8), "sender": NAME, "text": text}


@asynccontextmanager
async def connected(server: str, room: str) -> AsyncIterator[Victim]:
    """Somebody in a room of the minimal WebSocket server."""
    from websockets.asyncio.client import connect

    async with connect(f"{server.replace('http', 'ws')}/rooms/{room}/socket") as socket:
        yield Connected(socket)
