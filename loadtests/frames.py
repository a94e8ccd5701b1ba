"""The WebSocket frames of one connection, after its handshake (RFC 6455, section 5).

Nearly all that a server sends is whole text frames, and the same bytes go to everyone in a room: those are read here,
each piece once. Every other frame goes through the sans-IO protocol of `websockets`, which exists only while it is
needed. That is for one frame, or as long as a fragmented message, a closing handshake or an extension lasts.
"""

from collections.abc import Sequence
from functools import lru_cache

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, Protocol, State

PLAIN = 0x81  # the first byte of a final text frame that no extension has touched
MASKED = 0x80
OPCODES = frozenset(Opcode)
LENGTH_BYTES = {126: 2, 127: 8}  # these lengths say that the real one follows, in so many bytes
KEPT = 128  # pieces remembered: more than are on their way at any moment


@lru_cache(KEPT)
def plain_texts(data: bytes) -> tuple[tuple[bytes, ...], int]:
    """The texts of the whole, final, unmasked text frames that `data` begins with, and where the last of them ends."""
    texts, start, size = [], 0, len(data)
    while start + 2 <= size and data[start] == PLAIN and data[start + 1] < MASKED:
        begin, end = payload(data, start)
        if end > size:
            break
        texts.append(data[begin:end])
        start = end
    return tuple(texts), start


def payload(data: bytes, start: int) -> tuple[int, int]:
    """Where the payload of the unmasked frame at `start` begins and ends: past the end of `data` when it is cut off."""
    length, begin = data[start + 1], start + 2
    if size := LENGTH_BYTES.get(length):
        length, begin = int.from_bytes(data[begin : begin + size], "big"), begin + size
    return begin, begin + length


def last_whole(data: bytes, start: int) -> int:
    """Where the last whole frame ends, of those that begin at `start`.

    What breaks the connection at its second byte, an unknown opcode or a mask, counts as whole to the end of `data`.
    """
    while start + 2 <= len(data):
        if data[start] & 0x0F not in OPCODES or data[start + 1] >= MASKED:
            return len(data)
        _, end = payload(data, start)
        if end > len(data):
            break
        start = end
    return start


class Frames:
    """Bytes in, texts out; and the reverse. `answer` is what must be written: pongs, the closing handshake."""

    __slots__ = ("answer", "fragments", "protocol", "rest")

    def __init__(self, protocol: ClientProtocol) -> None:
        self.protocol: Protocol | None = protocol if protocol.extensions else None  # it has done the handshake
        self.rest = self.answer = b""
        self.fragments: list[bytes] | None = None  # of a text so far

    @property
    def open(self) -> bool:
        """Whether texts may still be sent."""
        return self.protocol is None or self.protocol.state is State.OPEN

    def feed(self, data: bytes) -> Sequence[bytes]:
        """The texts that `data` completes."""
        if self.rest:
            data, self.rest = self.rest + data, b""
        texts, end = plain_texts(data) if self.protocol is None else ((), 0)
        return texts if end == len(data) else [*texts, *self.feed_others(data, end)]

    def feed_others(self, data: bytes, start: int) -> list[bytes]:
        """The same for what begins with another kind of frame, or with one that is cut off."""
        end = len(data) if self.protocol and needed(self.protocol) else last_whole(data, start)
        self.rest = data[end:]
        if end == start:
            return []
        protocol = self.protocol or Protocol(CLIENT, max_size=None)
        protocol.receive_data(data[start:end])
        texts = [text for event in protocol.events_received() if (text := self.text_of(event)) is not None]
        self.answer += b"".join(protocol.data_to_send())
        self.protocol = protocol if needed(protocol) or protocol.current_size is not None else None
        return texts

    def text_of(self, frame: object) -> bytes | None:
        """The text that a frame ends."""
        assert isinstance(frame, Frame)
        if frame.opcode is Opcode.TEXT:
            self.fragments = []
        if frame.opcode not in (Opcode.TEXT, Opcode.CONT) or self.fragments is None:
            return None  # a control frame, or binary data
        self.fragments.append(bytes(frame.data))
        if not frame.fin:
            return None
        fragments, self.fragments = self.fragments, None
        return b"".join(fragments)

    def encode(self, text: bytes) -> bytes:
        """What to write to send a text; nothing once the connection is closing."""
        if self.protocol is None:
            return Frame(Opcode.TEXT, text).serialize(mask=True)
        if self.protocol.state is State.OPEN:
            self.protocol.send_text(text)
        return b"".join(self.protocol.data_to_send())

    def close(self, code: int) -> bytes:
        """What to write to close the connection; nothing when it is closing already."""
        protocol = self.protocol = self.protocol or Protocol(CLIENT, max_size=None)
        if protocol.state is State.OPEN:
            protocol.send_close(code)
        return b"".join(protocol.data_to_send())


def needed(protocol: Protocol) -> bool:
    """Whether all that comes must go through it, whatever it is."""
    return bool(protocol.extensions) or protocol.state is not State.OPEN
