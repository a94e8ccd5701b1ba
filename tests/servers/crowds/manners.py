"""What one client of each transport says and hears. They have the same methods, and know nothing of sockets.

opening(room)   what it writes when it is connected
hear(data)      the ids of the messages that came
reply           what it must write now: pongs, closing frames, the next question
joined          whether the server has let it in
farewell        how the server ended it: "" while it has not, or when it broke off
"""

import json
import re
from collections.abc import Sequence
from functools import lru_cache

from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from loadtests.chunks import Chunks
from loadtests.event_stream import EventStream
from loadtests.frames import Frames
from tests.servers.contract.clients import HANDSHAKE

HEAD = re.compile(rb"HTTP/1\.1 (\d+) .*?\r\n\r\n", re.DOTALL)
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n")
ID = re.compile(rb'"id":"([^"]*)"')
ANY = ClientProtocol(parse_uri("ws://crowd/"))  # the handshake that none of them need look at again


def question(room: str, noun: str, after: int = 0, epoch: str = "", **fields: str) -> bytes:
    """A GET request."""
    cursor = f"?after={after}&epoch={epoch}" if epoch else ""
    lines = [f"GET /rooms/{room}/{noun}{cursor} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode()


@lru_cache(256)  # the same bytes go to all
def ids(text: bytes) -> Sequence[bytes]:
    return ID.findall(text)


class WebSocket:
    name = "websocket"

    def __init__(self) -> None:
        self.rest, self.reply, self.joined, self.farewell = b"", b"", False, ""
        self.frames: Frames | None = None

    def opening(self, room: str) -> bytes:
        return question(room, "socket", **HANDSHAKE)

    def hear(self, data: bytes) -> Sequence[bytes]:
        if self.frames is None:
            self.rest += data
            head = HEAD.match(self.rest)
            if not head:
                return ()
            assert head[1] == b"101", self.rest
            self.frames, data, self.rest = Frames(ANY), self.rest[head.end() :], b""
        texts = self.frames.feed(data)
        if self.frames.answer:
            self.reply, self.frames.answer = self.frames.answer, b""
        if self.frames.protocol and (closed := self.frames.protocol.close_rcvd):
            self.farewell = str(closed.code)
        return [id for text in texts for id in self.message(text)]

    def message(self, text: bytes) -> Sequence[bytes]:
        if text.startswith(b'{"type":"message"'):
            return ids(text)
        self.joined = True  # ready, or reset
        return ()


class Stream:
    name = "sse"

    def __init__(self) -> None:
        self.rest, self.reply, self.joined, self.farewell = b"", b"", False, ""
        self.chunks, self.events = Chunks(), EventStream()

    def opening(self, room: str) -> bytes:
        return question(room, "events")

    def hear(self, data: bytes) -> Sequence[bytes]:
        if not self.joined:
            self.rest += data
            head = HEAD.match(self.rest)
            if not head:
                return ()
            assert head[1] == b"200", self.rest
            self.joined, data, self.rest = True, self.rest[head.end() :], b""
        events = self.events.feed(self.chunks.feed(data))
        if self.chunks.ended:
            self.farewell = "end"
        return [id for event in events for id in ids(event.data.encode())]


class HeldPolls:
    """The first is answered at once, if somebody has said something before: then it is let in."""

    name = "long-polling"

    def __init__(self) -> None:
        self.rest, self.reply, self.joined, self.farewell = b"", b"", False, ""
        self.room, self.answers = "", 0

    def opening(self, room: str) -> bytes:
        self.room = room
        return question(room, "messages")

    def hear(self, data: bytes) -> Sequence[bytes]:
        self.rest += data
        head = HEAD.match(self.rest)
        length = head and LENGTH.search(head[0])
        if not (head and length) or len(self.rest) < head.end() + int(length[1]):
            return ()
        assert head[1] == b"200", self.rest
        body, self.rest, self.joined = self.rest[head.end() :], b"", True
        self.answers += 1
        after, epoch = where(body)
        if b"\r\nConnection: close\r\n" in head[0]:
            self.farewell = "answered"
        else:
            self.reply = question(self.room, "messages", after, epoch)
        return ids(body)


@lru_cache(256)
def where(body: bytes) -> tuple[int, str]:
    page = json.loads(body)
    return page["cursor"], page["epoch"]


Manner = WebSocket | Stream | HeldPolls
MANNERS: tuple[type[Manner], ...] = (WebSocket, Stream, HeldPolls)
