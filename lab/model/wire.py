"""What each thing that is said weighs: bytes as programs write and read them, and the TCP segments that carry them.

Nothing is measured here. A request is its line and the headers of loadtests/headers.toml; an answer is a head of
answers.toml and JSON as servers/protocol.md has it; a frame is RFC 6455's. What differs from message to message stands
in with a typical length: ids are UUIDs, cursors have the digits of the middle of the run.

Segments (RFC 9293, and Linux): what a program reads is acknowledged when it has read it, so each thing that is pushed
is. The server writes an answer's head and its body apart: two segments, and two acknowledgements. Only an end that has
just answered waits for 40 ms whether its acknowledgement can ride along with something: so a request's is in its
answer, while a poll that is held longer is acknowledged by itself. The first two exchanges of a connection have one
more, which is left out.
"""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from lab.model.conditions import Conditions

HEADERS = 52  # bytes of IPv4 and TCP, with timestamps, before each segment's data
SYN = 8  # more than that has a segment that opens a connection
SEGMENT = 1460 - 12  # bytes of data in a segment of an Ethernet packet, beside the timestamps
DELAY = 0.04  # seconds that an acknowledgement waits for something to ride along with (Linux's TCP_DELACK_MIN)
MASK = 4  # bytes in each frame of a client (RFC 6455 section 5.3)
CONTROL = 2  # bytes of an empty control frame

ROOT = Path(__file__).parent.parent.parent
CLIENTS: dict[str, dict[str, list[list[str]]]] = tomllib.loads(
    (ROOT / "loadtests" / "headers.toml").read_text(encoding="utf-8")
)
ANSWERS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("answers.toml").read_text(encoding="utf-8"))
HOST, EPOCH, ID, AT = "127.0.0.1:40000", "0" * 8, "0" * 36, "2026-01-31T12:00:00.000Z"  # each as long as a true one
LONGEST_LOG = 3_600.0  # seconds, for the digits of a cursor, where nothing else says how long a room has talked


class Exchange(Struct, frozen=True):
    """Something said, with what it is answered by: bytes written, and segments, from client to server and back."""

    up: float
    down: float
    segments_up: float
    segments_down: float
    more: float = 0.0  # bytes of options, each way, beside those of every segment

    @property
    def ip_up(self) -> float:
        return self.up + HEADERS * self.segments_up + self.more

    @property
    def ip_down(self) -> float:
        return self.down + HEADERS * self.segments_down + self.more


class Wire(Struct, frozen=True):
    """The sizes under these conditions."""

    given: Conditions

    @property
    def room(self) -> str:
        return f"{self.given.name}-{self.given.rooms // 2}"

    @property
    def sender(self) -> str:
        return f"user-{self.given.clients // 2}"

    @property
    def remembers(self) -> bool:
        """Whether a client says what it knows, so that it is not told again."""
        return any(value == "{etag}" for _, value in CLIENTS[self.given.headers]["fetch-get"])

    @property
    def cursor(self) -> int:
        return round(self.given.rate * min(self.given.seen_s, LONGEST_LOG) / 2) + 1

    def draft(self, **more: str) -> float:
        """A message as its sender gives it, as JSON."""
        return size(more | {"id": ID, "sender": self.sender, "text": ""}) + self.given.text_bytes

    def message(self, **more: str) -> float:
        """A message as its receivers get it, as JSON."""
        fields = {"seq": self.cursor, "id": ID, "sender": self.sender, "text": "", "at": AT}
        return size(more | fields) + self.given.text_bytes

    def page(self, messages: float) -> float:
        """The answer to a poll that finds so many messages."""
        return (
            size({"messages": [], "cursor": self.cursor, "epoch": EPOCH})
            + messages * self.message()
            + max(0.0, messages - 1)
        )

    def request(self, kind: str, method: str, resource: str, body: float = 0.0, etag: str = "") -> float:
        """A request's line, headers and body."""
        values = {"{host}": HOST, "{origin}": f"http://{HOST}", "{length}": f"{body:.0f}", "{etag}": etag,
                  "{event_id}": ""}  # fmt: skip
        fields = [(name, filled(value, values)) for name, value in CLIENTS[self.given.headers][kind]]
        if not self.given.keep_alive:
            fields = [pair for pair in fields if pair[0] != "Connection"] + [("Connection", "close")]
        line = len(f"{method} /rooms/{self.room}/{resource} HTTP/1.1\r\n")
        return line + sum(len(f"{name}: {value}\r\n") for name, value in fields if value) + len("\r\n") + body

    def poll(self, etag: str = "") -> float:
        return self.request("fetch-get", "GET", f"messages?after={self.cursor}&epoch={EPOCH}", etag=etag)

    def head(self, name: str, length: float = 0.0) -> float:
        """An answer's head."""
        values = {"epoch": EPOCH, "cursor": self.cursor, "length": f"{length:.0f}",
                  "connection": "keep-alive" if self.given.keep_alive else "close"}  # fmt: skip
        lines = ANSWERS["heads"][name].format(**values).splitlines()
        return sum(len(line) + len("\r\n") for line in lines) + len("\r\n")

    def posted(self) -> Exchange:
        """A message sent by POST, and that it is in the log."""
        receipt = size({"seq": self.cursor, "epoch": EPOCH})
        up = self.request("fetch-post", "POST", "messages", self.draft())
        return answered(up, self.head("posted", receipt), receipt)

    def short(self, messages: float) -> Exchange:
        """A poll that is answered at once with so many messages."""
        body = self.page(messages)
        return answered(self.poll(), self.head("short", body), body)

    def unchanged(self) -> Exchange:
        """A poll for the same as before, which has not changed: an answer without a body."""
        return Exchange(self.poll(f'"{EPOCH}-{self.cursor}"'), self.head("unchanged"), 2, 1)

    def long(self, messages: float, held: float) -> Exchange:
        """A long poll's question and answer. A share `held` of them was held for so long that the question had to be
        acknowledged; the last acknowledgement of the answer rides along with the next question.
        """
        body = self.page(messages)
        whole = answered(self.poll(), self.head("long", body), body)
        return Exchange(whole.up, whole.down, whole.segments_up - 1, whole.segments_down + held)

    def event(self) -> Exchange:
        """A message in a stream: its id, its data, and the chunk around them."""
        return pushed(chunk(len(f"id: {EPOCH}-{self.cursor}\ndata: \n\n") + self.message()))

    def comment(self) -> Exchange:
        return pushed(chunk(len(":\n\n")))

    def frame(self) -> Exchange:
        """A message in a WebSocket."""
        return pushed(framed(self.message(type="message")))

    def sent(self) -> Exchange:
        """A message sent by WebSocket: the server's frame that it is in the log is acknowledged by itself."""
        up = framed(self.draft(type="send")) + MASK
        receipt = size({"type": "ack", "id": ID, "seq": self.cursor, "epoch": EPOCH})
        return Exchange(up, framed(receipt), segments(up) + 1, 1)

    def ping(self) -> Exchange:
        """A ping of the server's, and the pong, which the server acknowledges."""
        return Exchange(CONTROL + MASK, CONTROL, 1, 2)


def probed() -> Exchange:
    """The kernel's question whether somebody is there, and that there is (TCP keepalive, RFC 9293 section 3.8.4)."""
    return Exchange(0, 0, 1, 1)


def opened() -> Exchange:
    """A connection for one exchange alone: the handshake, both ends' closing, and that a server acknowledges a first
    request at once. The bytes more that a SYN has are left to the segments: they are no program's.
    """
    return Exchange(0, 0, 4, 4, SYN)


def answered(up: float, head: float, body: float) -> Exchange:
    """A request, and an answer in two parts, each acknowledged; of a long one, every second segment."""
    parts = segments(body)
    return Exchange(up, head + body, segments(up) + 1 + math.ceil(parts / 2), 1 + parts)


def pushed(data: float) -> Exchange:
    """Something that the server says by itself; of a long one, every second segment is acknowledged."""
    return Exchange(0, data, math.ceil(segments(data) / 2), segments(data))


def chunk(data: float) -> float:
    """A chunk of an answer without an end (RFC 9112 section 7.1): its length in hexadecimal, and two line ends."""
    return len(f"{round(data):x}") + 2 * len("\r\n") + data


def framed(data: float) -> float:
    """A frame of a server: two bytes, and two or eight more for the length of a longer one (RFC 6455 section 5.2)."""
    return data + (2 if data < 126 else 4 if data < 1 << 16 else 10)


def segments(data: float) -> int:
    return math.ceil(data / SEGMENT)


def size(fields: Mapping[str, object]) -> int:
    """As JSON."""
    return len(msgspec.json.encode(fields))


def filled(value: str, values: dict[str, str]) -> str:
    for name, text in values.items():
        value = value.replace(name, text)
    return value
