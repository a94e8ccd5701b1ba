"""The chat message: what a client sends, what the log keeps, and their limits."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

ROOM = r"[a-z0-9-]{1,64}"
PAGE = 500  # messages in one answer; the cursor says where to go on

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(min_length=1, max_length=4000)]


class Draft(Struct, frozen=True, forbid_unknown_fields=True):
    """A message as its client sends it. `id` is its own, unique in the room: a repeat is recognised."""

    id: Name
    sender: Name
    text: Text


class Message(Struct, frozen=True):
    """A message in a room's log. `seq` counts 1, 2, 3 … without gaps; `at` is server time, RFC 3339."""

    seq: int
    id: str
    sender: str
    text: str
    at: str

    @property
    def draft(self) -> Draft:
        """What the client had sent."""
        return Draft(self.id, self.sender, self.text)


class Receipt(Struct, frozen=True):
    """The answer to a send: the message is in the log at `seq`. `new` is false when the same send came before."""

    seq: int
    epoch: str
    new: bool = True


class Page(Struct, frozen=True):
    """What comes after a cursor: at most PAGE messages in order, and the cursor after them."""

    messages: list[Message]
    cursor: int
    epoch: str


def now() -> str:
    """Server time as RFC 3339, in milliseconds, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


encode = msgspec.json.Encoder().encode
