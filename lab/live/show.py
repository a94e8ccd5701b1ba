"""`lab live`: starts everything, says where, opens the page, and ends everything."""

import asyncio
import secrets
import threading
import webbrowser
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

from lab import ports
from lab.errors import BadUse
from lab.live import signals
from lab.live.desk import Desk, watcher
from lab.live.processes import Line, Server, room
from lab.live.stage import Stage
from lab.ports import LOOPBACK

ROOM = "lobby"


def show(port: int, browser: bool) -> None:
    """The live page, until Ctrl-C. BadUse when something does not start."""
    run(live(port, browser))


def run(lab: Coroutine[Any, Any, None]) -> None:
    """To the end. BadUse with the first sentence, where several things went wrong at once."""
    try:
        asyncio.run(lab)
    except BaseExceptionGroup as group:
        ours, others = group.split(BadUse)
        if ours is None or others is not None:
            raise
        raise first(ours) from None


def first(group: BaseExceptionGroup[BadUse]) -> BadUse:
    found = group.exceptions[0]
    return first(found) if isinstance(found, BaseExceptionGroup) else found


async def live(wanted: int, browser: bool) -> None:
    over = signals.over()
    port = ports.pair(LOOPBACK, wanted)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(room()))
        options = ["--page", "live", "--stage", str(port + 1)]
        server = Server(ports.lasting(), folder, options, secrets.token_urlsafe())
        line = Line(LOOPBACK, port, server.port)
        desk = Desk(server, line, ROOM)
        stage = Stage(partial(watcher, desk))
        await start(stack, server, line)
        origins = [f"http://{LOOPBACK}:{port}", f"http://localhost:{port}"]
        await stage.open(LOOPBACK, port + 1, origins)
        stack.push_async_callback(stage.close)
        async with desk.tasks:
            desk.work()
            print(f"The four transports side by side: {origins[0]}/  (Ctrl-C ends it)", flush=True)
            if browser:
                open_page(f"{origins[0]}/")
            await over.wait()
            desk.rest()


async def start(stack: AsyncExitStack, server: Server, line: Line) -> None:
    """Both at once; they end with the stack, the line first."""
    stack.push_async_callback(server.end)
    stack.push_async_callback(line.end)
    async with asyncio.TaskGroup() as starting:
        starting.create_task(server.start())
        starting.create_task(line.start())


def open_page(url: str) -> None:
    """In a browser, if there is one; some of them return only when they are closed."""

    def run() -> None:
        if not webbrowser.open(url):
            print("No browser could be opened here: open the address yourself.", flush=True)

    threading.Thread(target=run, daemon=True).start()
