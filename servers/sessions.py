"""Who may take part: signed tokens that expire, their revocation, and what each session holds open.

A revocation is a message in a room of the store whose name no URL can have. So it is known to every process that shares
the store, and outlives a restart if the log does. The store never trims that room: else whoever ends many sessions
would make an older token good again. It grows by some 200 bytes for each session that is ended, of which an address
gets ten a second: little, beside what a single session may send to rooms that are never given up either.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from itsdangerous import BadData, URLSafeTimedSerializer
from msgspec import Struct

from servers.message import Draft
from servers.stores import OWN, CursorInvalid, Store, Unavailable

REVOKED = f"{OWN}revoked"  # a room; see above
LOOK = 0.5  # seconds between two looks for what ran out, or was revoked without a bell: it takes effect within 1 s
KNOWN = 10_000  # tokens whose signature need not be computed again

End = Callable[[], object]


class Session(Struct, frozen=True):
    """Who holds a token: under which name, and until when (Unix time, seconds)."""

    id: str
    name: str
    expires: float


class Held(NamedTuple):
    """Something that a session holds open, and whether its client has hung up, which nobody may have noticed."""

    session: Session
    is_gone: Callable[[], bool]


class Sessions:
    """The sessions of the servers that share a secret. `life` is in seconds, `most` things may be held open by each."""

    def __init__(self, secret: str, life: float, most: int, store: Store) -> None:
        self._signer = URLSafeTimedSerializer(secret, salt="polls-apart session")
        self._life, self._most, self._store = life, most, store
        self._known: dict[str, Session] = {}
        self._revoked: dict[str, float] = {}  # id -> when it would have expired
        self._held: dict[str, dict[End, Held]] = {}
        self._lock = threading.Lock()
        self._cursor: tuple[str | None, int] = None, 0

    def issue(self, name: str) -> str:
        """A token for somebody of this name."""
        return str(self._signer.dumps([secrets.token_urlsafe(12), name]))

    def read(self, token: str) -> Session | None:
        """Whose token it is; None if it is no token of ours, has run out, or was revoked."""
        session = self._known.get(token)
        if not session:
            try:
                (id, name), issued = self._signer.loads(token, max_age=int(self._life), return_timestamp=True)
            except (BadData, TypeError, ValueError):
                return None
            session = Session(id, name, issued.timestamp() + self._life)
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[token] = session
        return None if self.is_over(session) else session

    def is_over(self, session: Session) -> bool:
        return session.id in self._revoked or session.expires < time.time()

    def revoke(self, session: Session) -> None:
        """End a session, here at once and within a second wherever else the store is known."""
        self._store.append(REVOKED, Draft(session.id, session.name, str(session.expires)))
        self._revoked[session.id] = session.expires

    def hold(self, session: Session, end: End, is_gone: Callable[[], bool] = lambda: False) -> bool:
        """Remember that the session holds something open, which `end` ends. False when it holds too much already.

        Only then is it asked what of that is for clients who have gone: it ends, and its places are free.
        """
        with self._lock:
            held = self._held.setdefault(session.id, {})
            gone = [other for other, one in held.items() if one.is_gone()] if len(held) >= self._most else []
            for other in gone:
                del held[other]
            if len(held) >= self._most:
                return False
            held[end] = Held(session, is_gone)
        for other in gone:
            other()
        if self.is_over(session):  # it ended as this began
            end()
        return True

    def release(self, session: Session, end: End) -> None:
        """It is no longer held."""
        with self._lock:
            held = self._held.get(session.id, {})
            held.pop(end, None)
            if not held:
                self._held.pop(session.id, None)

    def watch(self) -> None:
        """Begin to end what is held by sessions that are over, until the store is closed."""
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        bell = threading.Event()
        with self._store.listening(REVOKED, bell):
            bell.set()  # for what was revoked before
            while not self._store.closed:
                bell.wait(LOOK)
                bell.clear()
                try:
                    self._look()
                except Exception:
                    logging.getLogger(__name__).exception("What was revoked could not be read.")

    def _look(self) -> None:
        """Read what was revoked since, forget what has expired, and end what is over."""
        with suppress(Unavailable):  # nothing can be revoked meanwhile; what expires ends all the same
            while not self._store.down and (news := self._news()):
                self._revoked.update(news)
        now = time.time()
        for id in [id for id, expires in list(self._revoked.items()) if expires < now]:
            del self._revoked[id]  # it is over by itself
        with self._lock:
            over = [end for held in self._held.values() for end, one in held.items() if self.is_over(one.session)]
        for end in over:
            end()

    def _news(self) -> dict[str, float]:
        epoch, after = self._cursor
        try:
            page = self._store.since(REVOKED, after, epoch)
        except CursorInvalid as gap:
            self._cursor = gap.epoch, gap.cursor
            page = self._store.since(REVOKED, gap.cursor, gap.epoch)
        self._cursor = page.epoch, page.cursor
        return {message.id: float(message.text) for message in page.messages}
