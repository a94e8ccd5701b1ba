"""Something that is said and answered: its bytes as programs write them, and the TCP segments that carry them.

Segments (RFC 9293, and Linux): what a program reads is acknowledged when it has read it, so each thing that is pushed
is. The server writes an answer's head and its body apart: two segments, and two acknowledgements. Only an end that has
just answered waits for 40 ms whether its acknowledgement can ride along with something: so a request's is in its
answer, while a poll that is held longer is acknowledged by itself. The first two exchanges of a connection have one
more, which is left out.
"""

import math

from msgspec import Struct

HEADERS = 52  # bytes of IPv4 and TCP, with timestamps, before each segment's data
SYN = 8  # more than that has a segment that opens a connection
SEGMENT = 1460 - 12  # bytes of data in a segment of an Ethernet packet, beside the timestamps
DELAY = 0.04  # seconds that an acknowledgement waits for something to ride along with (Linux's TCP_DELACK_MIN)


class Exchange(Struct, frozen=True, kw_only=True):
    """From client to server (up) and back: bytes written, segments with data, and those that only acknowledge."""

    up: float = 0.0
    down: float = 0.0
    data_up: float = 0.0
    data_down: float = 0.0
    acks_up: float = 0.0
    acks_down: float = 0.0
    content: float = 0.0  # of the bytes both ways, the JSON: what is left are headers and frames
    options: float = 0.0  # bytes, each way, beside those of every segment

    @property
    def segments_up(self) -> float:
        return self.data_up + self.acks_up

    @property
    def segments_down(self) -> float:
        return self.data_down + self.acks_down

    @property
    def ip_up(self) -> float:
        return self.up + HEADERS * self.segments_up + self.options

    @property
    def ip_down(self) -> float:
        return self.down + HEADERS * self.segments_down + self.options

    @property
    def acknowledgements(self) -> float:
        """Bytes of the segments that only acknowledge."""
        return HEADERS * (self.acks_up + self.acks_down)


PROBED = Exchange(acks_down=1, acks_up=1)
"""The kernel's question whether somebody is there, and that there is (TCP keepalive, RFC 9293 section 3.8.4)."""

OPENED = Exchange(acks_up=4, acks_down=4, options=SYN)
"""A connection for one exchange alone: the handshake, both ends' closing, and that a server acknowledges a first
request at once."""


def answered(up: float, head: float, body: float, content: float) -> Exchange:
    """A request, and an answer in two parts, each acknowledged; of a long one, every second segment."""
    parts = segments(body)
    return Exchange(
        up=up, down=head + body, data_up=segments(up), data_down=1 + parts, acks_up=1 + math.ceil(parts / 2),
        content=content,
    )  # fmt: skip


def pushed(data: float, content: float = 0.0) -> Exchange:
    """Something that the server says by itself; of a long one, every second segment is acknowledged."""
    parts = segments(data)
    return Exchange(down=data, data_down=parts, acks_up=math.ceil(parts / 2), content=content)


def segments(data: float) -> int:
    return math.ceil(data / SEGMENT)
