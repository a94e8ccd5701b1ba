"""The frames of the WebSocket transport: text, JSON objects with a `type`; and the two that the server adds."""

import struct
from typing import Literal

import msgspec
from msgspec import Struct

from servers import compression
from servers.message import Draft, Message, Receipt, encode
from servers.wire import BadRequest, admitted, decode

TEXT, DEFLATED = 0x81, 0xC1  # FIN and the opcode; with RSV1 besides, which says that it is compressed
FIN, RESERVED, MASKED = 0x80, 0x70, 0x80  # bits of a frame's first byte, and of its second (RFC 6455 section 5.2)
UNUSED = 0x30  # of the reserved bits, those that compression does not use (RFC 7692 section 6)
BINARY, CLOSE, CONTROL = 0x2, 0x8, 0x8  # opcodes, and the bit that control frames have in theirs
LENGTH_BYTES = {126: 2, 127: 8}  # these lengths say that the real one follows, in so many bytes
PING = b"\x89\0"
REFUSAL = '{"type":"error"'  # how the answer to a frame that was refused begins
REASONS = {  # of the server's closing codes (RFC 6455 section 7.4.1 and its registry)
    1008: "No pong came.",
    1012: "The server restarts.",
    4401: "A valid session is needed.",
    1013: "You are too far behind. Come back with your cursor.",
}
REFUSED = {  # the same, where it closes for what the client sent
    1003: "Send text frames.",
    1008: "Too much had to be refused.",
    1009: "A message is too long.",
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
    """A text as one frame of a server."""
    return final(TEXT, text.encode())


def deflated(text: str) -> bytes:
    """The same compressed (RFC 7692 section 7.2.1), unless that is no shorter."""
    data = text.encode()
    packed = compression.deflated(data).removesuffix(compression.TAIL)
    return final(DEFLATED, packed) if len(packed) < len(data) else final(TEXT, data)


def final(first: int, data: bytes) -> bytes:
    """A frame that ends its message, without a mask; `first` is its first byte (RFC 6455 section 5.2)."""
    if len(data) < 126:
        return struct.pack("!BB", first, len(data)) + data
    if len(data) < 1 << 16:
        return struct.pack("!BBH", first, 126, len(data)) + data
    return struct.pack("!BBQ", first, 127, len(data)) + data


def close(code: int, reasons: dict[int, str] = REASONS) -> bytes:
    """A closing frame (RFC 6455 section 5.5.1)."""
    body = struct.pack("!H", code) + reasons.get(code, "").encode()
    return bytes([FIN | CLOSE, len(body)]) + body


def measure(data: bytes, at: int) -> tuple[int, int]:
    """Where the length of the frame at `at` has been read, and the length.

    The former is past the end where the head is cut off. After it come the mask's four bytes, if any, and the payload.
    """
    if at + 2 > len(data):
        return at + 2, 0
    begin, size = at + 2, data[at + 1] & ~MASKED
    if extended := LENGTH_BYTES.get(size):
        begin, size = begin + extended, int.from_bytes(data[begin : begin + extended], "big")
    return begin, size


def closes(data: bytes) -> bool:
    """Whether one of these frames, all whole, is a closing frame. The answer to a handshake, ASCII, is none."""
    at = 0
    while at < len(data):
        if data[at] == FIN | CLOSE:
            return True
        at = sum(measure(data, at))
    return False


def code(data: bytes) -> int:
    """The code of the closing frame among these; 0 where there is none, or it has none."""
    at = 0
    while at < len(data) and data[at] != FIN | CLOSE:
        at = sum(measure(data, at))
    return int.from_bytes(data[at + 2 : at + 4])


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
