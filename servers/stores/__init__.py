"""Where rooms are kept. A room is an append-only log; a store has three verbs: append, since, wait; and a bell.

    append(room, draft)                       -> Receipt   raises IdTaken
    since(room, after, epoch, most)           -> Page      raises CursorAhead, CursorGone
    wait(room, after, epoch, timeout)         -> Page      the same, held until there is news
    listening(room, bell)                                  rings the bell after every message

All four transports read through `since` or `wait`, so what differs between them is the delivery alone.
"""

from servers.stores.base import OWN, WAKE, CursorAhead, CursorGone, CursorInvalid, IdTaken, Store, Unavailable, Wake

__all__ = [
    "OWN",
    "WAKE",
    "CursorAhead",
    "CursorGone",
    "CursorInvalid",
    "IdTaken",
    "Store",
    "Unavailable",
    "Wake",
    "is_shared",
    "open_store",
]


def open_store(url: str, keep: int) -> Store:
    """The store that `url` names. A room keeps its last `keep` messages or a few more.

    `memory`, `sqlite:PATH`, or for Redis what its own tools take: `redis://HOST:PORT/NUMBER`, `rediss://`, `unix://`.
    Raises ValueError, sqlite3.Error or Unavailable.
    """
    kind, _, path = url.partition(":")
    if url == "memory":
        from servers.stores.memory import MemoryStore

        return MemoryStore(keep)
    if kind == "sqlite" and path:
        from servers.stores.sqlite import SqliteStore

        return SqliteStore(path, keep)
    if is_shared(url):
        from servers.stores.redis import RedisStore

        return RedisStore(url, keep)
    named = kind if "@" in url else url  # a password is not repeated
    raise ValueError(f"unknown store {named!r}: use memory, sqlite:PATH or redis://HOST:PORT")


def is_shared(url: str) -> bool:
    """Whether several processes can have this store in common."""
    return url.startswith(("redis://", "rediss://", "unix://"))
