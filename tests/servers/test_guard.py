"""Sessions over real connections, on each engine: their limits, and what is open when one ends."""

import json
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode
from websockets.sync.client import ClientConnection

from servers.app import create_app
from servers.inbound import SLOW_DOWN, STRIKES
from servers.settings import Settings
from servers.stores import WAKE, open_store
from tests.processes import PATIENCE, Server, until
from tests.servers.raw import Raw
from tests.servers.sockets import (
    TEXT,
    answered,
    closing_code,
    frames,
    masked,
    open_socket,
    raw,
    said,
)

HELD, RATE = 3, 5
READING = {"long-polling": "messages", "sse": "events"}


@pytest.fixture(scope="module")
def server(engine: str, serving: Callable[..., Server]) -> Server:
    return serving(engine, "--auth", "token", "--held", HELD, "--send-rate", RATE)


@pytest.fixture
def token(server: Server) -> str:
    return server.request("POST", "/session", {"name": "Ada"}).json["token"]


@pytest.fixture
def ada(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def opened(stack: ExitStack, server: Server, room: str, token: str) -> ClientConnection:
    client = stack.enter_context(open_socket(server, room))
    client.send(json.dumps({"type": "auth", "token": token}))
    return client


def held(stack: ExitStack, server: Server, transport: str, room: str, token: str) -> Raw:
    """A poll or a stream that is being held."""
    raw = stack.enter_context(Raw(server))
    path = f"/{transport}/rooms/{room}/{READING[transport]}"
    raw.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n")
    return raw


def answering(server: Server, count: int) -> None:
    """Wait until the server answers so many requests at once, beside this question."""
    until(lambda: server.metric("polls_apart_in_flight") == count + 1)


def draft(number: int, sender: str = "Ada") -> dict[str, Any]:
    return {"id": f"id-{number}", "sender": sender, "text": "hello"}


@pytest.mark.parametrize("transport", ["short-polling", "long-polling", "sse"])
def test_a_session_sends_under_its_own_name_only(
    server: Server, transport: str, room: str, ada: dict[str, str]
) -> None:
    path = f"/{transport}/rooms/{room}/messages"
    assert server.request("POST", path, draft(1), ada).status == 201
    assert server.request("POST", path, draft(2, "Eve"), ada).status == 403


def test_a_socket_sends_under_its_sessions_name_only(server: Server, room: str, token: str, stack: ExitStack) -> None:
    client = opened(stack, server, room, token)
    assert said(client)["type"] == "ready"
    client.send(json.dumps({"type": "send"} | draft(1, "Eve")))
    assert (answer := said(client))["type"] == "error" and answer["status"] == 403 and answer["id"] == "id-1"
    client.send(json.dumps({"type": "send"} | draft(2)))
    assert {said(client)["type"], said(client)["type"]} == {"ack", "message"}


@pytest.mark.parametrize("transport", ["short-polling", "long-polling", "sse"])
def test_who_sends_too_fast_is_told_when_to_come_back(
    server: Server, transport: str, room: str, ada: dict[str, str]
) -> None:
    path = f"/{transport}/rooms/{room}/messages"
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: server.request("POST", path, draft(n), ada), range(60)))
    statuses = [answer.status for answer in answers]
    refused = next(answer for answer in answers if answer.status == 429)
    assert set(statuses) == {201, 429} and statuses.count(201) >= 2 * RATE
    assert refused.headers["Retry-After"] == "1"
    kept = server.request("GET", f"/short-polling/rooms/{room}/messages", headers=ada).json["messages"]
    assert len(kept) == statuses.count(201), "what was acknowledged is there, and nothing else"


def test_the_limit_is_the_sessions_whatever_it_sends_by(
    server: Server, room: str, token: str, ada: dict[str, str], stack: ExitStack
) -> None:
    client = opened(stack, server, room, token)
    for number in range(20 * RATE):
        client.send(json.dumps({"type": "send"} | draft(number)))
    while (answer := said(client))["type"] != "error":
        pass
    assert answer["status"] == 429
    other = server.request("POST", "/session", {"name": "Bob"}).json["token"]
    headers = {"Authorization": f"Bearer {other}"}
    assert server.request("POST", f"/sse/rooms/{room}/messages", draft(1000, "Bob"), headers).status == 201


def test_who_sends_too_fast_by_several_sockets_is_cut_at_none(
    server: Server, room: str, token: str, stack: ExitStack
) -> None:
    tabs = [opened(stack, server, room, token) for _ in range(HELD)]
    for number in range(10 * RATE):
        for tab in tabs:
            tab.send(json.dumps({"type": "send"} | draft(number) | {"id": f"{number}-{id(tab)}"}))
    for tab in tabs:
        refused = 0
        while refused < 2 * STRIKES:
            refused += said(tab).get("status") == 429
        until(lambda tab=tab: answered(tab, {"type": "send"} | draft(0) | {"id": f"late-{id(tab)}"})["type"] == "ack")


def test_a_flood_ends_though_its_session_is_refused_first(server: Server, room: str, token: str) -> None:
    flood = masked(TEXT, json.dumps({"type": "send"} | draft(1)).encode()) * 3000
    with raw(server, room) as (connection, incoming, _), ThreadPoolExecutor() as pool:
        connection.sendall(masked(TEXT, json.dumps({"type": "auth", "token": token}).encode()))
        heard = pool.submit(incoming.read)
        with suppress(OSError):  # it may be over
            connection.sendall(flood)
        *before, last = frames(heard.result(PATIENCE))
    assert last.opcode is Opcode.CLOSE and int.from_bytes(last.data[:2]) == 1008
    refusals = Counter(json.loads(frame.data).get("title") for frame in before if b'"status":429' in frame.data)
    assert refusals[SLOW_DOWN] == STRIKES and refusals["This session sends too fast."] > 100


def test_a_session_holds_so_many_polls_streams_and_sockets(
    server: Server, room: str, token: str, ada: dict[str, str], stack: ExitStack
) -> None:
    answering(server, 0)
    socket = opened(stack, server, room, token)
    assert said(socket)["type"] == "ready"
    stream, poll = (held(stack, server, transport, room, token) for transport in ("sse", "long-polling"))
    assert b" 200 " in stream.incoming.readline()
    answering(server, HELD)
    assert server.request("GET", f"/sse/rooms/{room}/events", headers=ada).status == 429
    refused = server.request("GET", f"/long-polling/rooms/{room}/messages", headers=ada)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
    surplus = opened(stack, server, room, token)
    assert said(surplus)["status"] == 429
    assert closing_code(surplus) == 1013
    assert server.request("GET", f"/short-polling/rooms/{room}/messages", headers=ada).status == 200
    server.request("POST", f"/sse/rooms/{room}/messages", draft(1), ada)
    assert poll.answer()[0] == 200
    again = held(stack, server, "sse", room, token)
    assert b" 200 " in again.incoming.readline(), "the poll's place is free"


@pytest.mark.parametrize("transport", READING)
def test_who_hung_up_leaves_its_places_at_once(
    server: Server, room: str, token: str, stack: ExitStack, transport: str
) -> None:
    answering(server, 0)
    with ExitStack() as visit:
        for _ in range(HELD):
            held(visit, server, transport, room, token)
        answering(server, HELD)
        assert b" 429 " in held(visit, server, "sse", room, token).incoming.readline()
    again = [held(stack, server, "sse", room, token) for _ in range(HELD)]
    assert all(b" 200 " in raw.incoming.readline() for raw in again)
    answering(server, HELD)  # what nobody waited for is answered


def test_when_a_session_ends_everything_it_holds_does(
    server: Server, room: str, token: str, ada: dict[str, str], stack: ExitStack
) -> None:
    answering(server, 0)
    bob = server.request("POST", "/session", {"name": "Bob"}).json["token"]
    stays = opened(stack, server, room, bob)
    assert said(stays)["type"] == "ready"
    socket = opened(stack, server, room, token)
    assert said(socket)["type"] == "ready"
    stream, poll = (held(stack, server, transport, room, token) for transport in ("sse", "long-polling"))
    assert b" 200 " in stream.incoming.readline()
    answering(server, 4)
    begun = time.monotonic()
    assert server.request("DELETE", "/session", headers=ada).status == 204
    assert poll.answer()[0] == 401
    assert stream.incoming.read().endswith(b"0\r\n\r\n")
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(PATIENCE)
    assert closed.value.rcvd.code == 4401
    assert time.monotonic() - begun < PATIENCE, "a second, on a machine that nobody else loads"
    stays.send(json.dumps({"type": "send"} | draft(1, "Bob")))
    assert {said(stays)["type"], said(stays)["type"]} == {"ack", "message"}


def test_more_connections_than_the_server_takes_are_turned_away(start: Callable[..., Server], engine: str) -> None:
    from tests.servers.conftest import PYWSGI, WITHOUT_GUNICORN

    options = {"command": WITHOUT_GUNICORN} if engine == PYWSGI else {}
    arguments = () if engine == PYWSGI else ("--engine", engine)
    server = start("sse", "--connections", 3, *arguments, **options)
    with ExitStack() as stack:
        for _ in range(3):
            raw = stack.enter_context(Raw(server))
            raw.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert raw.answer()[0] == 200
        surplus = stack.enter_context(Raw(server))
        status, fields, _ = surplus.answer()
        assert (status, fields["retry-after"]) == (503, "1")
        assert surplus.ended()
        raw.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert raw.answer()[0] == 200, "who is in is served"
    until(lambda: server.request("GET", "/health").status == 200)


def test_what_ends_a_poll_is_forgotten_when_the_poll_is_refused() -> None:
    app = create_app(["long-polling"], open_store("memory", 10), Settings(auth=True, secret="x" * 16, held=0))
    client = app.test_client()
    client.post("/session", json={"name": "Ada"})
    with socket.socket() as ours:
        answer = client.get("/rooms/tea/messages", environ_overrides={"gunicorn.socket": ours})
    assert answer.status_code == 429
    assert WAKE.get() is None, "a thread goes on to the next request"
