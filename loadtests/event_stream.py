"""A parser of event streams (WHATWG HTML, section 9.2.6), fed with bytes as they come."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from loadtests.frames import KEPT


class Event(NamedTuple):
    """What EventSource would dispatch: its type, its data, and the last event id at that moment."""

    type: str
    data: str
    id: str


class EventStream:
    """Lines end with CR, LF or CRLF, and may be cut anywhere, between the CR and the LF too."""

    def __init__(self) -> None:
        self.rest = b""
        self.after_cr = False
        self.first_line = True
        self.type, self.data, self.id = "", list[str](), ""

    def feed(self, data: bytes) -> Sequence[Event]:
        """The events that `data` completes."""
        if self.between_events() and (events := whole_events(data)):
            self.id = events[-1].id
            return events
        return self.feed_any(data)

    def between_events(self) -> bool:
        """Whether nothing is pending of what came."""
        return not (self.rest or self.after_cr or self.first_line or self.data or self.type)

    def feed_any(self, data: bytes) -> list[Event]:
        """The same line by line."""
        if self.after_cr and data:
            data = data.removeprefix(b"\n")
            self.after_cr = False
        self.after_cr = data.endswith(b"\r") or (self.after_cr and not data)
        *lines, self.rest = (self.rest + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        return [event for line in lines if (event := self.take(line.decode(errors="replace")))]

    def take(self, line: str) -> Event | None:
        """One line; an event when it is the empty line that ends one."""
        if self.first_line:
            line = line.removeprefix("\ufeff")  # the byte order mark
            self.first_line = False
        if not line:
            return self.dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "data":
                self.data.append(value)
            case "event":
                self.type = value
            case "id" if "\0" not in value:
                self.id = value
        return None  # a comment, which begins with a colon, has no field name and ends here too; so does a retry

    def dispatch(self) -> Event | None:
        event = Event(self.type or "message", "\n".join(self.data), self.id) if self.data else None
        self.type, self.data = "", []
        return event


@lru_cache(KEPT)
def whole_events(data: bytes) -> tuple[Event, ...]:
    """The events of a piece of whole events with ids of their own, parsed once for all to whom it comes; else none."""
    stream = EventStream()
    stream.first_line = False
    events = stream.feed_any(data)
    alone = stream.between_events() and all(event.id for event in events) and stream.id
    return tuple(events) if alone else ()
