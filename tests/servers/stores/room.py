"""A room in Redis, filled and looked at."""

from servers.message import Draft
from servers.stores import Store
from servers.stores.redis import RedisStore
from tests.processes import until


def draft(number: int, text: str = "hello") -> Draft:
    return Draft(f"id-{number}", "Ada", text)


def fill(store: Store, first: int, last: int) -> None:
    for number in range(first, last + 1):
        store.append("room", draft(number))


def kept(store: Store) -> list[tuple[int, str]]:
    return [(message.seq, message.id) for message in store.since("room", 0).messages]


def log(*numbers: int) -> list[tuple[int, str]]:
    return [(seq, f"id-{number}") for seq, number in enumerate(numbers, start=1)]


def deaf(store: Store) -> Store:
    """One that hears no news from now on, and looks for none: it knows what it has heard so far."""
    assert isinstance(store, RedisStore)
    until(lambda: store._listens)
    store._missed = store.closed = True
    return store
