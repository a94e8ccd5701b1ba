"""The classroom: the lesson's phases, its members, and what the projector is shown."""

import asyncio
from collections import deque
from collections.abc import Callable
from pathlib import Path

from websockets.asyncio.server import ServerConnection

from lab.live import news
from lab.live.desk import Desk
from lab.live.frames import Echo, Phase, Set, Sorry, Ticket, Transport, Vote
from lab.live.http import Http, Lost
from lab.live.lesson import names, plan
from lab.live.lesson.cost import everyone
from lab.live.lesson.echoes import Echoes
from lab.live.lesson.invitation import Invitation
from lab.live.lesson.members import ROBOT, Member, Members
from lab.live.lesson.teller import Teller
from lab.live.stage import TRY_AGAIN, UNAUTHORIZED, Unwelcome, tell
from lab.ports import LOOPBACK

ROOM = "class"
LOOKED = 50_000  # looks at the counters that are kept: seven hours
LOOK = 0.2  # seconds until it is asked again who somebody is, while the server is away
LOOKS = 75
WRITTEN = "What was measured is written down: {0}"


class Classroom:
    """`write` makes the run folder, and returns its report; it may take some seconds."""

    def __init__(
        self, desk: Desk, invitation: Invitation, key: str, named: bool, write: Callable[["Classroom"], Path]
    ) -> None:
        self.desk, self.invitation, self.key, self.named, self.write = desk, invitation, key, named, write
        self.lesson = plan.read()
        self.members, self.echoes = Members(), Echoes()
        self.teller = Teller(desk)
        self.step = self.lesson.step("vote")
        self.quiet = False  # no robot says anything
        self.began_s = 0.0
        self.begun: list[tuple[float, Phase]] = [(0.0, "vote")]
        self.counted: deque[tuple[Phase, news.Counters]] = deque(maxlen=LOOKED)
        self.report: Path | None = None  # of the run folder, once it is there
        self.ending = asyncio.Lock()
        self.server = Http(LOOPBACK, desk.server.port)
        self.asking = asyncio.Lock()  # it answers one question at a time
        self.somebody = asyncio.Event()  # a device has come
        desk.on_tick = self.tick
        self.set_up()

    @property
    def phase(self) -> Phase:
        return self.step.name

    def set_up(self) -> None:
        """Set what the phase sets."""
        step = self.step
        self.quiet = False
        for said in (Set("poll_s", step.poll_s), Set("rtt_ms", step.rtt_ms), Set("jitter_ms", 0.0),
                     Set("robot_per_s", step.robot_per_s)):  # fmt: skip
            self.desk.take(said)

    def begin(self, phase: Phase) -> None:
        """Another phase, or the same again: everybody is told their place."""
        if self.phase == "over":
            raise Sorry("The lesson is over. Start another with lab live --class.")
        self.step = self.lesson.step(phase)
        self.began_s = self.desk.at_s
        self.begun.append((self.began_s, phase))
        self.echoes.begin()
        if self.step.transports:
            self.members.share_out(self.step.transports)
        self.set_up()
        self.desk.event(f"{self.step.title}. {self.step.said}")
        self.place_all()

    def place_all(self) -> None:
        for member in self.members.here:
            self.place(member)

    def place(self, member: Member) -> None:
        """Tell a member, on all their pages."""
        tell(member.connections, news.Place(
            member=member.id, transport=member.transport, poll_s=self.desk.controls.values["poll_s"],
            phase=self.phase, fixed=self.desk.fixed, room=ROOM, question=self.lesson.question(self.phase),
            said=self.step.said, name=member.name, quiet=self.quiet,
        ))  # fmt: skip

    def fix(self, on: bool) -> None:
        self.desk.fixed = on
        self.desk.tell_controls()
        self.place_all()

    def hush(self, on: bool) -> None:
        """Let only people speak, or the robots too. What is then said is looked at for itself."""
        self.quiet = on
        self.desk.take(Set("robot_per_s", 0.0 if on else self.step.robot_per_s))
        self.echoes.begin()
        self.place_all()

    async def admit(self, token: str, connection: ServerConnection) -> Member:
        """Somebody with a session. Unwelcome without one."""
        name = await self.name_of(token)
        robot = connection.request is not None and connection.request.headers.get("User-Agent") == ROBOT
        shown = name if self.named or robot or names.is_made_up(name) else ""
        member, new = self.members.arrive(token, shown, robot, connection)
        if new:
            member.transport = self.members.least(self.step.transports or ("websocket",))
            if not robot:
                self.somebody.set()
        self.place(member)
        return member

    async def name_of(self, token: str) -> str:
        """Whose session it is, by the server's word."""
        for _ in range(LOOKS):
            try:
                async with self.asking:
                    answer = await self.server.ask("GET", "/session", headers={"Authorization": f"Bearer {token}"})
                if answer.status == 200:
                    return str(answer.json["name"])
                if answer.status == 401:
                    raise Unwelcome(UNAUTHORIZED, "The server knows no such session.")
            except Lost:
                pass  # it is being started again
            await asyncio.sleep(LOOK)
        raise Unwelcome(TRY_AGAIN, "The server does not say who this is.")

    def echo(self, member: Member, said: Echo) -> None:
        member.seen += 1
        self.echoes.add(said, self.desk.at_s, self.phase, member.number, member.robot)
        self.teller.add(news.Move(member.id, said.transport, said.ms))

    def switch(self, member: Member, transport: Transport) -> None:
        if self.desk.fixed:
            raise Sorry("For now everybody stays where the lesson puts them.")
        member.transport = transport
        self.place(member)

    def vote(self, member: Member, said: Vote) -> None:
        if self.phase != "vote":
            raise Sorry("The vote is over.")
        member.vote = said.choice

    def hand_in(self, member: Member, said: Ticket) -> None:
        if self.phase != "ticket":
            raise Sorry("The exit ticket is not being asked for now.")
        if not self.lesson.takes(said.answers):
            raise Sorry(f"The exit ticket has {len(self.lesson.ticket)} questions, with the answers a, b and c.")
        member.ticket = said.answers

    def tick(self, counters: news.Counters) -> None:
        """Twice a second."""
        if self.phase != "over":
            self.counted.append((self.phase, counters))
        if self.desk.watching:
            self.desk.tell(self.shown())

    def shown(self) -> news.Class:
        values, heard = self.desk.controls.values, self.desk.robot.heard
        pace, size = heard.per_s, heard.bytes
        return news.Class(
            phase=self.phase, phase_s=round(self.desk.at_s - self.began_s, 1), code=self.invitation.code,
            address=self.invitation.address, members=[member.shown() for member in self.members.all.values()],
            votes=self.members.votes(), ticket=self.lesson.answered(self.members.tickets()),
            echo=self.echoes.shown(),
            everyone=everyone(len(self.members.here), pace, size, values["poll_s"], values["rtt_ms"]),
            messages_per_s=round(pace, 2), said=self.step.said, quiet=self.quiet,
        )  # fmt: skip

    async def end(self) -> None:
        """The lesson is over: write down what was measured, once, and say where."""
        async with self.ending:
            if self.phase != "over":
                self.begin("over")
            if self.report is None:
                self.report = await asyncio.to_thread(self.write, self)
                self.desk.event(WRITTEN.format(self.report))
            self.desk.tell(news.Ended(str(self.report.parent), str(self.report)))
