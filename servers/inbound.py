"""What a client may send over its WebSocket: kinds, sizes and how much of it; judged before the library reads it.

The library checks that frames follow RFC 6455. What it leaves open is here: it takes binary frames, counts a message in
characters and not in bytes, waits for whatever length is declared, and answers any number of pings.
"""

import time
from collections.abc import Callable

from simple_websocket import Server

from servers import frames
from servers.frames import BINARY, CONTROL, FIN, MASKED, RESERVED, UNUSED
from servers.limits import Exceeded
from servers.outbox import POLICY_VIOLATION
from servers.settings import Settings
from servers.stores import Unavailable
from servers.wire import settings

UNSUPPORTED_DATA, MESSAGE_TOO_BIG = 1003, 1009  # RFC 6455 section 7.4.1
MASK = 4  # bytes
STRIKES = 10  # refusals in a row: a client with a fault that it can mend has mended it by then
SLOW_DOWN = "More than the server takes from one connection. Slow down."


class Patience:
    """A token bucket, and a count of refusals in a row.

    What is refused costs a token too, so that who goes on regardless stays refused until it is too much.
    """

    __slots__ = ("_burst", "_level", "_rate", "_strikes", "_then")  # there are two for each connection

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate, self._burst = rate, burst
        self._level, self._then = burst, now
        self._strikes = 0

    def allows(self, now: float) -> bool:
        """Take a token. Returns whether there was one."""
        self._level = min(self._burst, self._level + (now - self._then) * self._rate) - 1
        self._then = now
        return self._level >= 0

    def ends(self, refused: bool) -> bool:
        """Count a refusal, or its end. Returns whether this was one too many."""
        self._strikes = self._strikes + 1 if refused else 0
        return self._strikes >= STRIKES


def patience(of: Settings) -> Patience:
    """With one connection, as far as the settings go."""
    return Patience(of.frames_per_s, of.frames_burst, time.monotonic())


class Heads:
    """Reads the heads of a client's frames as they pass, in pieces of any size, and nothing of what is in them.

    What breaks the protocol is not judged here: the library closes with 1002 for that.
    """

    __slots__ = ("_fragmented", "_head", "_limit", "_patience", "_size", "_skip", "_unused")

    def __init__(self, limit: int, deflates: bool, patience: Patience) -> None:
        self._limit = limit  # bytes of a message, as it is sent; `compression` bounds what it becomes
        self._unused = UNUSED if deflates else RESERVED  # bits that mean nothing here
        self._patience = patience
        self._head = b""  # as much of one as has come
        self._skip = 0  # bytes of payload yet to come
        self._size = 0  # bytes of the message so far, as declared
        self._fragmented = False  # whether more of it must come

    def feed(self, data: bytes, complain: Callable[[], None]) -> tuple[bytes, int]:
        """What of `data` the library may read, and the code to close with after that, or 0.

        `complain` is called when there are too many control frames and fragments.
        """
        held = len(self._head)
        data, self._head = self._head + data, b""
        at = self._skip
        while at < len(data):
            begin, size = frames.measure(data, at)
            if begin > len(data):
                self._head = data[at:]
                break
            if code := self._judge(data[at], data[at + 1], size, complain):
                return data[held:at], code
            at = begin + (MASK if data[at + 1] & MASKED else 0) + size
        self._skip = max(0, at - len(data))
        return data[held:], 0

    def _judge(self, first: int, second: int, size: int, complain: Callable[[], None]) -> int:
        """The code to close with because of a frame, or 0."""
        opcode, final = first & 0x0F, bool(first & FIN)
        if opcode & CONTROL or not final:
            refused = not self._patience.allows(time.monotonic())
            if refused:
                complain()
            if self._patience.ends(refused):
                return POLICY_VIOLATION
        odd = first & self._unused or not second & MASKED or bool(opcode) == self._fragmented or size >> 63
        if opcode > BINARY or odd:
            return 0  # control frames, and faults that are the library's
        if opcode == BINARY:
            return UNSUPPORTED_DATA
        self._size = size + (self._size if self._fragmented else 0)
        self._fragmented = not final
        return MESSAGE_TOO_BIG if self._size > self._limit else 0


def converse(ws: Server, answer: Callable[[str | bytes], str]) -> None:
    """Answer each message, until too many in a row had to be refused, or the connection is closed.

    Raises ConnectionClosed, the library's, in the latter case.
    """
    bounds = patience(settings())
    while True:
        frame = ws.receive()
        allowed = bounds.allows(time.monotonic())
        try:
            reply = answer(frame) if allowed else frames.error(frame, 429, SLOW_DOWN)
        except (Unavailable, Exceeded) as error:  # no fault of this connection's: a session may have several
            ws.send(frames.error(frame, error.status, error.title))
            continue
        ws.send(reply)
        if bounds.ends(refused=reply.startswith(frames.REFUSAL)):
            ws.sock.refuse(POLICY_VIOLATION)
            return
