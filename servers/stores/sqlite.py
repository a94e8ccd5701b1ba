"""A store in one SQLite file: every acknowledged message survives a killed process, and a power cut."""

import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from servers.message import PAGE, Draft, Message, Page, Receipt, now
from servers.stores.base import CursorAhead, CursorGone, IdTaken, Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS store (epoch TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    room TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, sender TEXT NOT NULL, text TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (room, seq), UNIQUE (room, id)
) WITHOUT ROWID;
"""


class SqliteStore(Store):
    """Rooms as rows. The epoch is kept in the file, so it lives as long as the log does.

    A write-ahead log with `synchronous=FULL`: a commit is on the disk before it is acknowledged (SQLite, "PRAGMA
    synchronous"). The file is this process's alone, since no other would hear of what is appended here.
    """

    def __init__(self, path: str, keep: int) -> None:
        super().__init__(keep)
        self._path = path
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(SCHEMA)
        self._db.execute("INSERT INTO store SELECT ? WHERE NOT EXISTS (SELECT 1 FROM store)", (secrets.token_hex(4),))
        (self.epoch,) = self._db.execute("SELECT epoch FROM store").fetchone()

    def append(self, room: str, draft: Draft) -> Receipt:
        with self._transaction():
            self._db.execute("BEGIN IMMEDIATE")
            known = self._db.execute(
                "SELECT seq, sender, text FROM messages WHERE room = ? AND id = ?", (room, draft.id)
            ).fetchone()
            if known:
                if known[1:] != (draft.sender, draft.text):
                    raise IdTaken
                return Receipt(known[0], self.epoch, new=False)
            seq = self._bounds(room)[1] + 1
            self._db.execute(
                "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?)",
                (room, seq, draft.id, draft.sender, draft.text, now()),
            )
            keep = self.kept(room)
            if seq % max(1, keep // 10) == 0:
                self._db.execute("DELETE FROM messages WHERE room = ? AND seq <= ?", (room, seq - keep))
        self._ring(room)
        return Receipt(seq, self.epoch)

    def since(self, room: str, after: int, epoch: str | None = None, most: int = PAGE) -> Page:
        with self._transaction():
            trimmed, last = self._bounds(room)
            if epoch not in (None, self.epoch) or after < trimmed:
                raise CursorGone(self.epoch, trimmed)
            if after > last:
                raise CursorAhead(self.epoch, trimmed)
            rows = self._db.execute(
                "SELECT seq, id, sender, text, at FROM messages WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?",
                (room, after, most),
            ).fetchall()
        return Page([Message(*row) for row in rows], after + len(rows), self.epoch)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """The database, for one thread at a time; all that is done in it, or nothing. Raises Refused."""
        with self._lock:
            try:
                with self._db:
                    yield
            except sqlite3.Error as error:
                raise self._refused(f"SQLite at {self._path} refuses: {error}") from None

    def _bounds(self, room: str) -> tuple[int, int]:
        """The seq before the oldest message kept, and the last seq."""
        first, last = self._db.execute(
            "SELECT (SELECT min(seq) FROM messages WHERE room = :r), (SELECT max(seq) FROM messages WHERE room = :r)",
            {"r": room},
        ).fetchone()
        return (first or 1) - 1, last or 0
