"""An event stream, as EventSource would read it."""

import contextlib
import http.client
import queue
import socket
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from lab.grader.clients import PATIENCE, SHOWN, Client, object_of
from lab.grader.faults import Wrong

LOOK = 0.02  # seconds between two looks at a reader that ends


class Event(Struct, frozen=True):
    """One event of a stream, as EventSource would understand it."""

    id: str | None
    kind: str
    data: str

    @property
    def message(self) -> dict[str, Any]:
        return object_of(self.data, "a message as JSON in data:")


class Stream:
    """An open event stream. `last_id` is what a browser would come back with; what is not asked for is not read."""

    def __init__(self, client: Client, path: str, headers: Mapping[str, str] | None = None, buffer: int = 0) -> None:
        self.client, self.last_id = client, None  # type: Client, str | None
        self.blocks, self.reader = queue.Queue[str | None](1), threading.Thread(target=self.read, daemon=True)
        path = path.format(room=client.room)
        said = "".join(f", {name}: {value}" for name, value in (headers or {}).items())
        client.story.tell(client.name, f"GET {path}{said}", client.server)
        self.connection = http.client.HTTPConnection("127.0.0.1", client.port)
        with client.expecting(f"the head of an answer to GET {path}"):
            self.socket = self.connection.sock = client.connected(buffer)
            self.connection.request("GET", path, headers={"Accept": "text/event-stream", **(headers or {})})
            self.answer = self.connection.getresponse()
        if self.answer.status == 500:
            raise Wrong("error-500", "an event stream", "500 Internal Server Error")
        self.socket.settimeout(None)
        client.story.tell(
            client.server, f"{self.answer.status} {self.answer.headers.get('Content-Type', '')}", client.name
        )

    def event(self, within: float = PATIENCE) -> Event | None:
        """The next event that has data or a name, or None if none comes in so many seconds or the stream ends."""
        deadline = time.monotonic() + within
        while (block := self.block(deadline)) is not None:
            fields = [line.partition(":")[::2] for line in block.split("\n") if not line.startswith(":")]
            found = {name: value.removeprefix(" ") for name, value in fields}
            if "id" in found:
                self.last_id = found["id"]
            if "data" in found or "event" in found:
                data = "\n".join(value.removeprefix(" ") for name, value in fields if name == "data")
                event = Event(found.get("id"), found.get("event", "message"), data)
                self.client.story.tell(self.client.server, f"event {event.id or ''} {data[:SHOWN]}", self.client.name)
                return event
        return None

    def comment(self, within: float = PATIENCE) -> bool:
        """Whether the next thing that comes in so many seconds is a comment."""
        block = self.block(time.monotonic() + within)
        self.client.story.tell(self.client.server, "nothing" if block is None else block[:SHOWN], self.client.name)
        return block is not None and all(line.startswith(":") for line in block.split("\n"))

    def block(self, deadline: float) -> str | None:
        """The lines up to an empty one; None at the end of the stream, or if there are none until then."""
        if not self.reader.ident:
            self.reader.start()
        try:
            block = self.blocks.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None
        if block is None:
            self.blocks.put(None)
            self.client.mishap()
        return block

    def read(self) -> None:
        """Take what comes, block by block; None is the end."""
        rest = b""
        with contextlib.suppress(OSError, http.client.HTTPException):
            while piece := self.answer.read1(65_536):
                *whole, rest = (rest + piece).replace(b"\r\n", b"\n").split(b"\n\n")
                for block in whole:
                    self.blocks.put(block.decode(errors="replace"))
        self.blocks.put(None)

    def close(self) -> None:
        if not isinstance(sys.exception(), Wrong):  # after the bad moment all that follows is tidying up
            self.client.story.tell(self.client.name, "closes the stream", self.client.server)
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # which ends a reading that waits
        while self.reader.is_alive():
            with contextlib.suppress(queue.Empty):
                self.blocks.get(timeout=LOOK)  # or one that waits for room
        self.answer.close()
        self.connection.close()
