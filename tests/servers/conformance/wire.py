"""What the table is written in: a client's frames as bytes, and what a server may answer."""

import json
from dataclasses import dataclass

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA  # opcodes, RFC 6455 section 5.2
KEY = bytes.fromhex("37fa213d")  # the mask of the examples in RFC 6455 section 5.7


@dataclass(frozen=True)
class Ack:
    """The send with this id is in the log."""

    id: str = "a"


@dataclass(frozen=True)
class Refusal:
    """An error frame with this status."""

    status: int


@dataclass(frozen=True)
class Pong:
    payload: bytes = b""


@dataclass(frozen=True)
class Closed:
    """A closing frame with this code, or with none; then the end of the connection, and nothing between."""

    code: int | None


Answer = Ack | Refusal | Pong | Closed
Talk = tuple[bytes | Answer, ...]  # what the client sends, a piece at a time, and what it waits for in between


@dataclass(frozen=True)
class Case:
    """One row. `number` is the Autobahn test suite's, or begins with a letter where it is ours.

    A talk that does not end with `Closed` is followed by a send, which must be acknowledged: the socket stays.
    """

    number: str
    says: str
    talk: Talk
    hears: str | None = None  # the text that must come back as a message
    offers: str = ""  # Sec-WebSocket-Extensions
    standard: Answer | None = None  # what the standard asks for, where the last answer is not that


def head(opcode: int, length: int, *, fin: bool = True, rsv: int = 0, masked: bool = True, size: int = 0) -> bytes:
    """The first bytes of a frame, up to its mask. `size` is of the length, in bytes, where it is not the least."""
    size = size or (1 if length < 126 else 2 if length < 65_536 else 8)
    short = {1: length, 2: 126, 8: 127}[size]
    extended = b"" if size == 1 else length.to_bytes(size, "big")
    return bytes([fin << 7 | rsv << 4 | opcode, masked << 7 | short]) + extended


def mask(payload: bytes, key: bytes = KEY) -> bytes:
    whole = key * (len(payload) // 4 + 1)
    return (int.from_bytes(payload, "big") ^ int.from_bytes(whole[: len(payload)], "big")).to_bytes(len(payload), "big")


def frame(opcode: int, payload: bytes = b"", *, key: bytes = KEY, **bits: int) -> bytes:
    """A client's frame."""
    return head(opcode, len(payload), **bits) + key + mask(payload, key)


def bare(opcode: int, payload: bytes = b"") -> bytes:
    """A frame without a mask."""
    return head(opcode, len(payload), masked=False) + payload


def text(payload: bytes, **bits: int) -> bytes:
    return frame(TEXT, payload, **bits)


def binary(payload: bytes, **bits: int) -> bytes:
    return frame(BINARY, payload, **bits)


def ping(payload: bytes = b"", **bits: int) -> bytes:
    return frame(PING, payload, **bits)


def pong(payload: bytes = b"", **bits: int) -> bytes:
    return frame(PONG, payload, **bits)


def close(code: int | None = None, reason: bytes = b"", **bits: int) -> bytes:
    return frame(CLOSE, (b"" if code is None else code.to_bytes(2, "big")) + reason, **bits)


def fragments(*payloads: bytes, opcode: int = TEXT) -> tuple[bytes, ...]:
    """A message in so many frames."""
    last = len(payloads) - 1
    return tuple(frame(CONTINUATION if n else opcode, part, fin=n == last) for n, part in enumerate(payloads))


def send(said: bytes = b"hello", id: str = "a", size: int = 0) -> bytes:
    """The JSON of a send, with spaces after it up to `size` bytes."""
    start = json.dumps({"type": "send", "id": id, "sender": "Ada"}).encode()
    return (start[:-1] + b', "text": "' + said + b'"}').ljust(size)


def chopped(data: bytes, size: int = 1) -> tuple[bytes, ...]:
    """The same in pieces of so many bytes."""
    return tuple(data[at : at + size] for at in range(0, len(data), size))
