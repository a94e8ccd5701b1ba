"""How bytes leave for a client whose connection stays open: one writer at a time, in turn, bounded, never in the way.

An outbox sends at once what the kernel takes and queues the rest, so that whoever puts something in never waits for
the reader. A thread (on the gevent engine a greenlet) sends the queue on as the reader makes room, and ends with it.
"""

import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from gevent.monkey import get_original

LOCK = get_original("threading", "Lock")()  # one for all, and native: nothing waits in it, and gevent's costs ten times
LIMIT = 64 * 1024  # bytes that may be queued for a client: one with more is cut
BEHIND = 1 / 3  # of a heartbeat, for the oldest of them to go out: 5 s of 15
MOMENT = 1.0  # seconds that a client has at least, for anything; and for the last words, before it is shut
DONTWAIT = getattr(socket, "MSG_DONTWAIT", 0)  # Windows has none, and there gevent's own sockets never wait

POLICY_VIOLATION, FAILED, RESTART, TRY_AGAIN_LATER = 1008, 1011, 1012, 1013  # why it ends (RFC 6455 section 7.4.1)

Cursor = tuple[str | None, int]  # epoch and seq


class Outbox:
    """The way out to one client, and the `cursor` in its room's log up to which everything has been put in.

    Nothing here raises because a client went: whoever reads from the connection finds out, and ends it.
    """

    __slots__ = (
        "_clear", "_ended", "_queue", "_queued", "_raw", "_resume", "_since", "_sock",
        "busy", "cursor", "dropped", "last_words", "spoke", "was_cut",
    )  # fmt: skip  # a message goes through ten thousand of them: what it touches lies together

    transport = ""  # by name
    cursor: Cursor
    busy: bool  # whether something is queued

    def __init__(self, sock: Any) -> None:
        sock.settimeout(None)  # with a time-out a send would wait, whatever its flags say
        self.busy = False
        self.was_cut = False
        self.dropped = 0  # bytes that were queued when it was cut, and given up
        self.last_words = b""
        self.spoke = True  # since the last beat
        self._sock = sock
        self._raw = getattr(sock, "_sock", sock)  # below gevent's own, which waits for the reader
        self._clear = True  # nothing is queued, and it has not ended
        self._queue: deque[bytes] = deque()
        self._queued = 0  # bytes
        self._since = 0.0  # when the oldest of them came, or later
        self._ended = 0.0  # when the last words were put in
        self._resume: Callable[[], None] | None = None

    @property
    def waiting(self) -> int:
        """Bytes that are queued."""
        return self._queued if self.busy else 0

    @property
    def over(self) -> bool:
        """Whether nothing more will go out."""
        return bool(self._ended)

    def put(self, data: bytes, last: bool = False) -> None:
        """Send it, or queue what the kernel does not take. Whatever comes after the `last` is dropped."""
        with LOCK:
            then = self._put(data, last)
        if then:
            then()

    def _put(self, data: bytes, last: bool = False) -> Callable[[], None] | None:
        """Put it in, with the lock held. Returns what is to be done when it no longer is."""
        if self._ended:
            return None
        self.spoke = True
        if last:
            self.last_words = data
            self._finish()
        if self.busy:
            self._queue.append(data)
            self._queued += len(data)
            return self.cut if self._queued > LIMIT else None
        try:
            sent = self._raw.send(data, DONTWAIT)
        except BlockingIOError:
            sent = 0
        except OSError:  # it is gone, and takes whatever comes
            self._finish()
            return None
        if sent == len(data):
            return None
        self._queue.append(data[sent:])
        self._queued = len(data) - sent
        self._since = time.monotonic()
        self.busy, self._clear = True, False
        return threading.Thread(target=self._flush, daemon=True).start

    def end(self, code: int) -> None:
        """Say the last words, which give the reason."""
        self.put(self._last_words(code), last=True)

    def cut(self, code: int = TRY_AGAIN_LATER) -> None:
        """Give up what is queued, except what the client has begun to receive, and end."""
        with LOCK:
            if self._ended:
                return
            while len(self._queue) > 1:
                lost = len(self._queue.pop())
                self._queued -= lost
                self.dropped += lost
        self.was_cut = True
        self.end(code)

    def when_idle(self, resume: Callable[[], None]) -> None:
        """Call `resume` once, as soon as nothing is queued."""
        with LOCK:
            if self.busy:
                self._resume = resume
                return
        resume()

    def beat(self, now: float, heartbeat: float) -> None:
        """Do what time alone brings about. Called several times in a heartbeat."""
        if self._ended:
            if now - self._ended > MOMENT:
                self._shut(socket.SHUT_RDWR)
        elif self.busy and now - self._since > max(BEHIND * heartbeat, MOMENT):
            self.cut()
        else:
            self._keep_alive(now, heartbeat)

    def _finish(self) -> None:
        """Take nothing more, from now on."""
        self._ended = self._ended or time.monotonic()
        self._clear = False

    def _last_words(self, code: int) -> bytes:
        return b""

    def _keep_alive(self, now: float, heartbeat: float) -> None:
        raise NotImplementedError

    def _flush(self) -> None:
        """Send what is queued, as the reader makes room, until nothing is.

        It waits by the socket's own means: whoever else watched the descriptor would not be told that it is closed.
        """
        try:
            while self._took(self._sock.send(self._queue[0])):
                pass
        except OSError:
            with LOCK:
                self._finish()
                self._queue.clear()
                self.busy = False
        with LOCK:
            if self.busy:  # more came, and another thread with it
                return
            resume, self._resume = self._resume, None
        if resume:
            resume()

    def _took(self, sent: int) -> bool:
        """So much of the oldest went out. Returns whether something is left."""
        with LOCK:
            self._queued -= sent
            if rest := self._queue.popleft()[sent:]:
                self._queue.appendleft(rest)
            else:
                self._since = time.monotonic()
            self.busy = bool(self._queue)
            self._clear = not (self.busy or self._ended)
            return self.busy

    def _shut(self, how: int) -> None:
        """End the connection, or a half of it, under whoever reads from it."""
        with suppress(OSError):
            self._sock.shutdown(how)


def bring_on(outboxes: Iterable[Outbox], data: bytes, start: Cursor, end: Cursor) -> list[Outbox]:
    """Put what lies between two cursors into each outbox that is at the first, if its way is clear.

    Nearly all can send it whole at once, and for those there is no call but `send`. Returns those who are elsewhere.
    """
    size, others, then = len(data), [], []
    with LOCK:
        for outbox in outboxes:
            if outbox._clear and outbox.cursor is start:
                outbox.cursor = end
                outbox.spoke = True
                sent = 0
                try:
                    sent = outbox._raw.send(data, DONTWAIT)
                    if sent == size:
                        continue
                except OSError:
                    pass  # which the next try is told again
                then.append(outbox._put(data[sent:]))
            else:
                others.append(outbox)
    for call in filter(None, then):
        call()
    return others
