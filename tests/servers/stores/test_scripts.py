"""Redis was killed, emptied, or lost its end: is the log still the one that readers know? Never silently shorter."""

from collections.abc import Callable

import pytest

from servers.message import Receipt
from servers.stores import CursorGone, Store
from tests.processes import until
from tests.redis_server import HASTY, LASTING, VOLATILE, RedisServer, free_port
from tests.servers.stores.room import deaf, draft, fill, kept, log

Start = Callable[..., RedisServer]
Open = Callable[..., Store]


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
