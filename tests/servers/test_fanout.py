"""Who follows which room, by outboxes on real sockets."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from servers.fanout import Fanout
from servers.message import Draft
from servers.outbox import Cursor
from servers.pump import Encoding
from servers.stores import open_store
from tests.processes import PATIENCE, until
from tests.servers.test_outbox import Box

SEQS = Encoding(message=lambda epoch, message: b"%d " % message.seq, reset=lambda epoch, cursor: b"reset ")
START = (None, 0)


class Client:
    """An outbox, and the other end of its connection."""

    def __init__(self) -> None:
        ours, self.reader = socket.socketpair()
        self.reader.settimeout(PATIENCE)
        self.box = Box(ours)
        self.ours = ours

    def close(self) -> None:
        self.reader.close()
        self.ours.close()


@pytest.fixture
def fanout() -> Fanout:
    return Fanout(open_store("memory", 100), heartbeat=0.15)


@pytest.fixture
def clients() -> Iterator[list[Client]]:
    made = [Client() for _ in range(3)]
    yield made
    for client in made:
        client.close()


@contextmanager
def following(
    fanout: Fanout, client: Client, room: str = "room", cursor: Cursor = START, encoding: Encoding = SEQS
) -> Iterator[None]:
    with fanout.open(client.box), fanout.following(client.box, room, cursor, encoding):
        yield


def publish(fanout: Fanout, number: int, room: str = "room") -> None:
    fanout._store.append(room, Draft(f"id-{number}", "Ada", "hello"))


def test_all_who_follow_a_room_share_a_pump_and_the_last_to_leave_ends_it(
    fanout: Fanout, clients: list[Client]
) -> None:
    threads = threading.active_count()
    with ExitStack() as stack:
        for client in clients:
            stack.enter_context(following(fanout, client))
        assert len(fanout) == 3 and len(fanout._pumps) == 1
        for number in (1, 2):
            publish(fanout, number)
        for client in clients:
            assert [client.reader.recv(2), client.reader.recv(2)] == [b"1 ", b"2 "]
    assert not len(fanout) and not fanout._pumps
    until(lambda: threading.active_count() <= threads)
    assert not fanout._store._bells


def test_a_room_that_was_left_can_be_followed_again(fanout: Fanout, clients: list[Client]) -> None:
    for number, client in enumerate(clients, start=1):
        with following(fanout, client, cursor=(fanout._store.epoch, number - 1)):
            publish(fanout, number)
            assert client.reader.recv(100) == b"%d " % number


def test_rooms_and_encodings_do_not_mix(fanout: Fanout, clients: list[Client]) -> None:
    a, b, c = clients
    loud = SEQS._replace(join=lambda parts: b"".join(parts).replace(b" ", b"! "))
    with (
        following(fanout, a, "a"),
        following(fanout, b, "b"),
        following(fanout, c, "b", encoding=loud),
    ):
        publish(fanout, 1, "a")
        publish(fanout, 1, "b")
        publish(fanout, 2, "b")
        assert a.reader.recv(2) == b"1 "
        assert [b.reader.recv(2), b.reader.recv(2)] == [b"1 ", b"2 "]
        assert [c.reader.recv(3), c.reader.recv(3)] == [b"1! ", b"2! "]


def test_the_heart_beats_for_all_while_there_are_any(fanout: Fanout, clients: list[Client]) -> None:
    with ExitStack() as stack:
        for client in clients:
            stack.enter_context(following(fanout, client))
        until(lambda: all(client.box.kept_alive > 1 for client in clients))
    until(lambda: not fanout._beating)
    with following(fanout, clients[0]):
        beats = clients[0].box.kept_alive
        until(lambda: clients[0].box.kept_alive > beats)


def test_a_connection_that_is_cut_is_told_of_once(fanout: Fanout, clients: list[Client]) -> None:
    cuts: list[str] = []
    fanout.on_cut = cuts.append
    for client in clients[:2]:
        with following(fanout, client):
            if client is clients[0]:
                client.box.cut()
                client.box.cut()
    assert len(cuts) == 1


def test_a_drain_ends_every_connection(fanout: Fanout, clients: list[Client]) -> None:
    with ExitStack() as stack:
        for client in clients:
            stack.enter_context(following(fanout, client))
        fanout.drain()
        for client in clients:
            assert client.reader.recv(100) == b"<1012>" and client.box.over


def test_who_follows_no_room_yet_is_there_all_the_same(fanout: Fanout, clients: list[Client]) -> None:
    with fanout.open(clients[0].box):
        assert len(fanout) == 1
        until(lambda: clients[0].box.kept_alive > 0)
        fanout.drain()
        assert clients[0].reader.recv(100) == b"<1012>" and clients[0].box.over
    assert not len(fanout)


def test_who_comes_in_after_the_drain_is_ended_at_once(fanout: Fanout, clients: list[Client]) -> None:
    fanout.drain()
    with following(fanout, clients[0]):
        assert clients[0].reader.recv(100) == b"<1012>"
