"""What a server tells a client, and the ways in which it does not."""

from hashlib import blake2b

from msgspec import Struct

LONG = "\N{BALLOON}"  # four bytes of UTF-8, so that few messages fill what a connection holds


class Draft(Struct, frozen=True):
    """A message as it is sent."""

    id: str
    sender: str
    text: str


class Message(Struct, frozen=True):
    """A message as it is received."""

    seq: int
    id: str
    sender: str
    text: str


class Receipt(Struct, frozen=True):
    """A message is in the log, where the acknowledgement says."""

    seq: int
    epoch: str


class Page(Struct, frozen=True):
    """What follows the cursor; perhaps nothing, then it says no more than that the server is there.

    Polls are told the cursor to go on from; a pushed message is its own.
    """

    messages: list[Message] = []
    epoch: str = ""
    cursor: int | None = None


class Gap(Struct, frozen=True):
    """The server says that it cannot go on from the cursor, and from where it can."""

    epoch: str
    cursor: int


class Broken(Exception):
    """A connection, a question or a send came to nothing; to try again is right."""


class Unexpected(Exception):
    """An answer that the protocol does not have."""


AGAIN = (408, 429)  # statuses, beside those from 500, after which the same may be tried again


def failure(status: int, words: str) -> Exception:
    """What a status that is no success means."""
    kind = Broken if status in AGAIN or status >= 500 else Unexpected
    return kind(f"{status} {words}")


def text_of(id: str, long: bool) -> str:
    """The text of the message with this id: who receives it knows whether it is what was sent."""
    return f"{id} {blake2b(id.encode(), digest_size=8).hexdigest()}{LONG * 3_900 if long else ''}"
