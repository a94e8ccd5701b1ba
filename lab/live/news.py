"""What the stage says to pages: text frames of JSON, `type` first. Times are seconds since the lab was started."""

from typing import Any

import msgspec
from msgspec import Struct, field

from lab.live.frames import Phase, Transport


class News(Struct, frozen=True, tag_field="type"):
    """Anything that the stage says."""

    @property
    def frame(self) -> str:
        return msgspec.json.encode(self).decode()


class Controls(News, frozen=True, tag="controls"):
    """What is set. `limits` has the least and the most of each; `pages` is how many pages watch."""

    poll_s: float
    rtt_ms: float
    jitter_ms: float
    robot_per_s: float
    robot_bytes: float
    frozen: list[Transport]
    limits: dict[str, tuple[float, float]]
    pages: int
    fixed: bool = False


class Count(Struct, frozen=True):
    """Of one transport, since the start; connections and queued bytes at this moment. Bytes up come from the client.

    What is not measured here is None.
    """

    connections: int = 0
    requests: int = 0
    empty: int = 0
    socket_up: int | None = None
    socket_down: int | None = None
    ip_up: int | None = None
    ip_down: int | None = None
    queued: int = 0
    cuts: int = 0
    resets: int = 0


class Counters(News, frozen=True, tag="counters"):
    """All that the server counts."""

    at_s: float
    server: str  # up or down
    measured: dict[str, bool]
    transports: dict[Transport, Count]


class Event(News, frozen=True, tag="event"):
    """What just happened, in plain words."""

    at_s: float
    text: str


class Scenario(News, frozen=True, tag="scenario"):
    """The controls as a file that `lab compare` runs."""

    toml: str


class Sorry(News, frozen=True, tag="sorry"):
    """Why something was refused."""

    title: str


class Place(News, frozen=True, tag="place"):
    """What a member is to do now. `question` is what is asked, if anything is."""

    member: str
    transport: Transport
    poll_s: float
    phase: Phase
    fixed: bool
    room: str
    question: dict[str, Any] | None
    said: str
    name: str = ""
    quiet: bool = False  # a robot says nothing


class Seat(Struct, frozen=True):
    """A member, as the projector shows it."""

    id: str
    name: str
    transport: Transport
    open: bool
    seen: int
    robot: bool = False


class EchoShown(Struct, frozen=True):
    """Echoes of one transport in this phase, in ms."""

    n: int
    p50: float | None
    p95: float | None
    recent: list[float]


class Cost(Struct, frozen=True):
    """What all of the class together would take by one transport, at the pace of these moments, by the model."""

    requests_per_s: float
    ip_per_s: float
    by: str = "model"


class Class(News, frozen=True, tag="class"):
    """The class, twice a second."""

    phase: Phase
    phase_s: float
    code: str
    address: str
    members: list[Seat]
    votes: dict[Transport, int]
    ticket: dict[str, Any]
    echo: dict[Transport, EchoShown]
    everyone: dict[Transport, Cost]
    messages_per_s: float = 0.0
    said: str = ""
    quiet: bool = False  # the robots say nothing


class Invitation(News, frozen=True, tag="invitation"):
    """How one joins; the QR code is a path of dark squares, `size` of them each way with the margin."""

    address: str
    code: str
    qr: dict[str, Any]


class Move(Struct, frozen=True, rename={"member": "from"}):
    """A message that its sender has seen come back."""

    member: str
    transport: Transport
    ms: float


class Flow(News, frozen=True, tag="flow"):
    """Those since the last of these."""

    moves: list[Move] = field(default_factory=list)


class Ended(News, frozen=True, tag="ended"):
    """Where what was measured is."""

    folder: str
    report: str
