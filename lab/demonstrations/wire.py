"""What went through a relay, taken apart: exchanges of HTTP (RFC 9112), chunks, and WebSocket frames (RFC 6455)."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from lab.demonstrations.relay import Passage

END_OF_HEAD = b"\r\n\r\n"
BODILESS = (204, 304)
SWITCHING_PROTOCOLS = 101
TEXT = 1


class Exchange(NamedTuple):
    """A request and its answer, each a head and what follows it. The answer is empty while there is none.

    Of an answer without an end, such as a stream or a WebSocket, all that came until now; and of the latter all that
    the client said since.
    """

    request: bytes
    asked: bytes
    response: bytes
    answered: bytes

    @property
    def line(self) -> str:
        """`GET /rooms/lobby/messages?after=0 HTTP/1.1`."""
        return self.request.partition(b"\r\n")[0].decode("latin-1")

    @property
    def status(self) -> int | None:
        return int(self.response[9:12]) if self.response else None


def exchanges(passage: Passage) -> Iterator[Exchange]:
    """Those of one connection, in order."""
    up, down = bytes(passage.up), bytes(passage.down)
    while END_OF_HEAD in up:
        request, up = cut(up)
        length = int(fields(request).get("content-length", "0"))
        response, down = cut(down) if END_OF_HEAD in down else (b"", b"")
        if not response:
            yield Exchange(request, up[:length], b"", b"")
            return
        exchange = Exchange(request, up, response, down)
        size = body_size(exchange)
        if size is None:
            yield exchange
            return
        if size > len(down):  # its answer was cut off
            yield Exchange(request, up[:length], b"", b"")
            return
        yield Exchange(request, up[:length], response, down[:size])
        up, down = up[length:], down[size:]


def body_size(exchange: Exchange) -> int | None:
    """How many bytes an answer's body has on the wire; None while it has not ended, or where only the end tells."""
    told = fields(exchange.response)
    if exchange.status in BODILESS:
        return 0
    if exchange.status == SWITCHING_PROTOCOLS:
        return None
    if "chunked" in told.get("transfer-encoding", ""):
        end = exchange.answered.find(b"0\r\n\r\n")
        return None if end < 0 else end + 5
    return int(told["content-length"]) if "content-length" in told else None


def cut(data: bytes) -> tuple[bytes, bytes]:
    """A head, and what follows it."""
    head, end, rest = data.partition(END_OF_HEAD)
    return head + end, rest


def fields(head: bytes) -> dict[str, str]:
    """The header fields, by their names in small letters."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}


def chunks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The chunks that are whole: how many bytes each takes, and what it carries (RFC 9112 section 7.1)."""
    while b"\r\n" in data:
        size_line, _, rest = data.partition(b"\r\n")
        size = int(size_line, 16)
        if len(rest) < size + 2:
            return
        yield len(size_line) + 2 + size + 2, rest[:size]
        data = rest[size + 2 :]


class Frame(NamedTuple):
    """A WebSocket frame: the bytes before its payload, and that, unmasked."""

    header: int
    opcode: int
    payload: bytes


def frames(data: bytes) -> Iterator[Frame]:
    """Those that are whole."""
    while len(data) >= 2:
        masked, length, header = bool(data[1] & 0x80), data[1] & 0x7F, 2
        if length >= 126:
            wide = 2 if length == 126 else 8
            if len(data) < 2 + wide:
                return
            (length,) = struct.unpack("!H" if wide == 2 else "!Q", data[2 : 2 + wide])
            header += wide
        key = data[header : header + 4] if masked else b""
        header += len(key)
        if len(data) < header + length:
            return
        payload = data[header : header + length]
        if key:
            payload = bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))
        yield Frame(header, data[0] & 0x0F, payload)
        data = data[header + length :]


def masked(payload: bytes, key: bytes = b"poll") -> bytes:
    """A text frame as a client sends it, shorter than 64 KiB; with any four bytes as its key."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + struct.pack("!H", size)
    return bytes([0x80 | TEXT]) + length + key + bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))
