"""The members of a class: who is here, and how each hears."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from websockets.asyncio.server import ServerConnection

from lab.live import news
from lab.live.frames import Transport
from lab.live.stage import TRY_AGAIN, Unwelcome

MOST = 500  # in a class
ROBOT = "polls-apart-robot"  # how a robot calls itself to the stage
TABS = 4  # connections of a member


@dataclass
class Member:
    """Somebody with a session of their own. What they say themselves is kept nowhere."""

    number: int
    name: str
    robot: bool
    transport: Transport = "short-polling"
    seen: int = 0  # of their own words
    vote: Transport | None = None
    ticket: tuple[str, ...] | None = None
    connections: set[ServerConnection] = field(default_factory=set)

    @property
    def id(self) -> str:
        return f"m{self.number}"

    @property
    def here(self) -> bool:
        return bool(self.connections)

    def shown(self) -> news.Seat:
        return news.Seat(self.id, self.name, self.transport, self.here, self.seen, self.robot)


class Members:
    """All who ever came, by their token: who comes back is who they were."""

    def __init__(self) -> None:
        self.all: dict[str, Member] = {}

    def arrive(self, token: str, name: str, robot: bool, connection: ServerConnection) -> tuple[Member, bool]:
        """Who it is, and whether they are new. Unwelcome where there are too many."""
        known = self.all.get(token)
        if known is None and len(self.all) >= MOST:
            raise Unwelcome(TRY_AGAIN, f"The class has {MOST} members, and takes no more.")
        if known and len(known.connections) >= TABS:
            raise Unwelcome(TRY_AGAIN, f"You are here {TABS} times already.")
        member = known or Member(len(self.all) + 1, name, robot)
        self.all[token] = member
        member.connections.add(connection)
        return member, known is None

    @property
    def here(self) -> list[Member]:
        return [member for member in self.all.values() if member.here]

    @property
    def devices(self) -> int:
        """How many came that are no robots."""
        return sum(not member.robot for member in self.all.values())

    def least(self, transports: Sequence[Transport]) -> Transport:
        """That of these by which the fewest hear."""
        taken = Counter(member.transport for member in self.here)
        return min(transports, key=lambda transport: taken[transport])

    def share_out(self, transports: Sequence[Transport]) -> None:
        """Equally many hear by each of these; devices and robots alike, so that neither has one to itself."""
        ordered = sorted(self.all.values(), key=lambda member: (not member.here, member.robot, member.number))
        for turn, member in enumerate(ordered):
            member.transport = transports[turn % len(transports)]

    def votes(self) -> dict[Transport, int]:
        return dict(Counter(member.vote for member in self.all.values() if member.vote))

    def tickets(self) -> Iterable[tuple[str, ...]]:
        return (member.ticket for member in self.all.values() if member.ticket)
