"""The text frames of the WebSocket transport: JSON objects with a `type`."""

from typing import Literal

import msgspec
from msgspec import Struct

from servers.message import Draft, Message, Receipt, encode
from servers.wire import BadRequest, decode


class Send(Draft, frozen=True):
    """The client sends a message."""

    type: Literal["send"]


class Ready(Struct, frozen=True, tag="ready"):
    """The server will go on after `cursor`."""

    epoch: str
    cursor: int


class Reset(Ready, frozen=True, tag="reset"):
    """The client's cursor is of no use: something was lost, and the server will go on after this one."""


class Ack(Struct, frozen=True, tag="ack"):
    """The message is in the log."""

    id: str
    seq: int
    epoch: str


class Error(Struct, frozen=True, tag="error"):
    """The frame was refused; `status` as over HTTP. `id` is the message's, where it could be read."""

    id: str | None
    status: int
    title: str


def read(frame: str | bytes) -> Draft:
    """The draft in a send frame. Raises BadRequest."""
    if isinstance(frame, bytes):
        raise BadRequest(400, "Send text frames.")
    sent = decode(frame, Send)
    return Draft(sent.id, sent.sender, sent.text)


def read_id(frame: str | bytes) -> str | None:
    """The id in a frame that could not be read as a whole, so that the client knows which send was refused."""
    try:
        body = msgspec.json.decode(frame)
        return body["id"] if isinstance(body["id"], str) else None
    except (msgspec.DecodeError, UnicodeError, RecursionError, TypeError, KeyError):
        return None


def message(message: Message) -> str:
    """A message as a frame: its JSON with the type in front."""
    return '{"type":"message",' + encode(message).decode()[1:]


def ack(id: str, receipt: Receipt) -> str:
    """The answer to a send that succeeded."""
    return encode(Ack(id, receipt.seq, receipt.epoch)).decode()


def error(frame: str | bytes, status: int, title: str) -> str:
    """The answer to a send that did not."""
    return encode(Error(read_id(frame), status, title)).decode()


def ready(epoch: str, cursor: int) -> str:
    """The server's first frame."""
    return encode(Ready(epoch, cursor)).decode()


def reset(epoch: str, cursor: int) -> str:
    """The server's first frame where the client's cursor was of no use; or a later one, when the log moved on."""
    return encode(Reset(epoch, cursor)).decode()
