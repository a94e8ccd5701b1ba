"""The robot of the live page: it says messages at random moments, by a WebSocket of its own that nobody counts.

Its rate is open loop: a message is due when it is due, however the server fares. What was not acknowledged when a
connection ended is said again on the next, under the same id; so it loses nothing, as the page's clients do not.
"""

import asyncio
import random
import secrets
from collections.abc import Callable
from contextlib import suppress
from itertools import count

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from lab.live.frames import Control
from lab.live.pace import Pace
from lab.ports import LOOPBACK

NAME = "Robot"
WORDS = "beep boop "
UNANSWERED = 200  # messages that wait for an acknowledgement, at most; what is due beyond them is not said
LIMIT = 2.0  # seconds, at most, until it tries again


class Robot:
    """`values` is what is set; `token` one of its own, or nothing where none is needed."""

    def __init__(self, port: int, room: str, values: dict[Control, float], token: Callable[[], str]) -> None:
        self.url = f"ws://{LOOPBACK}:{port}/robot/rooms/{room}/socket"
        self.values, self.token = values, token
        self.changed = asyncio.Event()
        self.unanswered: dict[str, str] = {}  # id -> text
        self.numbers = count(1)
        self.heard = Pace()  # of the room's messages, whoever said them

    def wake(self) -> None:
        """Another rate was set."""
        self.changed.set()

    async def live(self) -> None:
        """For ever: connected, or coming back."""
        while True:
            with suppress(OSError, TimeoutError, WebSocketException):
                await self.talk()
            await asyncio.sleep(random.uniform(0, LIMIT))

    async def talk(self) -> None:
        async with connect(self.url, compression=None, proxy=None, max_queue=None) as socket:
            if token := self.token():
                await socket.send(msgspec.json.encode({"type": "auth", "token": token}).decode())
            async with asyncio.TaskGroup() as tasks:
                hearing = tasks.create_task(self.hear(socket))
                speaking = tasks.create_task(self.speak(socket))
                await asyncio.wait((hearing, speaking), return_when=asyncio.FIRST_COMPLETED)
                hearing.cancel()
                speaking.cancel()

    async def hear(self, socket: ClientConnection) -> None:
        """To the end of the connection."""
        with suppress(WebSocketException):
            async for text in socket:
                said = msgspec.json.decode(text)
                match said["type"]:
                    case "message":
                        self.heard.add(len(said["text"].encode()))
                    case "ack":
                        self.unanswered.pop(said["id"], None)
                    case "error" if said["status"] < 500 and said["status"] != 429:
                        self.unanswered.pop(said["id"], None)

    async def speak(self, socket: ClientConnection) -> None:
        with suppress(WebSocketException):
            for id, text in list(self.unanswered.items()):
                await self.say(socket, id, text)
            while True:
                self.changed.clear()
                rate = self.values["robot_per_s"]
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), random.expovariate(rate) if rate else None)
                    continue  # the time to the next message has no memory: it may be drawn anew
                if len(self.unanswered) < UNANSWERED:
                    id, text = secrets.token_hex(8), self.text()
                    self.unanswered[id] = text
                    await self.say(socket, id, text)

    async def say(self, socket: ClientConnection, id: str, text: str) -> None:
        said = {"type": "send", "id": id, "sender": NAME, "text": text}
        await socket.send(msgspec.json.encode(said).decode())

    def text(self) -> str:
        """Its number, and as many words as fill the bytes that are set."""
        size = round(self.values["robot_bytes"])
        start = f"{next(self.numbers)} "
        return (start + WORDS * (size // len(WORDS) + 1))[:size].ljust(size, ".")
