"""A room's log on its way to all who listen: read after a cursor, encoded once, put into each outbox."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from servers.message import PAGE, Message
from servers.outbox import FAILED, Cursor, Outbox, bring_on
from servers.settings import YIELD
from servers.stores import CursorInvalid, Store, Unavailable

PIECE = 32 * 1024  # bytes that go into an empty outbox at a time, or a message more: half of what it may hold
STRIDE = 100  # outboxes between two looks at whatever else there is to do
PIECES = 64  # kept, for all who come with the same old cursor


def in_strides(outboxes: Iterable[Outbox]) -> Iterator[list[Outbox]]:
    """The outboxes as they are now, so many at a time, with room for other work in between."""
    left = list(outboxes)
    for start in range(0, len(left), STRIDE):
        if start:
            time.sleep(YIELD)
        yield left[start : start + STRIDE]


class Encoding(NamedTuple):
    """How a transport writes the log: a message, the news that some are gone, and several of these together."""

    message: Callable[[str, Message], bytes]  # the epoch, and the message
    reset: Callable[[str, int], bytes]  # the cursor to go on from: epoch and seq
    join: Callable[[list[bytes]], bytes] = b"".join


class Piece(NamedTuple):
    """What follows a cursor, encoded; the cursor after it; and whether there may be more at once."""

    data: bytes
    cursor: tuple[str, int]
    more: bool
    reset: bytes = b""  # in place of the data, where what follows the cursor is not kept


class Pump:
    """One room in one encoding, and the outboxes that follow it.

    An outbox is either live, and the pump's thread puts in what is new; or behind, because it is new or its reader is
    slow, and then it moves on whenever it is empty. To be behind costs no memory: the log has what the outbox has not.
    """

    def __init__(
        self,
        store: Store,
        room: str,
        encoding: Encoding,
        cursor: Cursor,
        observe: Callable[[float], object],
        on_reset: Callable[[str], object] = lambda transport: None,
    ) -> None:
        self.followers: set[Outbox] = set()
        self._store, self._room, self._encoding = store, room, encoding
        self._observe = observe  # told how many seconds each turn with news took
        self._on_reset = on_reset  # told of each client whose cursor is of no use, by its transport
        self._bell = threading.Event()
        self._live: dict[Outbox, None] = {}
        self._pieces: dict[Cursor, Piece] = {}
        self._cursor = cursor  # up to which the thread has read
        self._stopped = False

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        self._stopped = True
        self._bell.set()

    def join(self, outbox: Outbox) -> None:
        """Bring an outbox to the end of the log, and then among the live.

        It joins first and compares cursors afterwards; the thread reads first and looks afterwards who is live. So one
        of the two sees what is published in between.
        """
        more = True
        while more and outbox in self.followers and not outbox.over:
            if outbox.busy:
                outbox.when_idle(partial(self._resume, outbox))
                return
            try:
                more = self._advance(outbox)
            except Unavailable:
                break  # it waits among the live, with the cursor that it has
            if more:
                time.sleep(YIELD)
        self._live[outbox] = None
        if outbox.cursor != self._cursor:
            self._bell.set()
        if outbox not in self.followers:
            self._live.pop(outbox, None)

    def leave(self, outbox: Outbox) -> None:
        """It is gone."""
        self.followers.discard(outbox)
        self._live.pop(outbox, None)

    def _run(self) -> None:
        with self._store.listening(self._room, self._bell):
            self._bell.set()  # for what was published before it listened
            while not (self._stopped or self._store.closed):
                self._bell.wait()
                self._bell.clear()
                try:
                    self._turn()
                except Unavailable:
                    pass  # all stay, and the bell rings when the store is back
                except Exception:
                    logging.getLogger(__name__).exception("A room could not be read.")
                    for outbox in list(self._live):
                        outbox.end(FAILED)

    def _turn(self) -> None:
        """Bring every live outbox on by a piece, and come again if there is more."""
        begun = time.perf_counter()
        self._pieces = {}
        start = self._cursor
        news = self._read(start)
        end = self._cursor = news.cursor if news.cursor != start else start
        more = news.more
        for stride in in_strides(self._live):
            if news.data:
                others = bring_on(stride, news.data, start, end)
            else:
                others = [outbox for outbox in stride if outbox.cursor != end]
            for outbox in others:
                more |= self._turn_to(outbox)
        if more:
            self._bell.set()
        if news.data:
            self._observe(time.perf_counter() - begun)

    def _turn_to(self, outbox: Outbox) -> bool:
        """Let one that is live, and not where nearly all are, go on from where it is, as soon as it has sent all."""
        if outbox.busy:
            self._live.pop(outbox, None)
            outbox.when_idle(partial(self._resume, outbox))
            return False
        return self._advance(outbox)

    def _advance(self, outbox: Outbox) -> bool:
        """Put in the piece after its cursor. Returns whether there may be more."""
        piece = self._read(outbox.cursor)
        outbox.cursor = piece.cursor
        if piece.data:
            outbox.put(piece.data)
        elif piece.reset:
            outbox.put(piece.reset)
            self._on_reset(outbox.transport)
        return piece.more

    def _resume(self, outbox: Outbox) -> None:
        try:
            self.join(outbox)
        except Exception:
            logging.getLogger(__name__).exception("A room could not be read.")
            outbox.end(FAILED)

    def _read(self, cursor: Cursor) -> Piece:
        """The piece after a cursor: encoded once in a turn, for all who are there."""
        pieces = self._pieces  # of this turn, also when the next one begins meanwhile
        piece = pieces.get(cursor)
        if not piece:
            if len(pieces) == PIECES:
                pieces.clear()
            piece = pieces[cursor] = self._encode(*cursor)
        return piece

    def _encode(self, epoch: str | None, after: int) -> Piece:
        try:
            page = self._store.since(self._room, after, epoch)
        except CursorInvalid as gap:
            reset = self._encoding.join([self._encoding.reset(gap.epoch, gap.cursor)])
            return Piece(b"", (gap.epoch, gap.cursor), more=True, reset=reset)
        parts: list[bytes] = []
        size = 0
        for message in page.messages:
            parts.append(self._encoding.message(page.epoch, message))
            size += len(parts[-1])
            if size >= PIECE:
                break
        more = len(parts) < len(page.messages) or len(parts) == PAGE
        return Piece(self._encoding.join(parts) if parts else b"", (page.epoch, after + len(parts)), more)
