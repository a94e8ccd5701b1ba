"""A store in one SQLite file: every acknowledged message survives a killed process."""

import secrets
import sqlite3
import threading

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

    A write-ahead log with `synchronous=NORMAL`: a commit is with the operating system before it is acknowledged, so a
    killed process loses nothing; a power cut may lose the last moments (SQLite, "PRAGMA synchronous").
    """

    def __init__(self, path: str, keep: int) -> None:
        super().__init__(keep)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)
        self._db.execute("INSERT INTO store SELECT ? WHERE NOT EXISTS (SELECT 1 FROM store)", (secrets.token_hex(4),))
        (self.epoch,) = self._db.execute("SELECT epoch FROM store").fetchone()

    def append(self, room: str, draft: Draft) -> Receipt:
        with self._lock, self._db:
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
        with self._lock:
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

    def _bounds(self, room: str) -> tuple[int, int]:
        """The seq before the oldest message kept, and the last seq."""
        first, last = self._db.execute(
            "SELECT (SELECT min(seq) FROM messages WHERE room = :r), (SELECT max(seq) FROM messages WHERE room = :r)",
            {"r": room},
        ).fetchone()
        return (first or 1) - 1, last or 0
