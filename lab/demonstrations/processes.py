"""The processes that a demonstration needs: each tells what it does in a log, and is ended by its pid."""

import asyncio
import re
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from lab.children import START_TIME, STOP_TIME, RunFailed, last_words, own_group

ROOT = Path(__file__).parents[2]
OURS = re.compile(r"listening on (http://\S+)")
FLASKS = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")
GUNICORNS = re.compile(r"Listening at: (http://127\.0\.0\.1:\d+)")
LOOK = 0.02  # seconds between two looks


class Running:
    """A process, and what it has said on stdout and stderr."""

    def __init__(self, process: Process, log: Path) -> None:
        self.process, self.log = process, log

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    async def says(self, pattern: re.Pattern[str], patience: float = START_TIME) -> re.Match[str]:
        """What it says that is like this, as soon as it does. RunFailed when it ends before, or takes too long."""
        deadline = time.monotonic() + patience
        while not (found := pattern.search(self.said)):
            if self.process.returncode is not None or time.monotonic() > deadline:
                raise RunFailed(last_words(self.log))
            await asyncio.sleep(LOOK)
        return found

    async def end(self) -> None:
        """Ask it to, and do not leave before it has."""
        if self.process.returncode is None:
            self.process.terminate()
            try:
                await asyncio.wait_for(self.process.wait(), STOP_TIME)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()


@asynccontextmanager
async def running(*command: str) -> AsyncIterator[Running]:
    """A process, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=DEVNULL, stdout=output, stderr=STDOUT, cwd=ROOT, **own_group()
            )
        program = Running(process, log)
        try:
            yield program
        finally:
            await program.end()


@asynccontextmanager
async def server(*arguments: str) -> AsyncIterator[str]:
    """The address of a server of this project's, told these arguments."""
    async with running(sys.executable, "-m", "servers", *arguments, "--port", "0") as program:
        yield (await program.says(OURS))[1]


@asynccontextmanager
async def minimal_server(transport: str) -> AsyncIterator[str]:
    """The address of a minimal server, run by Flask as a learner runs it."""
    file = ROOT / "servers" / "minimal" / f"{transport.replace('-', '_')}.py"
    async with running(sys.executable, "-m", "flask", "--app", str(file), "run", "--port", "0") as program:
        yield (await program.says(FLASKS))[1]


async def until(condition: Callable[[], bool], patience: float) -> bool:
    """Whether it comes true in so many seconds; returns as soon as it does."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(LOOK)
    return True
