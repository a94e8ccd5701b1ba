"""What the server counts about itself."""

import socket

import pytest
from flask.testing import FlaskClient

from servers.app import create_app
from servers.connections import Stream
from servers.message import Draft
from servers.settings import Settings
from servers.stores import open_store
from servers.transports.sse import EVENTS
from tests.processes import until

DRAFT = {"id": "a", "sender": "Ada", "text": "hello"}


@pytest.fixture
def client() -> FlaskClient:
    names = ["short-polling", "long-polling", "sse", "websocket"]
    return create_app(names, open_store("memory", 10), Settings(hold=0.01)).test_client()


def samples(client: FlaskClient) -> dict[str, float]:
    with client.get("/metrics") as answer:
        assert answer.status_code == 200 and answer.mimetype == "text/plain"
        lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_requests_are_counted_by_transport_and_status(client: FlaskClient) -> None:
    for _ in range(3):
        client.post("/sse/rooms/tea/messages", json=DRAFT)
    client.get("/long-polling/rooms/tea/messages")
    client.get("/long-polling/rooms/tea/messages?after=-1")
    client.get("/nowhere")
    found = samples(client)
    assert found['polls_apart_requests_total{status="201",transport="sse"}'] == 1
    assert found['polls_apart_requests_total{status="200",transport="sse"}'] == 2
    assert found['polls_apart_requests_total{status="200",transport="long-polling"}'] == 1
    assert found['polls_apart_requests_total{status="400",transport="long-polling"}'] == 1
    assert found['polls_apart_requests_total{status="404",transport="page"}'] == 1


@pytest.mark.parametrize("transport", ["short-polling", "long-polling"])
def test_polls_without_news_are_counted(client: FlaskClient, transport: str) -> None:
    path = f"/{transport}/rooms/tea/messages"
    client.get(path)
    client.get(path, headers={"If-None-Match": "*"})
    client.post(path, json=DRAFT)
    client.get(path)
    client.get(f"{path}?after=5&epoch=another")
    assert samples(client)[f'polls_apart_empty_polls_total{{transport="{transport}"}}'] == 2


def test_what_is_being_answered_is_counted(client: FlaskClient) -> None:
    with client.get("/sse/rooms/tea/events"):
        assert samples(client)["polls_apart_in_flight"] == 2, "the stream, and the question itself"
    assert samples(client)["polls_apart_in_flight"] == 1


def test_two_apps_in_a_process_count_apart(client: FlaskClient) -> None:
    other = create_app(["sse"], open_store("memory", 10)).test_client()
    other.get("/nowhere")
    assert 'polls_apart_requests_total{status="404",transport="page"}' not in samples(client)


def test_connections_cuts_and_the_time_of_a_fanout_are_counted() -> None:
    app = create_app(["sse"], open_store("memory", 10))
    ours, theirs = socket.socketpair()
    stream = Stream(ours, b"")
    with ours, theirs, app.fanout.open(stream), app.fanout.following(stream, "room", (None, 0), EVENTS):
        assert samples(app.test_client())["polls_apart_connections"] == 1
        app.store.append("room", Draft("a", "Ada", "hello"))
        until(lambda: samples(app.test_client())["polls_apart_fanout_seconds_count"] >= 1)
        stream.cut()
    found = samples(app.test_client())
    assert (found["polls_apart_connections"], found["polls_apart_cuts_total"]) == (0, 1)
