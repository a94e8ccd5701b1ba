"""What is wrong in the first version of every transport."""

import json
from contextlib import closing
from typing import Any

import pytest

from tests.processes import PATIENCE, lasting_port, until
from tests.servers.defects.places import Place
from tests.servers.defects.raw import (
    Answer,
    EventStream,
    WebSocket,
    answer,
    ask,
    connect,
    draft,
    held,
    post,
    request,
    says_something,
)

PATH = "/rooms/lobby/messages"
QUIET = 1.5  # seconds; our server is told to need one
ROUNDS = 50  # in which two meet where they must not; nearly every one does


def poll(server: Any, after: int = 0, epoch: str = "") -> Answer:
    return request(server, "GET", f"{PATH}?after={after}&epoch={epoch}")


@pytest.mark.parametrize("transport", ["short-polling", "sse"])
def test_a_send_that_is_repeated_is_stored_twice(place: Place, transport: str) -> None:
    """A client whose answer was lost sends again; it cannot know."""
    server = place.start(transport)
    receipts = [post(server, "hello", id="a").json["seq"] for _ in range(2)]
    assert receipts == place.sees(minimal=[1, 2], mended=[1, 1])


def test_a_frame_that_is_repeated_is_stored_twice(place: Place) -> None:
    client = WebSocket.in_the_room(place.start("websocket"), "client")
    client.say("hello", id="a")
    client.say("hello", id="a")
    client.say("over")
    assert client.heard_until("over").count("hello") == place.sees(minimal=2, mended=1)


def test_two_who_send_at_once_get_the_same_seq(place: Place) -> None:
    """`len(log) + 1` comes before `get_json()`, which waits for the rest of the body: so there is time for another."""
    server = place.start("short-polling")
    for n in range(ROUNDS):
        body = json.dumps(draft(f"slow {n}")).encode()
        with connect(server) as slow:
            fields = f"Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {len(body)}"
            slow.sendall(f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n".encode() + body[:9])
            assert slow.recv(100).startswith(b"HTTP/1.1 100"), "it is about to read the body"
            post(server, f"quick {n}")
            slow.sendall(body[9:])
            assert any(b" 201 " in line for line in slow.makefile("rb"))
    seqs = [message["seq"] for message in poll(server).json["messages"]]
    assert (len(set(seqs)) == len(seqs)) == place.sees(minimal=False, mended=True)


def test_a_restart_loses_the_log_and_a_poll_is_told_nothing(place: Place) -> None:
    port = lasting_port()
    server = place.start("short-polling", port=port)
    epoch = {post(server, f"message {n}").json.get("epoch", "") for n in range(3)}.pop()
    server.kill()
    server = place.start("short-polling", port=port)
    post(server, "said since")
    answer = poll(server, after=3, epoch=epoch)
    assert answer.status == place.sees(minimal=200, mended=410)
    assert answer.json.get("messages") == place.sees(minimal=[], mended=None), "nor will it see the next two"


def test_a_restart_loses_the_log_and_a_stream_is_told_nothing(place: Place) -> None:
    port = lasting_port()
    server = place.start("sse", port=port)
    epoch = post(server, "before").json.get("epoch", "none")
    server.kill()
    server = place.start("sse", port=port)
    stream = EventStream(server, last=f"{epoch}-1")
    while not says_something(stream.socket, within=0.1):
        post(server, "said since")
    assert next(stream.texts()) == place.sees(minimal="said since", mended="reset")


def test_a_restart_loses_the_log_and_a_socket_is_told_nothing(place: Place) -> None:
    port = lasting_port()
    server = place.start("websocket", port=port)
    WebSocket.in_the_room(server, "client").close()
    server.kill()
    server = place.start("websocket", port=port)
    client = WebSocket(server, path="/rooms/lobby/socket?after=1&epoch=before")
    client.say("I am back")
    first = json.loads(client.frame()[1])["type"]
    assert first == place.sees(minimal="message", mended="reset")


def test_a_poll_that_is_held_when_the_server_stops_gets_no_answer(place: Place) -> None:
    server = place.start("long-polling")
    poll = ask(server, "GET", PATH)
    until(lambda: held(server) == 1)
    assert not says_something(poll.sock, within=1), "it is held"
    server.process.terminate()
    try:
        status = answer(poll).status
    except ConnectionError:  # RemoteDisconnected is one
        status = None
    assert status == place.sees(minimal=None, mended=200)
    server.process.wait(PATIENCE)


def test_a_socket_that_is_open_when_the_server_stops_gets_no_closing_frame(place: Place) -> None:
    server = place.start("websocket")
    client = WebSocket.in_the_room(server, "client")
    server.process.terminate()
    assert client.outcome() == place.sees(minimal="end", mended=1012)
    server.process.wait(PATIENCE)


@pytest.mark.parametrize("body", [[1], "hello", None])
def test_a_message_that_is_none_is_the_servers_error(place: Place, body: Any) -> None:
    answer = request(
        place.start("short-polling"), "POST", PATH, json.dumps(body).encode(), Content_Type="application/json"
    )
    assert answer.status == place.sees(minimal=500, mended=422)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"id": "a", "sender": "Ada", "text": 7}, 422),
        (draft("x" * 5_000, id="a"), 422),
        (draft("x" * 500_000, id="a"), 413),
    ],
    ids=["nothing", "a number", "too long", "500 KB"],
)
def test_anything_is_taken_as_a_message(place: Place, body: Any, status: int) -> None:
    answer = request(place.start("short-polling"), "POST", PATH, body)
    assert answer.status == place.sees(minimal=201, mended=status)


def test_anything_is_taken_as_a_room(place: Place) -> None:
    """And takes memory from then on, though it was only asked for."""
    answer = request(place.start("short-polling"), "GET", "/rooms/%3Cscript%3E/messages")
    assert answer.status == place.sees(minimal=200, mended=404)


def test_anybody_speaks_under_any_name(place: Place) -> None:
    server = place.start("short-polling", "--auth", "token")
    assert post(server, "I am Ada").status == place.sees(minimal=201, mended=401)
    if not place.is_minimal:
        bob = request(server, "POST", "/session", {"name": "Bob"}).json["token"]
        claimed = request(server, "POST", PATH, draft("I am Ada"), Authorization=f"Bearer {bob}")
        assert claimed.status == 403


def test_as_many_connect_as_like(place: Place) -> None:
    """Each has a thread there: memory ends before they do."""
    server = place.start("websocket", "--connections", 20)
    clients = [WebSocket(server) for _ in range(40)]
    assert sum(client.status == 101 for client in clients) == place.sees(minimal=40, mended=20)
    for client in clients:
        client.close()
    until(lambda: held(server) == 0)


def test_half_a_request_is_waited_for(place: Place) -> None:
    with closing(connect(place.start("short-polling", "--read-time", 1))) as client:
        client.sendall(f"GET {PATH} HTTP/1.1\r\nHost: ".encode())
        ends = says_something(client, within=place.sees(minimal=QUIET, mended=PATIENCE))
        assert ends == place.sees(minimal=False, mended=True)
