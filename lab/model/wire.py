"""What each thing that is said weighs, to the byte, without measuring anything.

A request is its line and the headers of loadtests/headers.toml; an answer is a head of answers.toml and JSON as
servers/protocol.md has it; a frame is RFC 6455's. What differs from message to message stands in with a typical length:
ids are UUIDs, cursors have the digits of the middle of the run.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, structs

from lab.model.conditions import Conditions
from lab.model.exchange import Exchange, answered, pushed, segments

MASK = 4  # bytes in each frame of a client (RFC 6455 section 5.3)
CONTROL = 2  # bytes of an empty control frame

ROOT = Path(__file__).parent.parent.parent
CLIENTS: dict[str, dict[str, list[list[str]]]] = tomllib.loads(
    (ROOT / "loadtests" / "headers.toml").read_text(encoding="utf-8")
)
ANSWERS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("answers.toml").read_text(encoding="utf-8"))
HOST, EPOCH, ID, AT = "127.0.0.1:40000", "0" * 8, "0" * 36, "2026-01-31T12:00:00.000Z"  # each as long as a true one
LONGEST_LOG = 3_600.0  # seconds, for the digits of a cursor, where nothing else says how long a room has talked


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
        draft = self.draft()
        up = self.request("fetch-post", "POST", "messages", draft)
        return answered(up, self.head("posted", receipt), receipt, draft + receipt)

    def short(self, messages: float) -> Exchange:
        """A poll that is answered at once with so many messages."""
        body = self.page(messages)
        return answered(self.poll(), self.head("short", body), body, body)

    def unchanged(self) -> Exchange:
        """A poll for the same as before, which has not changed: an answer without a body."""
        known = f'"{EPOCH}-{self.cursor}"'
        return Exchange(up=self.poll(known), down=self.head("unchanged"), data_up=1, data_down=1, acks_up=1)

    def long(self, messages: float, held: float) -> Exchange:
        """A long poll's question and answer. A share `held` of them was held for so long that the question had to be
        acknowledged; the last acknowledgement of the answer rides along with the next question.
        """
        body = self.page(messages)
        whole = answered(self.poll(), self.head("long", body), body, body)
        return structs.replace(whole, acks_up=whole.acks_up - 1, acks_down=held)

    def event(self) -> Exchange:
        """A message in a stream: its id, its data, and the chunk around them."""
        message = self.message()
        return pushed(chunk(len(f"id: {EPOCH}-{self.cursor}\ndata: \n\n") + message), message)

    def comment(self) -> Exchange:
        return pushed(chunk(len(":\n\n")))

    def frame(self) -> Exchange:
        """A message in a WebSocket."""
        message = self.message(type="message")
        return pushed(framed(message), message)

    def sent(self) -> Exchange:
        """A message sent by WebSocket: the server's frame that it is in the log is acknowledged by itself."""
        draft = self.draft(type="send")
        receipt = size({"type": "ack", "id": ID, "seq": self.cursor, "epoch": EPOCH})
        up, content = framed(draft) + MASK, draft + receipt
        return Exchange(up=up, down=framed(receipt), data_up=segments(up), data_down=1, acks_up=1, content=content)

    def ping(self) -> Exchange:
        """A ping of the server's, and the pong, which the server acknowledges."""
        return Exchange(up=CONTROL + MASK, down=CONTROL, data_up=1, data_down=1, acks_down=1)


def chunk(data: float) -> float:
    """A chunk of an answer without an end (RFC 9112 section 7.1): its length in hexadecimal, and two line ends."""
    return len(f"{round(data):x}") + 2 * len("\r\n") + data


def framed(data: float) -> float:
    """A frame of a server: two bytes, and two or eight more for the length of a longer one (RFC 6455 section 5.2)."""
    return data + (2 if data < 126 else 4 if data < 1 << 16 else 10)


def size(fields: Mapping[str, object]) -> int:
    """As JSON."""
    return len(msgspec.json.encode(fields))


def filled(value: str, values: dict[str, str]) -> str:
    for name, text in values.items():
        value = value.replace(name, text)
    return value
