"""The connections of an app that stay open: a heartbeat for all, one way to end them, and a pump for each room."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from servers.outbox import RESTART, Cursor, Outbox
from servers.pump import Encoding, Pump, in_strides
from servers.stores import Store

BEATS = 15  # looks at every connection in a heartbeat: one a second, where it is 15 s


class Fanout:
    """Who is there, and who follows which room."""

    def __init__(self, store: Store, heartbeat: float) -> None:
        self.on_open: Callable[[str], object] = lambda transport: None  # told of a stream or a socket that begins
        self.on_cut: Callable[[str], object] = lambda transport: None  # told of one given up: too far behind, or dead
        self.observe: Callable[[float], object] = lambda seconds: None  # told how long news took to get to all
        self.on_reset: Callable[[str], object] = lambda transport: None  # told of a client whose cursor is of no use
        self.on_close: Callable[[int], object] = lambda code: None  # told of a WebSocket's closing code; 0 is without
        self.dropped = 0  # bytes that connections had queued when they were cut
        self._store, self._heartbeat = store, heartbeat
        self._lock = threading.Lock()
        self._pumps: dict[tuple[str, Encoding], Pump] = {}
        self._outboxes: dict[Outbox, None] = {}
        self._beating = self._over = False

    def __len__(self) -> int:
        return len(self._outboxes)

    @property
    def outboxes(self) -> list[Outbox]:
        """All that are open."""
        with self._lock:
            return list(self._outboxes)

    @contextmanager
    def open(self, outbox: Outbox) -> Iterator[None]:
        """While it lasts, the connection's heart beats, and a drain ends it."""
        with self._lock:
            self._outboxes[outbox] = None
            beats, self._beating = self._beating, True
            over = self._over
        if not beats:
            threading.Thread(target=self._beat, daemon=True).start()
        if over:
            outbox.end(RESTART)
        self.on_open(outbox.transport)
        try:
            yield
        finally:
            with self._lock:
                del self._outboxes[outbox]
                self.dropped += outbox.dropped
            if outbox.was_cut:
                self.on_cut(outbox.transport)

    @contextmanager
    def following(self, outbox: Outbox, room: str, cursor: Cursor, encoding: Encoding) -> Iterator[None]:
        """While it lasts, what follows the cursor in the room's log is put into the outbox of an open connection."""
        outbox.cursor = cursor
        pump = self._enter(outbox, room, encoding)
        try:
            pump.join(outbox)
            yield
        finally:
            self._leave(outbox, room, encoding)

    def drain(self) -> None:
        """End every connection: the server restarts. One that is still coming in is ended as soon as it is."""
        with self._lock:
            self._over = True
            outboxes = list(self._outboxes)
        for outbox in outboxes:
            outbox.end(RESTART)

    def _enter(self, outbox: Outbox, room: str, encoding: Encoding) -> Pump:
        with self._lock:
            pump = self._pumps.get((room, encoding))
            if not pump:
                told = self.observe, self.on_reset
                pump = self._pumps[room, encoding] = Pump(self._store, room, encoding, outbox.cursor, *told)
                pump.start()
            pump.followers.add(outbox)
        return pump

    def _leave(self, outbox: Outbox, room: str, encoding: Encoding) -> None:
        with self._lock:
            pump = self._pumps[room, encoding]
            pump.leave(outbox)
            if not pump.followers:
                del self._pumps[room, encoding]
                pump.stop()

    def _beat(self) -> None:
        while True:
            time.sleep(self._heartbeat / BEATS)
            with self._lock:
                self._beating = bool(self._outboxes)
                if not self._beating:
                    return
            for stride in in_strides(self._outboxes):
                for outbox in stride:
                    outbox.beat(time.monotonic(), self._heartbeat)
