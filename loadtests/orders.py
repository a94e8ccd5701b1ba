"""Orders to a link that runs (loadtests/link.py): JSON on stdin, an object a line, each of which takes effect at once.

    {"rtt_ms": 150, "jitter_ms": 20}     what sets out from now on takes so long, and overtakes nothing
    {"cut": true}    {"cut": "sse"}      all connections end, or those of a transport
    {"freeze": "sse"}  {"thaw": "sse"}   from those of a transport the server is not read any more, until it is again

Nothing is answered. An order that makes no sense is told of on stderr, in a sentence, and changes nothing. The end of
stdin ends the link. A connection is of the transport that its last request was to: the first segment of the path.
"""

import contextlib
import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from loadtests.loop import READ, Ended, Watched

if TYPE_CHECKING:
    from loadtests.link import Link

STDIN = 0
PIECE = 65_536  # bytes
SHOWN = 100  # bytes of an order that makes no sense

Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=3_600_000)]
Transport = Literal["short-polling", "long-polling", "sse", "websocket"]


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to change; None is not."""

    rtt_ms: Milliseconds | None = None
    jitter_ms: Milliseconds | None = None
    cut: bool | Transport | None = None
    freeze: Transport | None = None
    thaw: Transport | None = None

    def __post_init__(self) -> None:
        if self.cut is False:
            raise ValueError("cut is true or a transport")
        if all(value is None for value in msgspec.structs.astuple(self)):
            raise ValueError("it orders nothing")


class Orders:
    """What comes on stdin. A thread reads it, since no loop can wait for every kind of stdin on every system."""

    def __init__(self, link: "Link") -> None:
        self.link = link
        near, self.far = socket.socketpair()
        self.near = Watched(link.loop, near, self.take)
        self.near.watch(READ, True)
        self.rest = b""  # of a line that has not wholly come
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        with self.far, contextlib.suppress(OSError):
            while data := os.read(STDIN, PIECE):
                self.far.sendall(data)

    def take(self, _: int) -> None:
        data = self.near.sock.recv(PIECE)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines if data else [*lines, self.rest]:
            if line.strip():
                self.obey(line)
        if not data:
            raise Ended

    def obey(self, line: bytes) -> None:
        try:
            order = msgspec.json.decode(line, type=Order)
        except msgspec.MsgspecError as error:
            said = line[:SHOWN].decode(errors="replace").strip()
            print(f"loadtests: {said!r} is no order: {error}.", file=sys.stderr, flush=True)
            return
        link = self.link
        if order.rtt_ms is not None:
            link.delay(order.rtt_ms)
        if order.jitter_ms is not None:
            link.args.jitter_ms = order.jitter_ms
        if order.cut:
            link.cut_all(None if order.cut is True else order.cut)
        if order.freeze:
            link.freeze(order.freeze, True)
        if order.thaw:
            link.freeze(order.thaw, False)
