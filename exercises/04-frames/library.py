"""Frames as the library `websockets` makes and reads them."""

from random import Random
from typing import Any

from websockets.exceptions import ProtocolError
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

NAMES = {
    Opcode.CONT: "continuation", Opcode.TEXT: "text", Opcode.BINARY: "binary",
    Opcode.CLOSE: "close", Opcode.PING: "ping", Opcode.PONG: "pong",
}  # fmt: skip
LETTERS = "aehiknorst äöüßéøñ žč Ωλ 猫 🙂"
LEAST = {126: 126, 127: 0x10000}  # the shortest payload whose length takes two bytes, and eight


def what_it_says(data: bytes, sender: str) -> dict[str, Any] | None:
    """As the library reads it; None where it refuses it, or the text is no UTF-8."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    try:
        next(Frame.parse(reader.read_exact, mask=sender == "client"))
    except StopIteration as end:
        frame: Frame = end.value
    except (ProtocolError, EOFError):
        return None
    if len(frame.data) < LEAST.get(data[1] % 128, 0):  # which the library takes
        return None
    said = {"fin": frame.fin, "opcode": NAMES[frame.opcode], "masked": sender == "client", "length": len(frame.data)}
    if not frame.fin or frame.opcode is not Opcode.TEXT:
        return said | {"payload": bytes(frame.data).hex()}
    try:
        return said | {"text": bytes(frame.data).decode()}
    except UnicodeDecodeError:
        return None


def texts(random: Random, lengths: list[int], sender: str) -> list[bytes]:
    """A text frame for each length of payload, with letters of one to four bytes."""
    frames = []
    for length in lengths:
        said = "".join(random.choices(LETTERS, k=length)).encode()[:length].decode(errors="ignore")
        said += "." * (length - len(said.encode()))  # in place of a letter that did not fit
        frames.append(Frame(Opcode.TEXT, said.encode()).serialize(mask=sender == "client"))
    return frames


def begun(first: int, data: bytes) -> bytes:
    """The same frame with another first byte."""
    return bytes([first]) + data[1:]


def stretched(data: bytes, code: int) -> bytes:
    """A frame, but with its length in the two bytes that 126 announces, or in the eight of 127."""
    own = data[1] % 128
    length, rest = (own, data[2:]) if own < 126 else (int.from_bytes(data[2:4], "big"), data[4:])
    return data[:1] + bytes([data[1] & 0x80 | code]) + length.to_bytes(2 if code == 126 else 8, "big") + rest
