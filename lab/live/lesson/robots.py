"""The robots of a class: real clients, which join with the code, obey the projector, speak and listen.

    python -m lab.live.lesson.robots HOST PORT CODE COUNT

They come through the line as devices do. Each speaks at random moments, whatever becomes of its last word (open loop):
what it has to wait counts from the moment that was meant.
"""

import asyncio
import random
import secrets
import sys
import time
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from lab.live.descriptors import allow
from lab.live.frames import Transport
from lab.live.http import Http, Lost
from lab.live.lesson.listening import BY
from lab.live.lesson.members import ROBOT
from lab.live.lesson.names import made_up
from lab.live.processes import ROBOTS_READY

JOINING = 0.05  # seconds between two who join: the server takes ten sessions a second from an address, and 200 at once
EACH = 0.15  # words a second of a robot, at most: somebody who is keen
DELIVERIES = 400.0  # a second to all of them together, at most: two cores carry that by each transport, long polls too
THINKS = 15.0  # seconds in which a robot makes up its mind
LIMIT = 4.0  # seconds, at most, until it tries again
KEPT = 100  # own words that have not come back
SOCKETS = 4  # of each: to hear, to send, to the stage, and one that closes


class Site(NamedTuple):
    host: str
    port: int
    code: str


class Robot:
    """`number` of so many, from which follows how often it speaks."""

    def __init__(self, site: Site, number: int, many: int) -> None:
        self.site, self.number = site, number
        self.rate = min(EACH, DELIVERIES / many**2)
        self.token, self.name = "", made_up()
        self.transport: Transport = "websocket"
        self.room, self.poll_s = "class", 5.0
        self.epoch, self.seq = "", 0
        self.http, self.sending = Http(*site[:2]), Http(*site[:2])
        self.turn = asyncio.Lock()  # of who sends
        self.socket: ClientConnection | None = None
        self.connected = asyncio.Event()
        self.stage: ClientConnection | None = None
        self.sent: dict[str, tuple[float, Transport]] = {}  # its words: when each was meant, and by which way it went
        self.hearing: asyncio.Task[None] | None = None
        self.quiet = False
        self.asked: dict[str, Any] | None = None
        self.answered: set[str] = set()  # the phases whose question it has answered: it does not change its mind
        self.tasks: asyncio.TaskGroup

    @property
    def path(self) -> str:
        return f"/{self.transport}/rooms/{self.room}"

    @property
    def cursor(self) -> str:
        return f"?after={self.seq}&epoch={self.epoch}" if self.epoch else ""

    async def live(self) -> None:
        await asyncio.sleep(self.number * JOINING)
        await self.join()
        async with asyncio.TaskGroup() as tasks:
            self.tasks = tasks
            tasks.create_task(self.obey())
            tasks.create_task(self.speak())

    async def join(self) -> None:
        """Until there is a session."""
        while not self.token:
            with suppress(Lost):
                answer = await self.sending.ask("POST", "/session", {"name": self.name, "code": self.site.code})
                if answer.status == 201:
                    self.token = answer.json["token"]
            if not self.token:
                await asyncio.sleep(random.uniform(1, LIMIT))
        for http in (self.http, self.sending):
            http.headers["Authorization"] = f"Bearer {self.token}"

    async def obey(self) -> None:
        """Do what the stage says, for ever."""
        site = self.site
        while True:
            with suppress(OSError, TimeoutError, WebSocketException):
                async with connect(
                    f"ws://{site.host}:{site.port + 1}/", origin=Origin(f"http://{site.host}:{site.port}"),
                    user_agent_header=ROBOT, compression=None, proxy=None,
                ) as self.stage:  # fmt: skip
                    await self.say(type="member", token=self.token)
                    async for text in self.stage:
                        frame = msgspec.json.decode(text)
                        if frame["type"] == "place":
                            self.place(frame)
            await asyncio.sleep(random.uniform(0, LIMIT))

    async def say(self, **frame: object) -> None:
        """To the stage; where it is away, nothing is said."""
        if self.stage:
            with suppress(WebSocketException):
                await self.stage.send(msgspec.json.encode(frame).decode())

    def place(self, frame: dict[str, Any]) -> None:
        """Hear as one is told, from where one was; and answer what is asked."""
        self.poll_s, self.quiet = frame["poll_s"], frame["quiet"]
        if self.hearing is None or (frame["transport"], frame["room"]) != (self.transport, self.room):
            if self.hearing:
                self.hearing.cancel()
            self.http.close()
            if not self.turn.locked():
                self.sending.close()  # an idle connection would stand with the transport that one has left
            self.transport, self.room = frame["transport"], frame["room"]
            self.hearing = self.tasks.create_task(self.hear())
        if frame["question"] != self.asked:
            self.asked = frame["question"]
            if frame["question"]:
                self.tasks.create_task(self.answer(frame["phase"], frame["question"]["items"]))

    async def hear(self) -> None:
        while True:
            with suppress(Lost):
                await BY[self.transport](self)
            await asyncio.sleep(random.uniform(0, LIMIT / 2))

    async def answer(self, phase: str, items: list[dict[str, Any]]) -> None:
        """A guess at each item."""
        await asyncio.sleep(random.uniform(0, THINKS))
        if phase in self.answered or self.asked is None or self.asked["items"] != items:
            return
        self.answered.add(phase)
        guesses = [random.choice(item["choices"])["id"] for item in items]
        if phase == "vote":
            await self.say(type="vote", choice=guesses[0])
        else:
            await self.say(type="ticket", answers=guesses)

    def take(self, epoch: str, messages: list[dict[str, Any]]) -> None:
        self.epoch = epoch
        for message in messages:
            if message["seq"] <= self.seq:
                continue
            self.seq = message["seq"]
            if own := self.sent.pop(message["id"], None):
                meant, transport = own
                if transport == self.transport:
                    ms = round(1_000 * (time.monotonic() - meant), 1)
                    self.tasks.create_task(self.say(type="echo", transport=transport, ms=ms))

    def connect(self, socket: ClientConnection | None) -> None:
        """A WebSocket is ready to be sent by, or no longer."""
        self.socket = socket
        (self.connected.set if socket else self.connected.clear)()

    def go_on(self, gap: dict[str, Any]) -> None:
        """The cursor is of no use: go on where the server can."""
        self.epoch, self.seq = gap["epoch"], gap["cursor"]

    async def speak(self) -> None:
        meant = time.monotonic()
        while True:
            meant += random.expovariate(self.rate)
            await asyncio.sleep(meant - time.monotonic())
            if self.hearing and not self.quiet and len(self.sent) < KEPT:
                self.tasks.create_task(self.send(meant))

    async def send(self, meant: float) -> None:
        """A word: again under the same id, until it is in the log or has come back."""
        draft = {"id": secrets.token_hex(8), "sender": self.name, "text": f"{self.name} was here"}
        self.sent[draft["id"]] = meant, self.transport
        while draft["id"] in self.sent:
            with suppress(Lost, WebSocketException, TimeoutError):
                if await self.sends(draft):
                    return
            await asyncio.sleep(random.uniform(LIMIT, 2 * LIMIT))

    async def sends(self, draft: dict[str, str]) -> bool:
        """By the way it hears; whether it is known to be in the log."""
        if self.transport == "websocket":
            await asyncio.wait_for(self.connected.wait(), LIMIT)
            if self.socket:
                await self.socket.send(msgspec.json.encode({"type": "send", **draft}).decode())
            return False  # that it comes back says so
        async with self.turn:
            answer = await self.sending.ask("POST", f"{self.path}/messages", draft)
        return answer.status in (200, 201)


async def main(host: str, port: str, code: str, count: str) -> None:
    site, many = Site(host, int(port), code), int(count)
    allow(SOCKETS * many)
    async with asyncio.TaskGroup() as tasks:
        for number in range(many):
            tasks.create_task(Robot(site, number, many).live())
        print(f"{ROBOTS_READY}{host}:{port}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
