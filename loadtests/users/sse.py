"""A participant by server-sent events: asks once, and takes each event when it arrives; posts to send."""

import time
from functools import lru_cache

import msgspec

from loadtests import headers
from loadtests.chunks import Chunks
from loadtests.codings import inflater
from loadtests.event_stream import Event, EventStream
from loadtests.frames import KEPT
from loadtests.users.base import Draft, Message, Position, Refused
from loadtests.users.http import HttpParticipant
from loadtests.users.http1 import field

DECODER = msgspec.json.Decoder(Message)


class Sse(HttpParticipant):
    transport = "sse"

    def subscribe(self) -> None:
        self.outgoing.open()
        last = f"{self.epoch}-{self.cursor}" if self.epoch else ""
        fields = headers.fill(self.load.headers["eventsource"], event_id=last)
        try:
            self.sock, self.row = self.incoming.ask("stream", "GET", self.path("events"), fields)
            response, data = self.incoming.begin_stream(self.row)
            if response.status_code != 200:
                raise Refused(f"a stream was answered {response.status_code}")
            self.chunks = Chunks() if field(response, b"transfer-encoding") else None
            self.inflater = inflater(field(response, b"content-encoding").lower())
            self.stream = EventStream()
            self.hear(data or self.incoming.read(), self.incoming.received_ns)  # the opening
            if self.sock.eof:
                raise ConnectionError("the server ended the stream")
            self.line = self.incoming.follow(self.hear)
        except OSError:
            self.incoming.close()
            raise

    def send(self, draft: Draft, row: int) -> None:
        self.post(draft, row)

    def receive(self) -> None:
        try:
            self.line.wait()
        finally:
            self.load.log.request_ended(self.row, time.monotonic_ns())
            self.incoming.close()

    def listen_no_more(self) -> None:
        self.load.sockets.forget(self.sock)
        super().listen_no_more()

    def hear(self, data: bytes, received_ns: int) -> None:
        """Take the events that these bytes complete."""
        data = self.chunks.feed(data) if self.chunks else data
        for event in self.stream.feed(self.inflater.feed(data) if self.inflater else data):
            self.take(event, received_ns)
        if self.chunks and self.chunks.ended:
            raise ConnectionError("the server ended the stream")

    def take(self, event: Event, received_ns: int) -> None:
        """A message, or the news that messages were lost."""
        if event.type == "reset":
            return self.reset(msgspec.json.decode(event.data, type=Position))
        epoch, _, _ = event.id.rpartition("-")
        self.deliver(self.sock, decode(event.data), epoch, received_ns)
        self.load.log.request_carried(self.row, 1)


@lru_cache(KEPT)
def decode(data: str) -> Message:
    """An event's message, decoded once for all who are in the room."""
    message: Message = DECODER.decode(data)
    return message
