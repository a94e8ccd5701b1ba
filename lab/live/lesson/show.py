"""`lab live --class`: starts everything on an address that the class can reach, and ends with a run folder."""

import asyncio
import secrets
import sys
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from msgspec import Struct

from lab import folder, machine, ports
from lab.live import signals
from lab.live.descriptors import allow
from lab.live.desk import Desk
from lab.live.http import Http
from lab.live.lesson import record
from lab.live.lesson.classroom import ROOM, Classroom
from lab.live.lesson.guests import enter
from lab.live.lesson.invitation import ALONE, PATIENCE, Invitation
from lab.live.lesson.names import join_code
from lab.live.processes import Line, Program, Robots, Server, room
from lab.live.robot import NAME
from lab.live.show import open_page, run, start
from lab.live.stage import Stage
from lab.ports import LOOPBACK

KEY = 24  # bytes of the projector's key, which makes 32 characters
FILES = 4_096  # open at once: a connection for each page, and what goes with it
ROBOTS_GONE = "The robots have ended by themselves."


class Options(Struct, frozen=True):
    """What was asked for. `address` is what the class types; none: to be found."""

    port: int = 0
    browser: bool = True
    address: str = ""
    robots: int = 0
    names: bool = False
    out: Path = folder.RUNS


def teach(options: Options) -> None:
    """The lesson, until Ctrl-C. BadUse when something does not start."""
    run(lesson(options))


async def lesson(options: Options) -> None:
    over, load = signals.over(), machine.load_average()
    allow(FILES)
    host = options.address or ports.of_this_machine()
    port = ports.pair(host, options.port)
    invitation = Invitation(host, port, join_code())
    async with AsyncExitStack() as stack:
        where = Path(stack.enter_context(room()))
        guarded = ["--page", "class", "--stage", str(port + 1), "--auth", "token", "--join-code", invitation.code]
        guarded += ["--origin", f"http://{host}:{port}"]
        server = Server(ports.lasting(), where, guarded, secrets.token_urlsafe())
        line = Line(host, port, server.port)
        desk = Desk(server, line, ROOM)
        key = secrets.token_urlsafe(KEY)
        write = partial(record.write, out=options.out, load=load)
        classroom = Classroom(desk, invitation, key, options.names, write)
        stage = Stage(partial(enter, classroom))
        await start(stack, server, line)
        desk.token = await session(server.port, invitation.code)
        await stage.open(host, port + 1, [f"http://{host}:{port}"])
        stack.push_async_callback(stage.close)
        async with desk.tasks:
            desk.work()
            desk.begin(classroom.teller.work())
            if options.robots:
                robots = Robots(host, port, invitation.code, options.robots)
                stack.push_async_callback(robots.end)
                await robots.start()
                desk.begin(tend(robots, desk))
            invite(invitation, key, host, options)
            if host != LOOPBACK or options.address:
                desk.begin(wait_for_somebody(classroom))
            try:
                await over.wait()
            finally:  # also where something went wrong in mid-lesson
                if classroom.members.all and classroom.report is None:
                    await classroom.end()
                desk.rest()
        if classroom.report:
            print(f"\nThe report of the lesson: {classroom.report}", flush=True)


def invite(invitation: Invitation, key: str, host: str, options: Options) -> None:
    """Say how one joins."""
    projector = f"{invitation.address}projector#{key}"
    if host == LOOPBACK and not options.address:
        print(ALONE)
    print(f"Join the class: {invitation.address}  with the join code {invitation.code}  (Ctrl-C ends it)")
    drawn = invitation.in_terminal()
    encoding = sys.stdout.encoding or "ascii"
    if drawn.encode(encoding, "ignore").decode(encoding) == drawn:  # there are terminals without these letters
        print(f"\n{drawn}")
    print(f"The projector's page, for you alone, since its key is in it: {projector}", flush=True)
    if options.browser:
        open_page(projector)


async def session(port: int, code: str) -> str:
    """A token for the robot that speaks for all."""
    server = Http(LOOPBACK, port)
    try:
        answer = await server.ask("POST", "/session", {"name": NAME, "code": code})
        return str(answer.json["token"])
    finally:
        server.close()


async def tend(program: Program, desk: Desk) -> None:
    await program.ended()
    desk.event(ROBOTS_GONE)


async def wait_for_somebody(classroom: Classroom) -> None:
    """Say what helps, where no device comes."""
    try:
        await asyncio.wait_for(classroom.somebody.wait(), PATIENCE)
    except TimeoutError:
        print(classroom.invitation.help(PATIENCE), flush=True)
