"""The log in a real Redis: shared, trimmed, and never silently shorter after a restart."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
import redis

from servers.message import Draft, Receipt
from servers.stores import CursorGone, IdTaken, Store, Unavailable, base, open_store
from servers.stores.base import Refused
from servers.stores.redis import REMEMBERED, RedisStore
from tests.processes import PATIENCE, until
from tests.redis_server import HASTY, LASTING, VOLATILE, RedisServer, free_port

Start = Callable[..., RedisServer]
Open = Callable[..., Store]


@pytest.fixture
def opened() -> Iterator[Open]:
    """`opened(url, keep)` is a store, as another process would have it: with its own connections and knowledge."""
    with ExitStack() as stack:

        def store(url: str, keep: int = 100) -> Store:
            store = open_store(url, keep)
            stack.callback(store.close)
            return store

        yield store


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


def test_a_room_keeps_its_last_messages_and_says_what_is_gone(opened: Open, redis_database: Callable[[], str]) -> None:
    store = opened(redis_database(), 5)
    fill(store, 1, 12)
    with pytest.raises(CursorGone) as gap:
        store.since("room", 6, store.epoch)
    assert gap.value.cursor == 7
    assert [message.seq for message in store.since("room", 7).messages] == [8, 9, 10, 11, 12]


def test_an_id_is_known_for_a_day_also_when_its_message_is_gone(
    opened: Open, redis_database: Callable[[], str]
) -> None:
    url = redis_database()
    store, client = opened(url, 5), redis.Redis.from_url(url)
    fill(store, 1, 12)
    assert store.append("room", draft(1)) == Receipt(1, store.epoch, new=False)
    with pytest.raises(IdTaken):
        store.append("room", draft(1, "other"))
    (key,) = client.scan_iter("*:room:id-1")
    assert REMEMBERED - PATIENCE <= client.ttl(key) <= REMEMBERED == 24 * 60 * 60
    client.delete(key)  # as a day does
    assert store.append("room", draft(1, "other")) == Receipt(13, store.epoch)


def test_the_largest_numbers_are_exact(opened: Open, redis_database: Callable[[], str]) -> None:
    url, most = redis_database(), 2**53 - 1
    store = opened(url)
    fields = {"id": "old", "sender": "Ada", "text": "hello", "at": "2026-01-31T12:00:00.000Z"}
    redis.Redis.from_url(url).xadd("polls-apart:room:room", fields, f"{most - 2}-0")
    assert [store.append("room", draft(number)).seq for number in (1, 2)] == [most - 1, most]
    page = store.since("room", most - 2, store.epoch)
    assert [message.seq for message in page.messages] == [most - 1, most] and page.cursor == most


def test_to_read_a_room_that_nobody_wrote_to_takes_no_memory_there(
    opened: Open, redis_database: Callable[[], str]
) -> None:
    url = redis_database()
    store, before = opened(url), redis.Redis.from_url(url).dbsize()
    for number in range(20):
        assert store.since(f"nobody-{number}", 0).messages == []
        assert store.wait(f"nobody-{number}", 0, None, 0).messages == []
    assert redis.Redis.from_url(url).dbsize() == before


def test_many_processes_make_one_log_without_gaps_or_doubles(opened: Open, redis_database: Callable[[], str]) -> None:
    url = redis_database()
    stores = [opened(url, 10_000) for _ in range(4)]

    def send(store: Store) -> list[Receipt]:
        """All send the same drafts, so that each is contended for."""
        return [store.append("room", draft(number)) for number in range(100)]

    with ThreadPoolExecutor() as pool:
        receipts = list(pool.map(send, [store for store in stores for _ in range(2)]))
    for of_one_draft in zip(*receipts, strict=True):
        assert len({receipt.seq for receipt in of_one_draft}) == 1
        assert sum(receipt.new for receipt in of_one_draft) == 1
    assert [message.seq for message in stores[0].since("room", 0).messages] == list(range(1, 101))


def test_who_waits_hears_of_what_another_process_takes(opened: Open, redis_database: Callable[[], str]) -> None:
    url = redis_database()
    here, there = opened(url), opened(url)
    with ThreadPoolExecutor() as pool:
        for seq in range(1, 20):
            waiting = pool.submit(here.wait, "room", seq - 1, here.epoch, PATIENCE)
            there.append("room", draft(seq))
            assert [message.seq for message in waiting.result(PATIENCE).messages] == [seq]


def test_a_message_whose_answer_was_lost_is_heard_when_it_is_sent_again(
    opened: Open, redis_database: Callable[[], str]
) -> None:
    store, bell = opened(redis_database()), threading.Event()
    store.append("room", draft(1))
    with store.listening("room", bell):
        bell.clear()
        assert not store.append("room", draft(1)).new and bell.is_set()


@pytest.mark.parametrize("config", [LASTING, HASTY])
def test_a_killed_redis_that_kept_all_goes_on_in_the_same_epoch(
    config: tuple[str, ...], start_redis: Start, opened: Open
) -> None:
    server = start_redis(*config)
    store, other = opened(server.url), opened(server.url)
    fill(store, 1, 5)
    epoch = store.epoch
    server.written()
    server.restart()
    assert kept(store) == kept(other) == log(1, 2, 3, 4, 5)
    assert store.append("room", draft(5)) == Receipt(5, epoch, new=False)
    assert other.append("room", draft(6)) == Receipt(6, epoch)


def test_a_killed_redis_that_kept_nothing_has_a_new_epoch(start_redis: Start, opened: Open) -> None:
    server = start_redis(*VOLATILE)
    store, other = opened(server.url), opened(server.url)
    fill(store, 1, 5)
    epoch = store.epoch
    server.restart()
    assert other.append("room", draft(6)).seq == 1
    with pytest.raises(CursorGone) as gap:
        store.since("room", 5, epoch)
    assert gap.value.epoch == store.epoch == other.epoch != epoch
    assert gap.value.cursor == 0 and kept(store) == log(6)


def test_a_database_that_was_emptied_has_a_new_epoch(start_redis: Start, opened: Open) -> None:
    server = start_redis(*VOLATILE)
    store = opened(server.url)
    fill(store, 1, 5)
    epoch = store.epoch
    server.client.flushall()
    with pytest.raises(CursorGone):
        store.since("room", 5, epoch)


def test_a_log_that_lost_its_end_has_a_new_epoch_and_what_was_kept(start_redis: Start, opened: Open) -> None:
    server = start_redis(*HASTY)
    store = opened(server.url)
    fill(store, 1, 3)
    server.written()
    copy, epoch = server.copy(), store.epoch
    fill(store, 4, 6)
    server.restart_from(copy)
    with pytest.raises(CursorGone) as gap:
        store.since("room", 6, epoch)
    assert gap.value.epoch != epoch and kept(store) == log(1, 2, 3)
    assert store.append("room", draft(5)) == Receipt(4, gap.value.epoch), "what was lost can be sent again"
    assert store.append("room", draft(2)) == Receipt(2, gap.value.epoch, new=False)


def test_a_process_that_only_listened_knows_of_the_end_too(start_redis: Start, opened: Open) -> None:
    server = start_redis(*HASTY)
    store, listener = opened(server.url), opened(server.url)
    fill(store, 1, 3)
    server.written()
    copy, epoch = server.copy(), store.epoch
    fill(store, 4, 6)
    until(lambda: listener._lives.now.taken == 6)
    store.close()
    server.restart_from(copy)
    with pytest.raises(CursorGone):
        listener.since("room", 6, epoch)


def test_a_lost_end_is_noticed_also_when_others_have_written_over_it(start_redis: Start, opened: Open) -> None:
    server = start_redis(*HASTY)
    knows = opened(server.url)
    fill(knows, 1, 3)
    server.written()
    unaware, copy, epoch = deaf(opened(server.url)), server.copy(), knows.epoch
    fill(knows, 4, 6)
    deaf(knows)  # or it would come back first
    server.kill()
    for name, data in copy.items():
        (server.folder / name).write_bytes(data)
    server.start()
    for number in range(11, 20):
        assert unaware.append("room", draft(number)).epoch == epoch
    with pytest.raises(CursorGone) as gap:
        knows.since("room", 6, epoch)
    assert gap.value.epoch == knows.epoch != epoch
    assert kept(knows) == log(1, 2, 3, *range(11, 20))
    assert unaware.append("room", draft(20)) == Receipt(13, knows.epoch)


@pytest.mark.parametrize(("config", "same"), [(LASTING, True), (HASTY, False)])
def test_who_was_away_for_two_restarts_cannot_know_and_says_so(
    config: tuple[str, ...], same: bool, start_redis: Start, opened: Open
) -> None:
    server = start_redis(*config)
    away, present = deaf(opened(server.url)), opened(server.url)
    epoch = away.epoch
    for number in (1, 2):
        server.written()
        server.restart()
        assert present.append("room", draft(number)).epoch == epoch
    assert (away.since("room", 0).epoch == epoch) is same
    assert kept(present) == log(1, 2)


@pytest.mark.parametrize(("config", "same"), [(LASTING, True), (HASTY, False)])
def test_when_all_were_restarted_the_epoch_stays_only_if_redis_writes_before_it_answers(
    config: tuple[str, ...], same: bool, start_redis: Start, opened: Open
) -> None:
    server = start_redis(*config)
    store = opened(server.url)
    fill(store, 1, 3)
    store.close()
    server.written()
    server.restart()
    anew = opened(server.url)
    assert (anew.epoch == store.epoch) is same
    assert kept(anew) == log(1, 2, 3)


def test_a_server_that_starts_again_by_itself_finds_its_epoch(start_redis: Start, opened: Open) -> None:
    server = start_redis(*VOLATILE)
    assert opened(server.url).epoch == opened(server.url).epoch


def test_while_redis_is_away_all_is_refused_and_afterwards_who_waited_hears(
    start_redis: Start, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, bell, has_read = start_redis(*LASTING), threading.Event(), threading.Event()
    store = opened(server.url)
    fill(store, 1, 1)

    class Bell(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            has_read.set()
            return super().wait(timeout)

    with ThreadPoolExecutor() as pool, store.listening("other", bell):
        opened(server.url).append("other", draft(1))
        assert bell.wait(PATIENCE), "it listens"
        monkeypatch.setattr(base, "threading", SimpleNamespace(Event=Bell, Lock=threading.Lock))
        waiting = pool.submit(store.wait, "room", 1, store.epoch, PATIENCE)
        assert has_read.wait(PATIENCE)
        server.kill()
        for attempt in (lambda: store.append("room", draft(2)), lambda: store.since("room", 0)):
            with pytest.raises(Unavailable, match=f"127.0.0.1:{server.port}"):
                attempt()
        assert store.down
        bell.clear()
        server.start()
        assert bell.wait(PATIENCE), "every bell rings when it is back"
        until(lambda: not store.down)
        opened(server.url).append("room", draft(2))
        assert [message.id for message in waiting.result(PATIENCE).messages] == ["id-2"]


def test_what_redis_refuses_is_no_outage_and_the_log_is_told_once(
    start_redis: Start, opened: Open, caplog: pytest.LogCaptureFixture
) -> None:
    server = start_redis(*VOLATILE)
    store = opened(server.url)
    server.client.config_set("maxmemory", "1")  # byte
    for _ in range(3):
        with pytest.raises(Refused, match="used memory > 'maxmemory'"):
            store.append("room", draft(1))
    assert not store.down and store.since("room", 0).messages == []
    said = [record.getMessage() for record in caplog.records if f":{server.port} refuses: " in record.getMessage()]
    assert len(said) == 1
    server.client.config_set("maxmemory", "0")
    assert store.append("room", draft(1)).seq == 1


def test_a_redis_that_may_evict_is_refused(start_redis: Start) -> None:
    server = start_redis(*VOLATILE, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
    with pytest.raises(ValueError, match="Set its maxmemory-policy to noeviction"):
        open_store(server.url, 100)


def test_a_password_is_needed_and_never_repeated(start_redis: Start, opened: Open) -> None:
    server = start_redis(*VOLATILE, "--requirepass", "open-sesame")
    server_url = server.url.replace("://", "://:{}@")
    for url in (server.url, server_url.format("closed-sesame")):
        with pytest.raises(ValueError, match="redis://USER:PASSWORD@HOST:PORT") as refusal:
            open_store(url, 100)
        assert "sesame" not in str(refusal.value)
    assert opened(server_url.format("open-sesame")).since("room", 0).cursor == 0


def test_a_user_who_may_not_hear_the_news_is_refused(start_redis: Start) -> None:
    server = start_redis(*VOLATILE)
    server.client.acl_setuser("chat", enabled=True, passwords=["+sesame"], keys=["polls-apart:*"], categories=["+@all"])
    with pytest.raises(ValueError, match="all keys and channels that begin with polls-apart:"):
        open_store(server.url.replace("://", "://chat:sesame@"), 100)


@pytest.mark.parametrize("news", ["hello", "a b c d e", b"\xff"])
def test_news_in_another_form_make_nobody_deaf(
    news: str | bytes, opened: Open, redis_database: Callable[[], str]
) -> None:
    url = redis_database()
    here, there, bell = opened(url), opened(url), threading.Event()
    until(lambda: here._listens)
    assert redis.Redis.from_url(url).publish(here._news, news) >= 1
    with here.listening("room", bell):
        there.append("room", draft(1))
        assert bell.wait(PATIENCE)
    assert here._lives.now.taken == 1


def test_a_process_that_was_there_and_idle_knows_what_was_acknowledged(start_redis: Start, opened: Open) -> None:
    """The one that wrote has gone when Redis comes back from a snapshot, without its last messages."""
    server = start_redis("--save", "3600 1", "--appendonly", "no")
    idle, busy = opened(server.url), opened(server.url)
    fill(busy, 1, 3)
    server.client.save()
    fill(busy, 4, 6)
    until(lambda: idle._lives.now.taken == 6)
    epoch = deaf(busy).epoch
    server.restart()
    with pytest.raises(CursorGone) as gap:
        idle.since("room", 6, epoch)
    assert gap.value.epoch == idle.epoch != epoch and kept(idle) == log(1, 2, 3)


def test_a_replica_that_took_over_and_lacks_what_was_acknowledged_has_a_new_epoch(
    start_redis: Start, opened: Open
) -> None:
    """Both write before they answer, which says nothing of what was on its way between them. All workers are new."""
    primary, replica = start_redis(*LASTING), start_redis(*LASTING)
    replica.client.replicaof("127.0.0.1", primary.port)
    store = opened(primary.url)
    fill(store, 1, 3)
    until(lambda: replica.client.xlen("polls-apart:room:room") == 3)
    replica.client.replicaof("127.0.0.1", free_port())  # the way to it breaks
    fill(store, 4, 6)
    primary.kill()
    replica.client.replicaof("NO", "ONE")
    anew = opened(replica.url)
    with pytest.raises(CursorGone):
        anew.since("room", 6, store.epoch)
    assert anew.epoch != store.epoch and kept(anew) == log(1, 2, 3)


@pytest.mark.parametrize("url", ["redis://localhost:port", "redis://localhost?speed=9"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="redis://HOST:PORT/NUMBER"):
        open_store(url, 100)
