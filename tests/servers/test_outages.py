"""Redis goes away, hangs, or comes back without what it knew: all who hang on it are told what becomes of it."""

import http.client
import json
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.processes import PATIENCE, Server, until
from tests.redis_server import LASTING, VOLATILE, RedisServer
from tests.servers.conftest import ENGINES
from tests.servers.contract.clients import CLIENTS, Loss, events
from tests.servers.sockets import open_socket, said
from tests.servers.test_workers import StartRedis, draft


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


def test_a_session_runs_out_while_redis_is_away(start_redis: StartRedis, room: str) -> None:
    redis = start_redis(*LASTING)
    server = Server("all", "--store", redis.url, "--auth", "token", "--session-life", 2)
    try:
        token = server.request("POST", "/session", {"name": "Ada"}).json["token"]
        with open_socket(server, room) as socket:
            socket.send(json.dumps({"type": "auth", "token": token}))
            assert said(socket)["type"] == "ready"
            redis.kill()
            with pytest.raises(ConnectionClosed) as closed:
                socket.recv(PATIENCE)
            assert closed.value.rcvd.code == 4401
        assert server.terminate() == 0
        assert "Traceback" not in server.stderr
    finally:
        if server.process.poll() is None:
            server.kill()


@pytest.fixture
def serving_on(start_redis: StartRedis, engine: str) -> Iterator[Callable[..., tuple[Server, RedisServer]]]:
    """A server on a Redis of its own. It may answer 503, and still must drain, exit with 0 and show no traceback."""
    with ExitStack() as stack:

        def started(*config: str) -> tuple[Server, RedisServer]:
            redis = start_redis(*config)
            server = stack.enter_context(Server("all", "--engine", engine, "--store", redis.url, "--heartbeat", 1))
            stack.callback(lambda: server.terminate() if server.process.poll() is None else None)
            return server, redis

        yield started


ServingOn = Callable[..., tuple[Server, RedisServer]]


def test_while_redis_is_away_every_request_is_told_so_and_what_is_open_stays_open(
    serving_on: ServingOn, room: str
) -> None:
    server, redis = serving_on(*LASTING)
    path = f"/rooms/{room}"
    assert server.request("POST", f"/sse{path}/messages", draft(1)).status == 201
    with ExitStack() as stack:
        socket = stack.enter_context(open_socket(server, room))
        assert [said(socket)["type"] for _ in range(2)] == ["ready", "message"]
        stream = events(opened_stream(server, room, stack))
        assert json.loads(next(stream)["data"])["seq"] == 1
        redis.kill()

        refusals = [server.request("POST", f"/{name}{path}/messages", draft(2)) for name in list(CLIENTS)[:3]]
        refusals += [server.request("GET", f"/{name}{path}/messages") for name in ("short-polling", "long-polling")]
        for refusal in refusals:
            assert refusal.status == 503 and refusal.headers["Retry-After"] == "1"
            assert refusal.headers["Content-Type"] == "application/problem+json"
        socket.send(json.dumps({"type": "send", **draft(2)}))
        assert (error := said(socket))["status"] == 503 and error["id"] == "id-2"
        with open_socket(server, room) as late, pytest.raises(ConnectionClosed) as closed:
            late.recv(PATIENCE)
        assert closed.value.rcvd.code == 1013
        late_stream = events(opened_stream(server, room, stack))
        assert server.request("GET", "/health").json["status"] == "degraded"

        redis.start()
        until(lambda: server.request("GET", "/health").json["status"] == "ok")
        assert server.request("POST", f"/sse{path}/messages", draft(2)).json["seq"] == 2
        assert said(socket)["seq"] == 2 and json.loads(next(stream)["data"])["seq"] == 2
        assert [json.loads(next(late_stream)["data"])["seq"] for _ in range(2)] == [1, 2]


def test_a_redis_that_lost_all_is_an_explicit_loss_to_all_who_follow(serving_on: ServingOn, room: str) -> None:
    server, redis = serving_on(*VOLATILE)
    clients = {name: client(server) for name, client in CLIENTS.items()}
    epoch = clients["sse"].send(room, draft(1)).epoch
    with ExitStack() as stack:
        socket = stack.enter_context(open_socket(server, room))
        assert [said(socket)["type"] for _ in range(2)] == ["ready", "message"]
        stream = events(opened_stream(server, room, stack))
        next(stream)
        redis.restart()
        reset, event = said(socket), next(stream)
        assert reset["type"] == event["event"] == "reset" and reset["epoch"] != epoch and reset["cursor"] == 0
        assert event["id"] == f"{reset['epoch']}-0"
        assert clients["sse"].send(room, draft(2)).seq == 1
        assert said(socket)["id"] == json.loads(next(stream)["data"])["id"] == "id-2"
    for client in clients.values():
        loss, message = client.read(room, 2, 1, epoch)
        assert loss == Loss(reset["epoch"], 0) and message["id"] == "id-2"
        client.close()


def test_nothing_acknowledged_is_lost_while_redis_is_killed_again_and_again(serving_on: ServingOn, room: str) -> None:
    server, redis = serving_on(*LASTING)
    over = threading.Event()

    def send(name: str) -> list[str]:
        client, acknowledged, number = CLIENTS[name](server), [], 0
        while not over.is_set():
            answer = client.send(room, {"id": f"{name}-{number}", "sender": name, "text": "hello"})
            assert answer.accepted or answer.status == 503
            if answer.accepted:
                acknowledged.append(f"{name}-{number}")
                number += 1
        client.close()
        return acknowledged

    def taken() -> int:
        return int(redis.client.hget("polls-apart:life", "taken") or 0)

    with ThreadPoolExecutor() as pool, open_socket(server, room) as socket:
        said(socket)
        sending = [pool.submit(send, name) for name in ("sse", "websocket")]
        try:
            for _ in range(4):
                enough = taken() + 20
                until(lambda enough=enough: taken() >= enough)
                redis.restart()
        finally:
            over.set()
        acknowledged = {id for sender in sending for id in sender.result(PATIENCE)}
        last = int(redis.client.xinfo_stream(f"polls-apart:room:{room}")["last-generated-id"].partition(b"-")[0])
        heard = [said(socket) for _ in range(last)]
    assert [message["type"] for message in heard] == ["message"] * last, "nothing was lost, so nothing is reset"
    assert [message["seq"] for message in heard] == list(range(1, last + 1))
    ids = [message["id"] for message in heard]
    assert len(set(ids)) == len(ids) and acknowledged <= set(ids)


def test_a_server_drains_while_redis_is_away(serving_on: ServingOn, room: str) -> None:
    server, redis = serving_on(*VOLATILE)
    with open_socket(server, room) as socket:
        said(socket)
        redis.kill()
        assert server.terminate() == 0
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(PATIENCE)
        assert closed.value.rcvd.code == 1012


def test_a_redis_that_hangs_hangs_nobody(serving_on: ServingOn, room: str) -> None:
    server, redis = serving_on(*VOLATILE)
    with open_socket(server, room) as socket, ThreadPoolExecutor() as pool:
        said(socket)
        redis.process.send_signal(signal.SIGSTOP)
        sending = pool.submit(server.request, "POST", f"/sse/rooms/{room}/messages", draft(1))
        assert server.request("GET", "/health").status == 200
        assert sending.result(PATIENCE).status == 503
        sending = pool.submit(server.request, "POST", f"/sse/rooms/{room}/messages", draft(1))
        until(lambda: server.metric("polls_apart_in_flight") >= 3)  # the socket, the sending, the question
        assert server.terminate() == 0
        with suppress(OSError, http.client.HTTPException):  # it is cut, or told so in the last moment
            assert sending.result(PATIENCE).status == 503
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(PATIENCE)
        assert closed.value.rcvd.code == 1012


def opened_stream(server: Server, room: str, stack: ExitStack) -> Any:
    connection = stack.enter_context(closing(server.connect()))
    connection.request("GET", f"/sse/rooms/{room}/events")
    response = connection.getresponse()
    assert response.status == 200
    return response
