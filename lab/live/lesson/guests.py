"""Who is on the stage of a class: members, who speak for themselves alone, and the projector, which has the key."""

import hmac

from websockets.asyncio.server import ServerConnection

from lab.errors import BadUse
from lab.live.frames import Begin, Do, Echo, End, Fix, Frame, Hush, Join, Project, Set, Sorry, Switch, Ticket, Vote
from lab.live.lesson.classroom import Classroom
from lab.live.lesson.members import Member
from lab.live.stage import UNAUTHORIZED, Guest, Unwelcome, tell


class Attending:
    """A member's page."""

    def __init__(self, classroom: Classroom, member: Member, connection: ServerConnection) -> None:
        self.classroom, self.member, self.connection = classroom, member, connection

    async def hear(self, said: Frame) -> None:
        match said:
            case Echo():
                self.classroom.echo(self.member, said)
            case Switch(transport):
                self.classroom.switch(self.member, transport)
            case Vote():
                self.classroom.vote(self.member, said)
            case Ticket():
                self.classroom.hand_in(self.member, said)
            case _:
                raise Sorry("That is not for a member to say.")

    def leave(self) -> None:
        self.member.connections.discard(self.connection)


class Projector:
    """The projector's page."""

    def __init__(self, classroom: Classroom, connection: ServerConnection) -> None:
        self.classroom, self.connection = classroom, connection
        tell([connection], classroom.invitation.shown())
        classroom.desk.begin_watching(connection)
        tell([connection], classroom.shown())

    async def hear(self, said: Frame) -> None:
        classroom = self.classroom
        match said:
            case Set() | Do():
                classroom.desk.take(said)
                if isinstance(said, Set) and said.control == "poll_s":
                    classroom.place_all()
            case Begin("over") | End():
                await self.end()
            case Begin(phase):
                classroom.begin(phase)
            case Fix(on):
                classroom.fix(on)
            case Hush(on):
                classroom.hush(on)
            case _:
                raise Sorry("That is not for the projector to say.")

    async def end(self) -> None:
        """Write the run folder. Sorry where that cannot be: another attempt may go better."""
        try:
            await self.classroom.end()
        except BadUse as error:
            raise Sorry(str(error)) from None

    def leave(self) -> None:
        self.classroom.desk.end_watching(self.connection)


async def enter(classroom: Classroom, connection: ServerConnection, first: Frame) -> Guest:
    """A member or the projector, by the first frame. Sorry for anybody else."""
    match first:
        case Join(token):
            return Attending(classroom, await classroom.admit(token, connection), connection)
        case Project(key):
            if not hmac.compare_digest(key.encode(), classroom.key.encode()):
                raise Unwelcome(UNAUTHORIZED, "This is not the projector's key.")
            return Projector(classroom, connection)
        case _:
            raise Sorry("The first frame says who it is: member or projector.")
