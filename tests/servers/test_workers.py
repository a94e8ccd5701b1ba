"""Several processes on one Redis: what one takes the others deliver."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from itertools import islice
from typing import Any

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.processes import PATIENCE, Server, until
from tests.redis_server import LASTING, RedisServer
from tests.servers.conftest import ENGINES
from tests.servers.contract.clients import CLIENTS, Client
from tests.servers.sockets import open_socket, said

Start = Callable[..., Server]
StartRedis = Callable[..., RedisServer]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=CLIENTS)
def transport(request: pytest.FixtureRequest) -> type[Client]:
    return CLIENTS[request.param]


def draft(number: int) -> dict[str, Any]:
    return {"id": f"id-{number}", "sender": "Ada", "text": f"hello {number}"}


def held_by(server: Server) -> Counter[int]:
    """How many of the server's connections each of its workers has."""
    held: Counter[int] = Counter()
    for worker in psutil.Process(server.process.pid).children():
        with suppress(psutil.NoSuchProcess):
            held[worker.pid] = sum(
                connection.status == psutil.CONN_ESTABLISHED and connection.laddr.port == server.port
                for connection in worker.net_connections("tcp")
            )
    return held


def on_both(server: Server, room: str, stack: ExitStack) -> list[ClientConnection]:
    """Open sockets, at least some, until each of two workers has one: which of them takes it, the kernel decides."""
    sockets = [stack.enter_context(open_socket(server, room)) for _ in range(4)]
    while sorted(held_by(server).values())[0] < 1 or len(held_by(server)) < 2:
        assert len(sockets) < 200, "one worker took them all"
        sockets.append(stack.enter_context(open_socket(server, room)))
    return sockets


def test_two_servers_on_one_redis_are_one_chat(
    transport: type[Client], shared: tuple[Server, Server], room: str
) -> None:
    here, there = map(transport, shared)
    epoch = here.send(room, draft(1)).epoch
    heard: list[int] = []
    with closing(there.subscribe(room, 0, epoch)) as subscription:
        heard += [message["seq"] for message in islice(subscription, 1)]
        for number in range(2, 6):
            receipt = (here, there)[number % 2].send(room, draft(number))
            assert (receipt.seq, receipt.epoch) == (number, epoch)
            heard += [message["seq"] for message in islice(subscription, 1)]
    assert heard == [1, 2, 3, 4, 5]
    assert there.send(room, draft(1)).seq == 1, "an id is known wherever it was sent"
    assert there.send(room, draft(1) | {"text": "other"}).status == 409
    here.close()
    there.close()


@pytest.fixture(scope="module", params=ENGINES)
def shared(request: pytest.FixtureRequest, redis_database: Callable[[], str]) -> Iterator[tuple[Server, Server]]:
    """Two servers on one Redis: each connection is to a process that the test chose."""
    arguments = ("all", "--engine", request.param, "--store", redis_database())
    with Server(*arguments) as here, Server(*arguments) as there:
        yield here, there


def test_a_message_taken_by_one_worker_reaches_the_sockets_of_all(
    engine: str, start: Start, redis_database: Callable[[], str], room: str
) -> None:
    server = start("all", "--engine", engine, "--store", redis_database(), "--workers", 2)
    with ExitStack() as stack:
        sockets = on_both(server, room, stack)
        for socket in sockets:
            assert said(socket)["type"] == "ready"
        for number in (1, 2, 3):
            assert server.request("POST", f"/sse/rooms/{room}/messages", draft(number)).status == 201
        for socket in sockets:
            assert [said(socket)["seq"] for _ in range(3)] == [1, 2, 3]


def test_a_signal_drains_all_workers(engine: str, start: Start, redis_database: Callable[[], str], room: str) -> None:
    server = start("all", "--engine", engine, "--store", redis_database(), "--workers", 2)
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        sockets = on_both(server, room, stack)
        workers = psutil.Process(server.process.pid).children()
        before = sum(held_by(server).values())
        polls = [pool.submit(server.request, "GET", f"/long-polling/rooms/{room}/messages") for _ in range(4)]
        until(lambda: sum(held_by(server).values()) >= before + len(polls))
        assert server.terminate() == 0
        for socket in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    socket.recv(PATIENCE)
            assert closed.value.rcvd.code == 1012
        for poll in polls:
            assert poll.result(PATIENCE).json["messages"] == []
    assert not any(worker.is_running() for worker in workers)


def test_a_killed_worker_is_replaced_and_nothing_acknowledged_is_lost(
    redis_database: Callable[[], str], room: str
) -> None:
    server = Server("all", "--store", redis_database(), "--workers", 2)  # its master says on stderr that one was killed
    try:
        until(lambda: len(held_by(server)) == 2)
        for number in range(1, 6):
            assert server.request("POST", f"/sse/rooms/{room}/messages", draft(number)).status == 201
        first, _ = held_by(server)
        os.kill(first, signal.SIGKILL)
        until(lambda: first not in held_by(server) and len(held_by(server)) == 2)
        for _ in range(10):
            page = server.request("GET", f"/short-polling/rooms/{room}/messages").json
            assert [message["id"] for message in page["messages"]] == [f"id-{number}" for number in range(1, 6)]
    finally:
        server.kill()


AWAY: dict[str, tuple[Callable[[RedisServer], object], Callable[[RedisServer], object]]] = {
    "is away": (RedisServer.kill, RedisServer.start),
    "wants a password": (
        lambda redis: redis.client.config_set("requirepass", "new"),
        lambda redis: redis.open_client("new").config_set("requirepass", ""),
    ),
    "may evict": (
        lambda redis: redis.client.config_set("maxmemory", "200mb", "maxmemory-policy", "allkeys-lru"),
        lambda redis: redis.client.config_set("maxmemory-policy", "noeviction"),
    ),
}


@pytest.mark.parametrize("what", AWAY)
def test_a_worker_that_dies_while_redis_refuses_takes_no_other_with_it(
    what: str, start_redis: StartRedis, room: str
) -> None:
    redis = start_redis(*LASTING)
    leave, return_ = AWAY[what]
    server = Server("all", "--store", redis.url, "--workers", 2)  # its master says on stderr that one was killed
    try:
        until(lambda: len(held_by(server)) == 2)
        first, second = held_by(server)
        leave(redis)
        os.kill(first, signal.SIGKILL)
        until(lambda: "A worker waits for it." in server.stderr)
        return_(redis)
        until(lambda: server.request("POST", f"/sse/rooms/{room}/messages", draft(1)).status in (200, 201))
        assert second in held_by(server) and server.process.poll() is None
    finally:
        server.kill()
