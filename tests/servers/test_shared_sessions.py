"""Sessions of several processes on one Redis: a token is good at all of them, and so is its end."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from websockets.sync.client import ClientConnection

from servers.command import SECRET
from tests.processes import Server
from tests.servers.conftest import ENGINES
from tests.servers.sockets import closing_code, said
from tests.servers.test_guard import answering, held, opened
from tests.servers.test_workers import on_both

AUTH = ("--auth", "token")


@pytest.fixture(scope="module", params=ENGINES)
def shared(request: pytest.FixtureRequest, redis_database: Callable[[], str]) -> Iterator[tuple[Server, Server]]:
    """Two servers on one Redis that sign with the same secret."""
    arguments = ("all", "--engine", request.param, "--store", redis_database(), *AUTH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET, "a secret for the tests")
        with Server(*arguments) as here, Server(*arguments) as there:
            yield here, there


def joined(server: Server, name: str = "Ada") -> tuple[str, dict[str, str]]:
    """A token, and the headers that show it."""
    token = server.request("POST", "/session", {"name": name}).json["token"]
    return token, {"Authorization": f"Bearer {token}"}


def introduced(client: ClientConnection, token: str) -> ClientConnection:
    client.send(json.dumps({"type": "auth", "token": token}))
    assert said(client)["type"] == "ready"
    return client


def test_a_session_that_ends_at_one_server_ends_what_it_holds_at_another(
    shared: tuple[Server, Server], room: str
) -> None:
    here, there = shared
    token, ada = joined(here)
    assert there.request("GET", f"/short-polling/rooms/{room}/messages", headers=ada).status == 200
    with ExitStack() as stack:
        sockets = [opened(stack, server, room, token) for server in shared]
        assert [said(socket)["type"] for socket in sockets] == ["ready", "ready"]
        stays = opened(stack, there, room, joined(here, "Bob")[0])
        assert said(stays)["type"] == "ready"
        stream, poll = (held(stack, there, transport, room, token) for transport in ("sse", "long-polling"))
        assert b" 200 " in stream.incoming.readline()
        answering(there, 4)
        assert here.request("DELETE", "/session", headers=ada).status == 204
        assert [closing_code(socket) for socket in sockets] == [4401, 4401]
        assert poll.answer()[0] == 401
        assert stream.incoming.read().endswith(b"0\r\n\r\n")
        assert there.request("GET", f"/short-polling/rooms/{room}/messages", headers=ada).status == 401
        stays.send(json.dumps({"type": "send", "id": "a", "sender": "Bob", "text": "hello"}))
        assert {said(stays)["type"], said(stays)["type"]} == {"ack", "message"}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_session_that_ends_at_one_worker_ends_its_sockets_at_all(
    engine: str, start: Callable[..., Server], redis_database: Callable[[], str], room: str
) -> None:
    server = start("all", "--engine", engine, "--store", redis_database(), "--workers", 2, *AUTH, "--held", 200)
    token, ada = joined(server)
    with ExitStack() as stack:
        sockets = [introduced(client, token) for client in on_both(server, room, stack)]
        assert server.request("DELETE", "/session", headers=ada).status == 204
        assert {closing_code(socket) for socket in sockets} == {4401}
