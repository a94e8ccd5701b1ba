"""The desk: where orders are taken, and from where everybody who watches is told."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from websockets.asyncio.server import ServerConnection

from lab.errors import BadUse
from lab.live import events, news
from lab.live.controls import Controls
from lab.live.counters import Totals, read
from lab.live.frames import Control, Do, Frame, GiveScenario, Set, Sorry, Watch
from lab.live.http import Http, Lost
from lab.live.processes import Line, Server
from lab.live.robot import Robot
from lab.live.scenario import toml
from lab.live.stage import Guest, tell
from lab.ports import LOOPBACK

TICK = 0.5  # seconds between two looks at the counters
SOON = 2.0  # seconds for the server to tell them, or it is as good as down
KEPT = 10_000  # events
STILL = 0.4  # seconds for which a slider has rested when it is told where
GONE = "The line ended by itself, and nothing goes through. Start again; if it happens again, please report it."


class Desk:
    """The processes, what is set, what was counted, and who watches."""

    def __init__(self, server: Server, line: Line, room: str) -> None:
        self.server, self.line = server, line
        self.controls = Controls(line.order)
        self.robot = Robot(server.port, room, self.controls.values, lambda: self.token)
        self.token = ""  # the robot's, where one is needed
        self.totals = Totals()
        self.up = False
        self.http = Http(LOOPBACK, server.port)
        self.looking = asyncio.Lock()  # it answers one question at a time
        self.began = time.monotonic()
        self.watching: set[ServerConnection] = set()
        self.moved: dict[Control, float] = {}  # sliders, and when each was moved last
        self.happened: deque[news.Event] = deque(maxlen=KEPT)
        self.restarting = False
        self.fixed = False  # whether members may not switch
        self.tasks = asyncio.TaskGroup()
        self.running: set[asyncio.Task[None]] = set()
        self.on_tick: Callable[[news.Counters], None] = lambda counters: None

    @property
    def at_s(self) -> float:
        """Since the start."""
        return round(time.monotonic() - self.began, 3)

    def tell(self, said: news.News) -> None:
        tell(self.watching, said)

    def tell_controls(self) -> None:
        self.tell(self.controls.shown(len(self.watching), self.fixed))

    def event(self, text: str) -> None:
        """It happened: everybody who watches is told, and it is written down."""
        event = news.Event(self.at_s, text)
        self.happened.append(event)
        self.tell(event)

    def begin_watching(self, connection: ServerConnection) -> None:
        self.watching.add(connection)
        self.tell_controls()
        tell([connection], self.counters())

    def end_watching(self, connection: ServerConnection) -> None:
        self.watching.discard(connection)
        self.tell_controls()

    def take(self, said: Set | Do) -> None:
        """An order. Sorry where it cannot be carried out."""
        if isinstance(said, Set):
            if self.controls.set(said):
                self.moved[said.control] = self.at_s
                self.robot.wake()
                self.tell_controls()
        elif said.action == "restart":
            if self.restarting:
                raise Sorry("The server is being started again already.")
            self.restarting = True
            self.begin(self.restart())
        elif self.controls.do(said):
            self.event(events.of_deed(said))
            self.tell_controls()

    async def restart(self) -> None:
        """Kill the server, and start it again."""
        await self.look()  # what it counts after that is lost
        self.event(events.KILLED)
        self.event(events.BACK.format(await self.server.restart()))
        self.restarting = False

    async def tend_server(self) -> None:
        """Where it ends by itself, it is started again."""
        while True:
            process = self.server.process
            await self.server.ended()
            async with self.server.turn:
                pass  # it may be being started again
            if self.server.process is process:
                self.event(events.DIED)
                self.event(events.BACK.format(await self.server.restart()))

    async def tend_line(self) -> None:
        await self.line.ended()
        raise BadUse(GONE)

    async def look(self) -> None:
        """Read the counters; a server that does not tell them is down."""
        async with self.looking:
            before = self.totals.all(self.up)
            try:
                async with asyncio.timeout(SOON):
                    answer = await self.http.ask("GET", "/metrics")
            except (Lost, TimeoutError):
                self.up = False
                return
            self.up = answer.status == 200
            if self.up:
                self.totals.add(read(answer.body.decode()))
                for text in events.of_change(before, self.totals.all(self.up)):
                    self.event(text)

    def counters(self) -> news.Counters:
        state = "up" if self.up else "down"
        return news.Counters(self.at_s, state, dict(self.totals.measured), self.totals.all(self.up))

    async def count(self) -> None:
        """Tell what is counted, twice a second."""
        due = time.monotonic()
        while True:
            await self.look()
            for control in [control for control, at_s in self.moved.items() if self.at_s - at_s > STILL]:
                del self.moved[control]
                self.event(events.of_set(control, self.controls.values[control]))
            counters = self.counters()
            self.tell(counters)
            self.on_tick(counters)
            due = max(due + TICK, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Let it go on by itself. `tasks` must have been entered."""
        task = self.tasks.create_task(work)
        self.running.add(task)
        task.add_done_callback(self.running.discard)

    def work(self) -> None:
        """Begin all that goes on from the start to the end."""
        for work in (self.count(), self.tend_server(), self.tend_line(), self.robot.live()):
            self.begin(work)

    def rest(self) -> None:
        """End it, so that `tasks` can be left."""
        for task in self.running:
            task.cancel()


class Watcher:
    """A live page."""

    def __init__(self, desk: Desk, connection: ServerConnection) -> None:
        self.desk, self.connection = desk, connection
        desk.begin_watching(connection)

    async def hear(self, said: Frame) -> None:
        match said:
            case Set() | Do():
                self.desk.take(said)
            case GiveScenario():
                tell([self.connection], news.Scenario(toml(self.desk.controls.values)))
            case _:
                raise Sorry("That is not for the live page to say.")

    def leave(self) -> None:
        self.desk.end_watching(self.connection)


async def watcher(desk: Desk, connection: ServerConnection, first: Frame) -> Guest:
    """Who says that they watch. Sorry for anybody else."""
    if not isinstance(first, Watch):
        raise Sorry("The first frame is watch.")
    return Watcher(desk, connection)
