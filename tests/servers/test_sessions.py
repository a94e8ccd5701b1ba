"""Tokens: whose they are, how long they last, how they end; and what ends with them."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from servers.message import Draft
from servers.sessions import REVOKED, Session, Sessions
from servers.stores import Store, open_store
from servers.stores.sqlite import SqliteStore
from tests.processes import PATIENCE

SECRET = "a secret for the tests"


@pytest.fixture
def store() -> Store:
    return open_store("memory", 100)


def sessions(store: Store, secret: str = SECRET, life: float = 60, most: int = 2) -> Sessions:
    return Sessions(secret, life, most, store)


def joined(sessions: Sessions, name: str = "Ada") -> Session:
    session = sessions.read(sessions.issue(name))
    assert session
    return session


def test_a_token_is_of_whom_it_was_issued_to(store: Store) -> None:
    ours = sessions(store)
    token = ours.issue("Ada")
    assert ours.read(token).name == "Ada"
    assert sessions(store).read(token) == ours.read(token), "in every process that shares the secret"
    assert joined(ours).id != joined(ours).id


def test_a_token_that_is_not_ours_is_none(store: Store) -> None:
    ours = sessions(store)
    token = ours.issue("Ada")
    payload, stamp, signature = token.split(".")
    forged = [sessions(store, "another secret").issue("Ada"), f"{payload}.{stamp}", f"{payload}.{stamp}x.{signature}"]
    forged += [
        token[:-1],
        token + "x",
        "",
        ".",
        "..",
        "\x00",
        "é" * 20,
        token.swapcase(),
        ours.issue("Eve")[:9] + token[9:],
    ]
    assert [ours.read(bad) for bad in forged] == [None] * len(forged)


def test_a_token_runs_out_also_when_it_was_read_before(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = sessions(store, life=60)
    token = ours.issue("Ada")
    assert ours.read(token)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + 62)
    assert ours.read(token) is None
    assert sessions(store, life=60).read(token) is None


def test_a_revoked_session_is_over_and_its_name_may_come_back(store: Store) -> None:
    ours = sessions(store)
    token = ours.issue("Ada")
    ours.revoke(ours.read(token))
    assert ours.read(token) is None
    assert joined(ours, "Ada")


@pytest.mark.parametrize("shared", [False, True], ids=["another thread", "another process"])
def test_a_revocation_ends_what_another_holds(shared: bool, redis_database: Callable[[], str]) -> None:
    url = redis_database() if shared else "memory"
    one = open_store(url, 100)
    other = open_store(url, 100) if shared else one
    here, there = sessions(one), sessions(other)
    there.watch()
    token = here.issue("Ada")
    ended = threading.Event()
    assert there.hold(there.read(token), ended.set)
    here.revoke(here.read(token))
    assert ended.wait(PATIENCE)
    assert there.read(token) is None
    one.close()
    other.close()


def test_a_revocation_outlives_a_restart_if_the_log_does(tmp_path: Path) -> None:
    before = SqliteStore(str(tmp_path / "log.db"), 100)
    token = sessions(before).issue("Ada")
    revoked = sessions(before)
    revoked.revoke(revoked.read(token))
    before._db.close()
    after = SqliteStore(str(tmp_path / "log.db"), 100)
    restarted = sessions(after)
    ended = threading.Event()
    restarted.hold(restarted.read(token), ended.set)
    restarted.watch()
    assert ended.wait(PATIENCE) and restarted.read(token) is None
    after.close()


def test_a_revocation_holds_however_few_messages_a_room_keeps(tmp_path: Path) -> None:
    before = SqliteStore(str(tmp_path / "log.db"), 2)
    ours = sessions(before)
    token = ours.issue("Ada")
    ours.revoke(ours.read(token))
    for _ in range(9):
        ours.revoke(joined(ours, "Eve"))
    before._db.close()
    after = SqliteStore(str(tmp_path / "log.db"), 2)
    restarted = sessions(after)
    ended = threading.Event()
    restarted.hold(restarted.read(token), ended.set)
    restarted.watch()
    assert ended.wait(PATIENCE) and restarted.read(token) is None
    after.close()


def test_a_log_that_was_lost_does_not_stop_the_next_revocation() -> None:
    store = open_store("memory", 100)
    ours = sessions(store)
    ours._cursor = "another", 7
    session, ended = joined(ours), threading.Event()
    ours.hold(session, ended.set)
    ours.watch()
    store.append(REVOKED, Draft(session.id, session.name, str(session.expires)))
    assert ended.wait(PATIENCE)
    store.close()


def test_what_is_held_ends_when_the_session_runs_out(store: Store) -> None:
    ours = sessions(store, life=1)
    session, ended = joined(ours), threading.Event()
    ours.watch()
    assert ours.hold(session, ended.set)
    assert ended.wait(PATIENCE)
    store.close()


def test_a_session_holds_so_much_and_no_more(store: Store) -> None:
    ours = sessions(store, most=2)
    ada, bob = joined(ours), joined(ours, "Bob")
    ends = [threading.Event().set for _ in range(3)]
    assert [ours.hold(ada, end) for end in ends] == [True, True, False]
    assert ours.hold(bob, ends[2])
    ours.release(ada, ends[0])
    assert ours.hold(ada, ends[2])


def test_what_nobody_waits_for_any_more_leaves_its_place_to_who_needs_it(store: Store) -> None:
    ours = sessions(store, most=2)
    session, gone = joined(ours), threading.Event()
    stays, ended, late = (threading.Event() for _ in range(3))
    assert ours.hold(session, stays.set) and ours.hold(session, ended.set, gone.is_set)
    assert not ours.hold(session, late.set)
    gone.set()
    assert ours.hold(session, late.set)
    assert [event.is_set() for event in (stays, ended, late)] == [False, True, False]
    assert not ours.hold(session, threading.Event().set)


def test_what_a_session_held_is_forgotten_when_it_is_released(store: Store) -> None:
    ours = sessions(store)
    session, end = joined(ours), threading.Event().set
    ours.hold(session, end)
    ours.release(session, end)
    ours.release(session, end)
    assert ours._held == {}


def test_what_begins_as_its_session_ends_is_ended(store: Store) -> None:
    ours = sessions(store)
    session, ended = joined(ours), threading.Event()
    ours.revoke(session)
    assert ours.hold(session, ended.set) and ended.is_set()


def test_no_url_names_the_room_of_revocations() -> None:
    import re

    from servers.message import ROOM

    assert not re.fullmatch(ROOM, REVOKED)
