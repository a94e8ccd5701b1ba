"""The wait that loses nothing: a message is published at each moment of it, one after the other."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest

from servers.message import Draft, Page
from servers.stores import CursorAhead, CursorGone, Store, base, open_store
from servers.stores.base import STEP, ring
from servers.stores.memory import MemoryStore
from servers.stores.redis import RedisStore
from servers.stores.sqlite import SqliteStore

FOREVER = 1e6  # seconds
MOMENTS = ("before it registers", "before it reads", "after it has read", "while it waits", "before it reads again")


class Bell(threading.Event):
    """A bell that never waits in vain: with nobody left to ring it, a wait is a message lost."""

    def __init__(self, before_waiting: Callable[[], None]) -> None:
        super().__init__()
        self.before_waiting = before_waiting

    def wait(self, timeout: float | None = None) -> bool:
        self.before_waiting()
        assert self.is_set(), "a message was published, and nobody rang"
        return True


def stepwise(kind: type[Store]) -> type[Store]:
    """This kind of store, calling `reached(moment)` at each moment of a wait."""

    class Stepwise(kind):
        reached = staticmethod(lambda moment: None)

        def wait(self, room: str, after: int, epoch: str | None, timeout: float) -> Page:
            self.reads = 0
            self.reached("before it registers")
            return super().wait(room, after, epoch, timeout)

        def since(self, room: str, after: int, epoch: str | None = None) -> Page:
            self.reached(("before it reads", "before it reads again")[min(self.reads, 1)])
            page = super().since(room, after, epoch)
            self.reads += 1
            self.reached("after it has read")
            return page

    return Stepwise


@pytest.fixture(params=[MemoryStore, SqliteStore, RedisStore])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    arguments: tuple[object, ...] = (100,)
    if request.param is SqliteStore:
        arguments = (tmp_path / "log.db", 100)
    elif request.param is RedisStore:
        arguments = (request.getfixturevalue("redis_database")(), 100)
    store = stepwise(request.param)(*arguments)
    bell = SimpleNamespace(Event=lambda: Bell(lambda: store.reached("while it waits")))
    monkeypatch.setattr(base, "threading", bell)
    yield store
    store.close()


def draft(number: int) -> Draft:
    return Draft(f"id-{number}", "Ada", "hello")


@pytest.mark.parametrize("moment", MOMENTS[:-1])
def test_a_message_published_at_any_moment_of_a_wait_is_returned(store: Store, moment: str) -> None:
    moments = iter([moment])

    def reached(now: str) -> None:
        if now == moment and next(moments, None):
            store.append("room", draft(1))

    store.reached = reached
    assert [message.seq for message in store.wait("room", 0, None, FOREVER).messages] == [1]


def test_a_message_published_between_the_bell_and_the_reading_comes_along(store: Store) -> None:
    due = {"while it waits": 1, "before it reads again": 2}

    def reached(now: str) -> None:
        if number := due.pop(now, None):
            store.append("room", draft(number))

    store.reached = reached
    page = store.wait("room", 0, None, FOREVER)
    assert [message.seq for message in page.messages] == [1, 2]
    assert not due


@pytest.mark.parametrize("moment", MOMENTS[:-1])
def test_a_close_at_any_moment_of_a_wait_ends_it(store: Store, moment: str) -> None:
    store.reached = lambda now: store.close() if now == moment else None
    page = store.wait("room", 0, None, FOREVER)
    assert page == Page([], 0, store.epoch)


def test_a_wait_that_is_over_leaves_nothing_behind(store: Store) -> None:
    store.reached = lambda now: store.append("room", draft(1)) if now == "while it waits" else None
    store.wait("room", 0, None, FOREVER)
    with pytest.raises(CursorAhead):
        store.wait("room", 99, store.epoch, FOREVER)
    assert not store._bells


def test_a_wait_in_one_room_is_not_ended_by_another(store: Store) -> None:
    store.reached = lambda now: store.append("other", draft(1)) if now == "while it waits" else None
    with pytest.raises(AssertionError, match="nobody rang"):
        store.wait("room", 0, None, FOREVER)


def test_everyone_who_waits_is_woken(tmp_path: Path, redis_database: Callable[[], str]) -> None:
    for url in ("memory", f"sqlite:{tmp_path / 'log.db'}", redis_database()):
        store, pages, arrived = open_store(url, 100), [], threading.Barrier(11)

        def wait(store: Store = store, pages: list[Page] = pages, arrived: threading.Barrier = arrived) -> None:
            arrived.wait(10)
            pages.append(store.wait("room", 0, None, FOREVER))

        threads = [threading.Thread(target=wait, daemon=True) for _ in range(10)]
        for thread in threads:
            thread.start()
        arrived.wait(10)
        store.append("room", draft(1))
        for thread in threads:
            thread.join(10)
        assert [[message.id for message in page.messages] for page in pages] == [["id-1"]] * 10


def test_a_bell_that_rings_for_nothing_does_not_end_a_wait(store: Store) -> None:
    due = iter([store._ring_all, lambda: store.append("room", draft(1))])
    store.reached = lambda now: next(due)() if now == "while it waits" else None
    assert [message.seq for message in store.wait("room", 0, None, FOREVER).messages] == [1]


def test_a_bell_rings_after_every_message_of_its_room_and_on_close() -> None:
    store, bell = open_store("memory", 100), threading.Event()
    with store.listening("room", bell):
        for number in (1, 2):
            store.append("room", draft(number))
            assert bell.is_set() and store.since("room", 0).cursor == number
            bell.clear()
        store.append("other", draft(1))
        assert not bell.is_set()
        store.close()
        assert bell.is_set()
    assert not store._bells


def test_many_are_woken_a_few_at_a_time_and_the_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[int] = []
    bells = [SimpleNamespace(set=lambda n=n: rung.append(n)) for n in range(STEP * 2 + 1)]
    pauses: list[int] = []
    monkeypatch.setattr(base, "time", SimpleNamespace(sleep=lambda seconds: pauses.append(len(rung))))
    ring(bells)
    assert rung == list(range(len(bells))) and pauses == [STEP, 2 * STEP]


def test_who_sends_does_not_wait_until_many_are_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    store, go = open_store("memory", 100), threading.Event()
    monkeypatch.setattr(base, "time", SimpleNamespace(sleep=lambda seconds: go.wait(10)))
    bells = [threading.Event() for _ in range(STEP + 1)]
    with ExitStack() as stack:
        for bell in bells:
            stack.enter_context(store.listening("room", bell))
        store.append("room", draft(1))
        assert not bells[-1].is_set()
        go.set()
        assert all(bell.wait(10) for bell in bells)


def test_a_wait_with_a_bad_cursor_is_refused_at_once(store: Store) -> None:
    with pytest.raises(CursorAhead):
        store.wait("room", 1, store.epoch, FOREVER)
    with pytest.raises(CursorGone):
        store.wait("room", 0, "another", FOREVER)


@pytest.mark.parametrize("url", ["", "sqlite", "sqlite:", "redis", "redis:x", "Memory"])
def test_an_unknown_store_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="use memory, sqlite:PATH or redis://HOST:PORT") as refusal:
        open_store(url, 100)
    assert repr(url) in str(refusal.value)
