"""What every store shares: the wait that loses nothing, and the ways to be told no."""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from servers.message import PAGE, Draft, Page, Receipt

STEP = 20  # bells that are rung at a time
PAUSE = 0.001  # seconds between two steps
OWN = "."  # how a room's name begins that is the server's own: no URL can have it
ALL = 2**53  # messages: one more than there can be
REMIND = 600.0  # seconds after which the log is told again that the store refuses, and why

log = logging.getLogger(__name__)


class Wake:
    """What a wait listens to. Called, it ends the wait before its time; its bell alone does not, and may be false."""

    def __init__(self) -> None:
        self.bell = threading.Event()
        self.over = False

    def __call__(self) -> None:
        self.over = True
        self.bell.set()


WAKE: ContextVar[Wake | None] = ContextVar("wake", default=None)  # by which this request's wait can be ended


class CursorInvalid(Exception):
    """The log cannot go on from this cursor. `cursor` is where it can: the seq before the oldest message kept."""

    status: int
    title: str

    def __init__(self, epoch: str, cursor: int) -> None:
        super().__init__(self.title)
        self.epoch = epoch
        self.cursor = cursor


class CursorAhead(CursorInvalid):
    """The cursor is beyond the end of the log."""

    status = 409
    title = "The cursor is ahead of the log."


class CursorGone(CursorInvalid):
    """The cursor is from another epoch, or what follows it was trimmed away."""

    status = 410
    title = "What follows this cursor is no longer kept."


class IdTaken(Exception):
    """The room has another message under this id."""


class Unavailable(Exception):
    """The store cannot be reached, or refuses. Whether a message was taken is not known: the same again is safe."""

    status = 503
    wait = 1.0  # seconds until it may be there again
    title = "The store does not answer. Try the same again."


class Refused(Unavailable):
    """The store is there, and does not take it: its disk is full, say. It has said why, to the log alone."""

    title = "The store refuses. Try the same again."


class Store(ABC):
    """Rooms as append-only logs, within one `epoch`: a token that is new whenever the log was lost.

    A room keeps its last `keep` messages or a few more. Where the log is elsewhere, all that it does may raise
    Unavailable. While it is `down` nothing rings; when it is back, every bell does.
    """

    epoch: str
    down = False

    def __init__(self, keep: int) -> None:
        self.closed = False
        self._keep = keep
        self._bells: dict[str, dict[threading.Event, None]] = {}
        self._bells_lock = threading.Lock()
        self._refusals: dict[str, float] = {}  # when the log was told of each

    @abstractmethod
    def append(self, room: str, draft: Draft) -> Receipt:
        """Put a message at the end of the room's log and wake whoever waits. The same draft again: same receipt."""

    @abstractmethod
    def since(self, room: str, after: int, epoch: str | None = None, most: int = PAGE) -> Page:
        """What follows the cursor, at once, and at most so much of it. An unknown room is an empty log."""

    def wait(self, room: str, after: int, epoch: str | None, timeout: float) -> Page:
        """What follows the cursor, as soon as there is something; an empty page after `timeout` seconds or on `close`.

        Register first, then read, then wait, then read again: a message that comes in between rings the bell, so
        none is lost. The answer is always read from the log, never taken from the notification, which may be false.
        """
        wake = WAKE.get() or Wake()
        deadline = time.monotonic() + timeout
        with self.listening(room, wake.bell):
            page = self.since(room, after, epoch)
            while not (page.messages or self.closed or wake.over):
                if not wake.bell.wait(max(0.0, deadline - time.monotonic())):
                    break
                wake.bell.clear()
                if not wake.over:
                    page = self.since(room, after, epoch)
            return page

    @contextmanager
    def listening(self, room: str, bell: threading.Event) -> Iterator[None]:
        """While it lasts, the bell rings after every message that comes into the room, and on `close`."""
        with self._bells_lock:
            self._bells.setdefault(room, {})[bell] = None
        try:
            yield
        finally:
            with self._bells_lock:
                del self._bells[room][bell]
                if not self._bells[room]:
                    del self._bells[room]  # a room that nobody waits in takes no memory

    def kept(self, room: str) -> int:
        """How many messages a room keeps: a chat its last, a room of the server's own all, since each must hold."""
        return ALL if room.startswith(OWN) else self._keep

    def _refused(self, why: str) -> Refused:
        """What to raise when the store refuses. The log is told why, of the same not again for a while."""
        at = time.monotonic()
        if at >= self._refusals.get(why, -REMIND) + REMIND:
            self._refusals[why] = at
            log.warning("%s", why)
        return Refused(why)

    def close(self) -> None:
        """Wake every waiter, for good: the server drains."""
        self.closed = True
        with self._bells_lock:
            for bells in self._bells.values():
                for bell in bells:
                    bell.set()

    def _ring_all(self) -> None:
        """Ring every bell: there may be news anywhere."""
        with self._bells_lock:
            bells = [bell for bells in self._bells.values() for bell in bells]
        ring(bells)

    def _ring(self, room: str) -> None:
        with self._bells_lock:
            bells = list(self._bells.get(room, ()))
        if len(bells) > STEP:
            threading.Thread(target=ring, args=(bells,)).start()
        else:
            ring(bells)


def ring(bells: list[threading.Event]) -> None:
    """Ring them, oldest first, a few at a time: thousands who wake at once would keep everyone else waiting."""
    for n, bell in enumerate(bells):
        if n and n % STEP == 0:
            time.sleep(PAUSE)
        bell.set()
