"""How a robot of the class hears: the four transports, each as a program would write it.

Each returns or raises Lost when its connection ends, and is called again from the cursor.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from lab.live.frames import Transport
from lab.live.http import Lost

if TYPE_CHECKING:
    from lab.live.lesson.robots import Robot

PAGE = 500  # messages in the largest answer: after one of these there are more
END_OF_EVENT = b"\n\n"


async def short_polling(robot: "Robot") -> None:
    await asyncio.sleep(random.uniform(0, robot.poll_s))  # so that they do not ask in step
    while True:
        if await poll(robot) < PAGE:
            await asyncio.sleep(robot.poll_s)


async def long_polling(robot: "Robot") -> None:
    while True:
        await poll(robot)


async def sse(robot: "Robot") -> None:
    cursor = {"Last-Event-ID": f"{robot.epoch}-{robot.seq}"} if robot.epoch else {}
    rest = b""
    async for piece in robot.http.listen(f"{robot.path}/events", {"Accept": "text/event-stream", **cursor}):
        *events, rest = (rest + piece).split(END_OF_EVENT)
        for event in events:
            heard = dict(line.split(": ", 1) for line in event.decode().splitlines() if ": " in line)
            if heard.get("event") == "reset":
                robot.go_on(msgspec.json.decode(heard["data"]))
            elif "data" in heard:
                robot.take(heard["id"].rpartition("-")[0], [msgspec.json.decode(heard["data"])])


async def websocket(robot: "Robot") -> None:
    url = f"ws://{robot.site.host}:{robot.site.port}{robot.path}/socket{robot.cursor}"
    try:
        async with connect(url, compression=None, proxy=None, max_queue=None) as socket:
            await socket.send(msgspec.json.encode({"type": "auth", "token": robot.token}).decode())
            async for text in socket:
                frame = msgspec.json.decode(text)
                match frame["type"]:
                    case "ready":
                        robot.epoch = frame["epoch"]
                        robot.connect(socket)
                    case "reset":
                        robot.go_on(frame)
                        robot.connect(socket)
                    case "message":
                        robot.take(robot.epoch, [frame])
    except (OSError, TimeoutError, WebSocketException) as error:
        raise Lost(str(error)) from None
    finally:
        robot.connect(None)


async def poll(robot: "Robot") -> int:
    """Ask for what follows the cursor; returns how many messages that was."""
    answer = await robot.http.ask("GET", f"{robot.path}/messages{robot.cursor}")
    if answer.status in (409, 410):
        robot.go_on(answer.json)
        return 0
    if answer.status != 200:
        raise Lost(str(answer.status))
    page: dict[str, Any] = answer.json
    robot.take(page["epoch"], page["messages"])
    return len(page["messages"])


BY: Mapping[Transport, Callable[["Robot"], Awaitable[None]]] = {
    "short-polling": short_polling, "long-polling": long_polling, "sse": sse, "websocket": websocket,
}  # fmt: skip
