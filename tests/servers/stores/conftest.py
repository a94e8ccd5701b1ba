"""Stores in Redis, as other processes would have them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from servers.stores import Store, open_store


@pytest.fixture
def opened() -> Iterator[Callable[..., Store]]:
    """`opened(url, keep)` is a store, as another process would have it: with its own connections and knowledge."""
    with ExitStack() as stack:

        def store(url: str, keep: int = 100) -> Store:
            store = open_store(url, keep)
            stack.callback(store.close)
            return store

        yield store
