"""What pages say to the stage: text frames of JSON, `type` first."""

from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta, Struct

Transport = Literal["short-polling", "long-polling", "sse", "websocket"]
Control = Literal["poll_s", "rtt_ms", "jitter_ms", "robot_per_s", "robot_bytes"]
Phase = Literal["vote", "poll", "long", "push", "distance", "ticket", "over"]
TRANSPORTS: tuple[Transport, ...] = get_args(Transport)
PHASES: tuple[Phase, ...] = get_args(Phase)
LONGEST_MS = 600_000.0  # of an echo: ten minutes, in which a device may have slept


class Said(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """Anything that a page says."""


class Watch(Said, frozen=True, tag="watch"):
    """The live page's first frame."""


class Set(Said, frozen=True, tag="set"):
    """A control is to have another value."""

    control: Control
    value: float


class Do(Said, frozen=True, tag="do"):
    """Something is to happen; to the clients of one transport, or to all."""

    action: Literal["cut", "freeze", "thaw", "restart"]
    transport: Transport | None = None


class GiveScenario(Said, frozen=True, tag="scenario"):
    """The controls are wanted as a scenario."""


class Join(Said, frozen=True, tag="member"):
    """The first frame of somebody in the class: the token that the server gave."""

    token: Annotated[str, Meta(max_length=1_024, pattern=r"^[\w.-]+$")]


class Switch(Said, frozen=True, tag="switch"):
    """A member wants to hear by another transport."""

    transport: Transport


class Echo(Said, frozen=True, tag="echo"):
    """How long a member's own message took from being sent there to being seen there, by the device's own clock."""

    transport: Transport
    ms: Annotated[float, Meta(ge=0, le=LONGEST_MS)]


class Vote(Said, frozen=True, tag="vote"):
    """A member's guess."""

    choice: Transport


class Ticket(Said, frozen=True, tag="ticket"):
    """A member's answers to the questions at the door."""

    answers: Annotated[tuple[Annotated[str, Meta(max_length=1)], ...], Meta(max_length=20)]


class Project(Said, frozen=True, tag="projector"):
    """The projector's first frame: the key."""

    key: Annotated[str, Meta(max_length=256)]


class Begin(Said, frozen=True, tag="phase"):
    """Another phase of the lesson is to begin."""

    phase: Phase


class Fix(Said, frozen=True, tag="fix"):
    """Members may no longer switch, or may again."""

    on: bool


class Hush(Said, frozen=True, tag="hush"):
    """The robots are to say nothing more, or to go on."""

    on: bool


class End(Said, frozen=True, tag="end"):
    """The lesson is over: what was measured is to be written down."""


Frame = (
    Watch | Set | Do | GiveScenario | Join | Switch | Echo | Vote | Ticket | Project | Begin | Fix | Hush | End
)  # fmt: skip
DECODER = msgspec.json.Decoder(Frame)


class Sorry(Exception):
    """Why something is refused: one sentence, which the page shows."""


def read(text: str | bytes) -> Frame:
    """Sorry where it is no frame."""
    if isinstance(text, bytes):
        raise Sorry("The stage takes text frames, and this one is binary.")
    try:
        said: Frame = DECODER.decode(text)
        return said
    except msgspec.MsgspecError as error:
        raise Sorry(f"This is not what a page says to the stage: {error}.") from None
