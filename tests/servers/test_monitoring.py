"""The page on monitoring against a real server: what it names is there, and what is there it names."""

import json
import re
import sys
from collections.abc import Callable, Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.processes import ROOT, Server, until
from tests.servers.contract.clients import CLIENTS, Sse, WebSocket
from tests.servers.defects import raw

PAGE = (ROOT / "lessons" / "reference" / "monitoring.md").read_text(encoding="utf-8")
ROWS = [line.split(" | ") for line in PAGE.splitlines() if re.match(r"\| `(polls_apart|process)_", line)]
DOCUMENTED = {row[0].strip("| `"): (row[1], frozenset(re.findall(r"`(\w+)`", row[2]))) for row in ROWS}
ELSEWHERE = {"le"}  # the label of a histogram's buckets
LINUX = ("process_", "polls_apart_socket_bytes", "polls_apart_ip_bytes")  # what only Linux tells
HERE = {name: it for name, it in DOCUMENTED.items() if sys.platform == "linux" or not name.startswith(LINUX)}
DRAFT = {"id": "a", "sender": "Ada", "text": "hello"}


def exposed(server: Server) -> dict[str, tuple[str, frozenset[str]]]:
    """What GET /metrics has, by name: its type and its labels. `_total` is a part of a counter's name."""
    found = {}
    for family in text_string_to_metric_families(server.request("GET", "/metrics").body.decode()):
        if family.name.endswith("_created"):
            continue
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = {label for sample in family.samples for label in sample.labels} - ELSEWHERE
        found[name] = family.type, frozenset(labels)
    return found


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    return start("all", "--keep", 10, "--stage", 5006)


def use_all(server: Server, room: str) -> None:
    """Cause at least one sample of everything."""
    for make in CLIENTS.values():
        client = make(server)
        client.send(room, DRAFT)
        client.read(room, 1)
        client.read(room, 1, after=1, epoch="another")
        client.close()
    server.request("GET", f"/short-polling/rooms/{room}/messages?after=1&epoch=another")
    server.request("GET", "/short-polling/rooms/nobody/messages")
    with raw.connect(server) as broken:
        broken.sendall(b"GET / HTTP/1.1\r\nbroken\r\n\r\n")
        assert broken.recv(100).startswith(b"HTTP/1.1 400")
    until(lambda: server.metric("polls_apart_in_flight") == 1)


def test_every_metric_is_documented_and_every_documented_one_is_there(server: Server, room: str) -> None:
    use_all(server, room)
    assert exposed(server) == HERE


def test_without_a_stage_all_is_there_that_the_page_does_not_say_needs_one(
    start: Callable[..., Server], room: str
) -> None:
    server = start("all", "--keep", 10)
    use_all(server, room)
    needs_one = {row[0].strip("| `") for row in ROWS if "Only with `--stage`" in row[3]}
    assert len(needs_one) == 3
    assert set(exposed(server)) == set(HERE) - needs_one


def test_names_have_their_units_by_prometheus_conventions() -> None:
    for name, (kind, _) in DOCUMENTED.items():
        assert name.endswith("_total") == (kind == "counter"), name
        assert not re.search(r"_(ms|kb|kib|milliseconds|minutes)\b", name), name


def test_what_the_page_asks_for_is_asked_of_metrics_that_it_lists() -> None:
    for name in re.findall(r"\b((?:polls_apart|process)_\w+)", PAGE):
        assert name.removesuffix("_bucket") in DOCUMENTED, name


@pytest.mark.parametrize("transport", list(CLIENTS))
def test_a_cursor_of_no_use_is_counted_once_for_each_client(server: Server, room: str, transport: str) -> None:
    sample = f'polls_apart_resets_total{{transport="{transport}"}}'
    client = CLIENTS[transport](server)
    client.send(room, DRAFT)
    for _ in range(3):
        client.read(room, 1, after=1, epoch="another")
    client.close()
    until(lambda: server.metric(sample) == 3)
    assert sum(server.metric(f'polls_apart_resets_total{{transport="{name}"}}') for name in CLIENTS) == 3


def test_a_poll_that_is_held_is_counted_while_it_is(start: Callable[..., Server]) -> None:
    server = start("long-polling", "--hold", 0.5)
    poll = raw.ask(server, "GET", "/rooms/lobby/messages")
    until(lambda: server.metric("polls_apart_held_polls") == 1)
    assert raw.answer(poll).status == 200
    assert server.metric("polls_apart_held_polls") == 0
    raw.request(server, "GET", "/rooms/lobby/messages?after=-1")
    assert server.metric("polls_apart_held_polls") == 0


@pytest.fixture
def stalled(start: Callable[..., Server]) -> Iterator[tuple[Server, raw.EventStream]]:
    """A server, and a listener that reads no more and for which something is queued."""
    server = start("sse", "--heartbeat", 6)
    listener = raw.EventStream.in_the_room(server, receive_buffer=4096)
    number = 0
    while server.metric('polls_apart_queueing_connections{transport="sse"}') == 0:
        for _ in range(20):
            number += 1
            raw.post(server, "\N{WAVING HAND SIGN}" * 4000, id=str(number))
    yield server, listener
    listener.close()


def test_what_waits_is_a_gauge_and_what_is_given_up_a_counter(stalled: tuple[Server, raw.EventStream]) -> None:
    server, _ = stalled
    assert server.metric('polls_apart_transport_connections{transport="sse"}') == 1
    assert 0 < server.metric('polls_apart_queued_bytes{transport="sse"}') <= 2 * 64 * 1024
    until(lambda: server.metric("polls_apart_cuts_total") == 1)
    assert server.metric('polls_apart_queued_bytes{transport="sse"}') == 0


def test_a_socket_that_is_over_is_counted_by_our_closing_code(start: Callable[..., Server]) -> None:
    server = start("websocket", "--auth", "token")
    for said in (b"hello", b'{"type":"auth","token":"mine"}'):
        client = raw.WebSocket(server)
        client.send(said)
        assert client.outcome() == 4401
        client.close()
    until(lambda: server.metric('polls_apart_closes_total{code="4401"}') == 2)


def test_a_socket_is_a_request_that_is_counted_as_soon_as_it_is_open(start: Callable[..., Server]) -> None:
    server = start("websocket")
    asked = 'polls_apart_requests_total{status="101",transport="websocket"}'
    client = raw.WebSocket.in_the_room(server, "counted")
    assert server.metric(asked) == 1
    client.close()
    until(lambda: raw.held(server) == 0)
    assert server.metric(asked) == 1


def test_a_code_of_the_clients_own_is_no_label_of_ours(start: Callable[..., Server]) -> None:
    server = start("websocket")
    for code in (3000, 4999, 1000):
        client = raw.WebSocket.in_the_room(server, f"client {code}")
        client.socket.sendall(raw.wire.close(code))
        assert client.outcome() == code
        client.close()
    until(lambda: server.metric('polls_apart_closes_total{code="other"}') == 2)
    assert server.metric('polls_apart_closes_total{code="1000"}') == 1


def test_a_connection_that_is_turned_away_is_counted(start: Callable[..., Server]) -> None:
    server = start("websocket", "--connections", 3)
    clients = [raw.WebSocket(server) for _ in range(5)]
    assert [client.status for client in clients].count(503) == 2
    for client in clients:
        client.close()
    until(lambda: raw.held(server) == 0)
    assert server.metric('polls_apart_refusals_total{status="503"}') == 2


def test_the_page_speaks_of_each_transport_that_has_connections() -> None:
    for client in (Sse, WebSocket):
        assert f"`{client.name}`" in PAGE


def test_the_line_of_the_log_on_the_page_has_the_fields_of_a_real_one(start: Callable[..., Server], room: str) -> None:
    server = start("sse", "--log", "json", "--access-log")
    server.request("POST", f"/rooms/{room}/messages", DRAFT)
    until(lambda: "/messages" in server.stderr)
    shown, real = json.loads(re.search(r"```json\n(.*)\n", PAGE)[1]), json.loads(server.stderr.splitlines()[0])
    differ = ("at", "pid", "message", "seconds")
    assert list(shown) == list(real)
    assert all(shown[name] == real[name] for name in real if name not in differ)
