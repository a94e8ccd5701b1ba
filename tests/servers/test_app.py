"""What is mounted where."""

import time

import pytest
from prometheus_client import CONTENT_TYPE_LATEST

from servers.app import create_app
from servers.stores import open_store
from servers.transports import TRANSPORTS

READ = {"short-polling": "messages", "long-polling": "messages", "sse": "events", "websocket": "socket"}


def paths(*transports: str) -> set[str]:
    return {rule.rule for rule in create_app(transports, open_store("memory", 10)).url_map.iter_rules()}


@pytest.mark.parametrize("name", TRANSPORTS)
def test_one_transport_is_mounted_at_the_root(name: str) -> None:
    assert f"/rooms/<room:room>/{READ[name]}" in paths(name)


def test_several_transports_are_mounted_at_their_names() -> None:
    found = paths(*TRANSPORTS)
    for name, noun in READ.items():
        assert f"/{name}/rooms/<room:room>/{noun}" in found
        assert f"/rooms/<room:room>/{noun}" not in found


@pytest.mark.parametrize("names", [["sse"], list(TRANSPORTS)])
def test_every_server_says_that_it_lives(names: list[str]) -> None:
    client = create_app(names, open_store("memory", 10)).test_client()
    assert client.get("/health").json["status"] == "ok"
    assert client.get("/metrics").content_type == CONTENT_TYPE_LATEST
    assert client.get("/").mimetype == "text/html"


def test_health_tells_the_servers_clock() -> None:
    client = create_app(["sse"], open_store("memory", 10)).test_client()
    before, told, after = time.monotonic_ns(), client.get("/health").json["clock_ns"], time.monotonic_ns()
    assert before <= told <= after


def test_what_one_transport_sends_all_of_them_receive() -> None:
    client = create_app(list(TRANSPORTS), open_store("memory", 10)).test_client()
    client.post("/sse/rooms/tea/messages", json={"id": "a", "sender": "Ada", "text": "hello"})
    for name in ("short-polling", "long-polling"):
        assert [message["id"] for message in client.get(f"/{name}/rooms/tea/messages").json["messages"]] == ["a"]
