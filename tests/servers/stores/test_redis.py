"""The log in a real Redis: shared, trimmed, away for a while, refused. What a restart leaves of it: test_scripts.py."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
import redis

from servers.message import Receipt
from servers.stores import CursorGone, IdTaken, Store, Unavailable, base, open_store
from servers.stores.base import Refused
from servers.stores.redis import REMEMBERED
from tests.processes import PATIENCE, until
from tests.redis_server import LASTING, VOLATILE, RedisServer
from tests.servers.stores.room import draft, fill

Start = Callable[..., RedisServer]
Open = Callable[..., Store]


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


@pytest.mark.parametrize("url", ["redis://localhost:port", "redis://localhost?speed=9"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="redis://HOST:PORT/NUMBER"):
        open_store(url, 100)
