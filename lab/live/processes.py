"""The processes of the live lab: the server and the line before it. They end with us, whatever ends us."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path

import msgspec

from lab.children import START_TIME, STOP_TIME, own_group
from lab.errors import BadUse
from lab.live.http import Http, Lost
from lab.ports import LOOPBACK
from lab.serve import COMMAND

SECRET = "POLLS_APART_SECRET"  # by which the server signs tokens: one for all its lives, so that a restart ends none
LISTENING = "listening on "
ROBOTS_READY = "robots before "
LOOK = 0.05  # seconds between two looks whether the server answers
AGAIN = 0.5  # seconds until a server that could not start is started again
TRIES = 4  # as its port may be in use for a moment, by a connection that happens to leave from it


class Program:
    """A child that says when it is ready, in its first line. What goes wrong it says on our own stderr."""

    ready = LISTENING

    def __init__(self, what: str, arguments: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self.what, self.arguments = what, [sys.executable, "-m", *arguments]
        self.environment = os.environ | {COMMAND: "lab live"} | (environment or {})
        self.process: Process | None = None

    async def start(self) -> None:
        """Returns when it is ready. BadUse when that does not come."""
        self.process = await asyncio.create_subprocess_exec(
            *self.arguments, stdin=self.stdin(), stdout=PIPE, env=self.environment, **own_group()
        )
        assert self.process.stdout is not None
        try:
            async with asyncio.timeout(START_TIME):
                line = await self.process.stdout.readline()
        except TimeoutError:
            line = b""
        if not line.decode(errors="replace").startswith(self.ready):
            raise await self.failed()

    async def failed(self) -> BadUse:
        """That it came to nothing."""
        await self.end()
        return BadUse(f"The {self.what} did not start. What it said is above; if it said nothing, try again.")

    def stdin(self) -> int:
        return DEVNULL

    @property
    def lives(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def ended(self) -> None:
        """Returns when it has, by itself or not."""
        assert self.process is not None
        await self.process.wait()

    async def kill(self) -> None:
        """SIGKILL, to every process of it; returns when none is left."""
        assert self.process is not None and self.process.stdout is not None
        if self.lives:
            with contextlib.suppress(ProcessLookupError):
                if hasattr(os, "killpg"):
                    os.killpg(self.process.pid, signal.SIGKILL)  # it has a session of its own
                else:
                    self.process.kill()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.process.stdout.read(), STOP_TIME)  # ends when the last of them is gone
        await self.process.wait()

    async def end(self) -> None:
        """Ask it to, and kill it where it does not."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, TimeoutError):
            if self.lives:
                self.process.terminate()
            await asyncio.wait_for(self.process.wait(), STOP_TIME)
        await self.kill()


class Server(Program):
    """All four transports on a store that outlives it, at a port that stays the same."""

    def __init__(self, port: int, folder: Path, options: Sequence[str], secret: str) -> None:
        store = f"sqlite:{folder / 'chat.sqlite'}"
        arguments = ["servers", "all", "--host", LOOPBACK, "--port", str(port), "--store", store, *options]
        super().__init__("server", arguments, {SECRET: secret})
        self.port = port
        self.turn = asyncio.Lock()

    async def start(self) -> None:
        """Returns when it answers: it listens before it can."""
        await super().start()
        http = Http(LOOPBACK, self.port)
        while self.lives:
            try:
                await http.ask("GET", "/health")
                return http.close()
            except Lost:
                await asyncio.sleep(LOOK)
        raise await self.failed()

    async def restart(self) -> float:
        """Kill it where it lives, and start it again; returns after how many seconds it answers."""
        async with self.turn:
            began = time.monotonic()
            await self.kill()
            for attempt in range(TRIES):
                try:
                    await self.start()
                    break
                except BadUse:
                    if attempt == TRIES - 1:
                        raise
                    await asyncio.sleep(AGAIN)
            return time.monotonic() - began


class Line(Program):
    """The link between browsers and server, which takes orders."""

    def __init__(self, host: str, port: int, server: int) -> None:
        url = f"http://{LOOPBACK}:{server}"
        super().__init__("line", ["loadtests.link", url, "--host", host, "--port", str(port), "--orders"])

    def stdin(self) -> int:
        return PIPE

    def order(self, **order: object) -> None:
        """It takes effect at once."""
        if self.lives:
            assert self.process is not None and self.process.stdin is not None
            self.process.stdin.write(msgspec.json.encode(order) + b"\n")


class Robots(Program):
    """Members of a class that are programs."""

    ready = ROBOTS_READY

    def __init__(self, host: str, port: int, code: str, count: int) -> None:
        super().__init__("robots' process", ["lab.live.lesson.robots", host, str(port), code, str(count)])


def room() -> tempfile.TemporaryDirectory[str]:
    """A folder for the server's store, which goes when we do."""
    return tempfile.TemporaryDirectory(prefix="polls-apart-", ignore_cleanup_errors=True)
