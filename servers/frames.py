"""The frames of the WebSocket transport: text, JSON objects with a `type`; and the two that the server adds."""

import struct
from typing import Literal

import msgspec
from msgspec import Struct

from servers.message import Draft, Message, Receipt, encode
from servers.wire import BadRequest, admitted, decode

CLOSE = b"\x88"  # how a closing frame begins: FIN and the opcode (RFC 6455 section 5.2)
PING = b"\x89\0"
REASONS = {  # of the server's closing codes (RFC 6455 section 7.4.1 and its registry)
    1008: "No pong came.",
    1012: "The server restarts.",
    4401: "A valid session is needed.",
    1013: "You are too far behind. Come back with your cursor.",
}


class Send(Draft, frozen=True):
    """The client sends a message."""

    type: Literal["send"]


class Auth(Struct, frozen=True, tag="auth"):
    """The client says who it is, by a token from POST /session; its first frame, where tokens are asked for."""

    token: str


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
    return admitted(Draft(sent.id, sent.sender, sent.text))


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


def whole(text: str) -> bytes:
    """A text as one frame of a server, without a mask (RFC 6455 section 5.2)."""
    data = text.encode()
    if len(data) < 126:
        return struct.pack("!BB", 0x81, len(data)) + data
    if len(data) < 1 << 16:
        return struct.pack("!BBH", 0x81, 126, len(data)) + data
    return struct.pack("!BBQ", 0x81, 127, len(data)) + data


def close(code: int) -> bytes:
    """A closing frame (RFC 6455 section 5.5.1)."""
    body = struct.pack("!H", code) + REASONS.get(code, "").encode()
    return CLOSE + bytes([len(body)]) + body


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
