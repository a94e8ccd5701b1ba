"""Each store against the simplest model of a log there is: a list of what was sent."""

import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from servers.message import PAGE, Draft, Message, Receipt
from servers.stores import OWN, CursorAhead, CursorGone, IdTaken, Store, open_store
from servers.stores.base import Refused
from servers.stores.sqlite import SqliteStore

KEEP = 5
rooms = st.sampled_from(["tea", "coffee"])
drafts = st.builds(Draft, id=st.sampled_from("abcdefghij"), sender=st.just("Ada"), text=st.sampled_from(["x", "y"]))


class Log(RuleBasedStateMachine):
    """Appends and reads in any order; ids and texts from so few that repeats and clashes are common."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[Draft]] = {"tea": [], "coffee": []}
        self.trimmed = {"tea": 0, "coffee": 0}

    def kept(self, room: str) -> dict[str, tuple[int, Draft]]:
        drafts = enumerate(self.sent[room], start=1)
        return {draft.id: (seq, draft) for seq, draft in drafts if seq > self.trimmed[room]}

    known = kept  # an id is remembered as long as its message is kept

    @rule(room=rooms, draft=drafts)
    def append(self, room: str, draft: Draft) -> None:
        seq, known = self.known(room).get(draft.id, (0, None))
        if known and known != draft:
            with pytest.raises(IdTaken):
                self.store.append(room, draft)
        elif known:
            assert self.store.append(room, draft) == Receipt(seq, self.store.epoch, new=False)
        else:
            self.sent[room].append(draft)
            assert self.store.append(room, draft) == Receipt(len(self.sent[room]), self.store.epoch)
        self.look_for_trimming(room)

    def look_for_trimming(self, room: str) -> None:
        """When to trim is the store's own choice, within bounds: it keeps its last KEEP, and at most a tenth more."""
        try:
            self.store.since(room, 0)
        except CursorGone as gap:
            assert gap.epoch == self.store.epoch
            assert self.trimmed[room] <= gap.cursor <= max(0, len(self.sent[room]) - KEEP)
            self.trimmed[room] = gap.cursor
        assert len(self.sent[room]) - self.trimmed[room] <= KEEP * 1.1 + 1

    @rule(room=rooms, after=st.integers(0, 25), epoch=st.booleans(), most=st.integers(1, 25))
    def read(self, room: str, after: int, epoch: bool, most: int) -> None:
        args = (room, after, self.store.epoch if epoch else None, most)
        if after > len(self.sent[room]):
            with pytest.raises(CursorAhead) as loss:
                self.store.since(*args)
            assert (loss.value.epoch, loss.value.cursor) == (self.store.epoch, self.trimmed[room])
        elif after < self.trimmed[room]:
            with pytest.raises(CursorGone) as loss:
                self.store.since(*args)
            assert (loss.value.epoch, loss.value.cursor) == (self.store.epoch, self.trimmed[room])
        else:
            page = self.store.since(*args)
            wanted = list(enumerate(self.sent[room], 1))[after : after + most]
            assert [(m.seq, m.draft) for m in page.messages] == wanted
            assert (page.cursor, page.epoch) == (after + len(wanted), self.store.epoch)

    @rule(room=rooms, after=st.integers(0, 25))
    def read_with_another_epoch(self, room: str, after: int) -> None:
        with pytest.raises(CursorGone) as loss:
            self.store.since(room, after, "another")
        assert (loss.value.epoch, loss.value.cursor) == (self.store.epoch, self.trimmed[room])

    @invariant()
    def the_epoch_is_a_plain_token(self) -> None:
        assert re.fullmatch("[a-z0-9]+", self.store.epoch)


class MemoryLog(Log):
    @initialize()
    def open(self) -> None:
        self.store = open_store("memory", KEEP)


class SqliteLog(Log):
    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()  # closed in teardown
        self.path = Path(self.folder.name, f"{secrets.token_hex(4)}.db")
        self.store = open_store(f"sqlite:{self.path}", KEEP)

    @rule()
    def open_again(self) -> None:
        epoch = self.store.epoch
        self.store._db.close()  # as the end of a process does
        self.store = open_store(f"sqlite:{self.path}", KEEP)
        assert self.store.epoch == epoch

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()


class RedisLog(Log):
    url: str

    def known(self, room: str) -> dict[str, tuple[int, Draft]]:
        """An id is remembered for a day, which is longer than any of this takes."""
        return {draft.id: (seq, draft) for seq, draft in enumerate(self.sent[room], start=1)}

    @initialize()
    def open(self) -> None:
        redis.Redis.from_url(self.url).flushdb()
        self.store = open_store(self.url, KEEP)

    @rule()
    def open_again(self) -> None:
        epoch = self.store.epoch
        self.store.close()
        self.store = open_store(self.url, KEEP)
        assert self.store.epoch == epoch

    def teardown(self) -> None:
        self.store.close()


@pytest.fixture(scope="module")
def redis_log(redis_database: Callable[[], str]) -> None:
    RedisLog.url = redis_database()


QUICK = settings(max_examples=8, stateful_step_count=40, deadline=None)
TestMemoryLog = MemoryLog.TestCase
TestSqliteLog = SqliteLog.TestCase
TestRedisLog = pytest.mark.usefixtures("redis_log")(RedisLog.TestCase)
TestMemoryLog.settings = TestSqliteLog.settings = TestRedisLog.settings = QUICK


@pytest.fixture(params=["memory", "sqlite", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    urls = {"memory": lambda: "memory", "sqlite": lambda: f"sqlite:{tmp_path / 'log.db'}"}
    return urls[request.param]() if request.param in urls else request.getfixturevalue("redis_database")()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url, 10_000)
    yield store
    store.close()


def test_a_page_holds_500_messages_and_says_where_to_go_on(store: Store) -> None:
    assert PAGE == 500
    for number in range(PAGE + 1):
        store.append("room", Draft(str(number), "Ada", "hello"))
    page = store.since("room", 0)
    assert [message.seq for message in page.messages] == list(range(1, PAGE + 1))
    assert page.cursor == PAGE
    rest = store.since("room", page.cursor, page.epoch)
    assert [message.seq for message in rest.messages] == [PAGE + 1]
    assert store.since("room", 1).cursor == PAGE + 1


def test_reading_an_unknown_room_is_an_empty_log_and_allocates_nothing(store: Store) -> None:
    for number in range(100):
        page = store.since(f"nobody-{number}", 0)
        assert (page.messages, page.cursor) == ([], 0)
    assert not getattr(store, "_logs", None) and not store._bells


def test_a_message_keeps_what_was_sent_and_when(store: Store) -> None:
    draft = Draft("a", "Ada\0", "\u2028 👩‍👩‍👧‍👦")
    store.append("room", draft)
    (message,) = store.since("room", 0).messages
    assert isinstance(message, Message) and message.draft == draft and message.at.endswith("Z")


def test_a_room_of_the_servers_own_is_never_trimmed(url: str) -> None:
    store = open_store(url, KEEP)
    for number in range(10 * KEEP):
        store.append(f"{OWN}own", Draft(str(number), "Ada", "hello"))
    assert [message.seq for message in store.since(f"{OWN}own", 0).messages] == list(range(1, 10 * KEEP + 1))
    store.close()


def test_epochs_differ_between_stores(tmp_path: Path) -> None:
    epochs = {open_store("memory", 10).epoch for _ in range(20)}
    epochs |= {open_store(f"sqlite:{tmp_path / f'{number}.db'}", 10).epoch for number in range(5)}
    assert len(epochs) == 25


def test_a_full_disk_is_a_refusal_that_the_log_is_told_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = SqliteStore(str(tmp_path / "log.db"), 100)
    store.append("room", Draft("first", "Ada", "hello"))
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    for _ in range(3):
        with pytest.raises(Refused, match="disk is full"):
            store.append("room", Draft("long", "Ada", "x" * 4_000))
    assert [message.id for message in store.since("room", 0).messages] == ["first"]
    assert [record.getMessage() for record in caplog.records] == [
        f"SQLite at {tmp_path / 'log.db'} refuses: database or disk is full"
    ]
    store._db.execute(f"PRAGMA max_page_count = {pages + 9}")
    assert store.append("room", Draft("long", "Ada", "x" * 4_000)).seq == 2


def test_a_file_is_one_process_alone(tmp_path: Path) -> None:
    """No other would hear of what is appended here, so its readers would wait in vain."""
    store = SqliteStore(str(tmp_path / "log.db"), 100)
    asked = f"import sqlite3; sqlite3.connect({str(tmp_path / 'log.db')!r}, timeout=0).execute('SELECT * FROM store')"
    other = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert other.returncode == 1 and other.stderr.endswith("database is locked\n")
    assert store.since("room", 0).messages == []
