"""What the null server keeps and says: a room's log in memory, and hand-made answers."""

from typing import Any

import msgspec

EPOCH = b"0"
AT = "2026-01-01T00:00:00.000Z"  # as long as a true one
STREAM = b"HTTP/1.1 200 \r\nContent-Type: text/event-stream\r\n\r\nid:\nretry: 2000\n\n"
UPGRADE = b"HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: "
READY = b'{"type":"ready","epoch":"%s","cursor":%d}'
ACK = b'{"type":"ack","id":%s,"seq":%d,"epoch":"%s"}'
TEXT, CLOSE = 0x81, 0x88  # the first byte of a final frame


class Draft(msgspec.Struct):
    """What a client sends."""

    id: str
    sender: str
    text: str


class Room:
    """A log, and the cursors of those who wait: streams and sockets stay, a held poll goes when it is answered."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []  # as JSON
        self.seqs: dict[str, int] = {}  # by id
        self.waiting: dict[Any, int] = {}

    def append(self, content: bytes) -> tuple[str, int]:
        """Append a draft, unless it is here already; returns its id and its seq."""
        draft = msgspec.json.decode(content, type=Draft)
        if draft.id not in self.seqs:
            seq = self.seqs[draft.id] = len(self.messages) + 1
            fields = {"seq": seq, "id": draft.id, "sender": draft.sender, "text": draft.text, "at": AT}
            self.messages.append(msgspec.json.encode(fields))
        return draft.id, self.seqs[draft.id]

    def page(self, after: int, fields: bytes = b"") -> bytes:
        """The answer to a poll."""
        news = b",".join(self.messages[after:])
        body = b'{"messages":[%s],"cursor":%d,"epoch":"%s"}' % (news, len(self.messages), EPOCH)
        return answer(b"200", body, fields)


def answer(status: bytes, body: bytes, fields: bytes = b"") -> bytes:
    return b"HTTP/1.1 %s \r\n%sContent-Length: %d\r\n\r\n%s" % (status, fields, len(body), body)


def ack(id: str, seq: int) -> bytes:
    """What acknowledges a message by WebSocket."""
    return ACK % (msgspec.json.encode(id), seq, EPOCH)


def frame(content: bytes, kind: int = TEXT) -> bytes:
    """A whole frame as a server sends it, without a mask."""
    size = len(content)
    if size < 126:
        return bytes((kind, size)) + content
    return bytes((kind, 126)) + size.to_bytes(2, "big") + content  # a message has at most 16 KB
