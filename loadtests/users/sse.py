"""A participant by server-sent events: asks once, and takes each event when it arrives; posts to send."""

import time

import h11
import msgspec

from loadtests import headers
from loadtests.event_stream import Event, EventStream
from loadtests.users.base import Draft, Message, Position, Refused
from loadtests.users.http import HttpParticipant


class Sse(HttpParticipant):
    transport = "sse"

    def subscribe(self) -> None:
        self.outgoing.open()
        last = f"{self.epoch}-{self.cursor}" if self.epoch else ""
        fields = headers.fill(self.load.headers["eventsource"], event_id=last)
        try:
            self.sock, self.row = self.incoming.ask("stream", "GET", self.path("events"), fields)
            self.incoming.begin_parsing()
            status = self.incoming.head(self.row).status_code
            if status != 200:
                raise Refused(f"a stream was answered {status}")
            self.stream = EventStream()
            self.read()  # the opening
        except OSError:
            self.incoming.close()
            raise

    def send(self, draft: Draft, row: int) -> None:
        self.post(draft, row)

    def receive(self) -> None:
        try:
            while True:
                self.read()
        finally:
            self.load.log.request_ended(self.row, time.monotonic_ns())
            self.incoming.close()

    def read(self) -> None:
        """Wait for the next piece of the stream, and take the events that it completes."""
        piece = self.incoming.next_event()
        if not isinstance(piece, h11.Data):
            raise ConnectionError("the server ended the stream")
        for event in self.stream.feed(bytes(piece.data)):
            self.take(event)

    def take(self, event: Event) -> None:
        """A message, or the news that messages were lost."""
        if event.type == "reset":
            return self.reset(msgspec.json.decode(event.data, type=Position))
        epoch, _, _ = event.id.rpartition("-")
        self.deliver(self.sock, msgspec.json.decode(event.data, type=Message), epoch, self.incoming.received_ns)
        self.load.log.request_carried(self.row, 1)
