"""Every control has its effect, on real connections through the line."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPException
from itertools import count
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from loadtests import scenario
from tests.lab.live.lab import Lab, Page
from tests.processes import until
from tests.servers.contract.clients import Client

LARGE = "x" * 4_000
ids = (f"id-{number}" for number in count())


def draft(text: str) -> dict[str, Any]:
    return {"id": next(ids), "sender": "Ada", "text": text}


def round_trip(live: Lab) -> float:
    """Milliseconds for a question and its answer on a connection that is open."""
    with closing(live.connect()) as http:
        http.connect()
        http.request("GET", "/health")
        http.getresponse().read()
        began = time.monotonic()
        http.request("GET", "/health")
        http.getresponse().read()
        return 1_000 * (time.monotonic() - began)


def test_a_page_learns_at_once_what_is_set_and_how_many_watch(live: Lab, page: Page) -> None:
    now = page.first
    assert now["poll_s"] == 1 and now["rtt_ms"] == 0 and now["frozen"] == [] and now["pages"] == 1
    assert now["limits"]["rtt_ms"] == [0, 1_000]
    with Page(live, type="watch") as other:
        assert other.hears("controls")["pages"] == page.hears("controls")["pages"] == 2
        other.say(type="set", control="poll_s", value=2.5)
        assert page.hears("controls")["poll_s"] == 2.5
        page.happens("every 2.5 s")
    assert page.hears("controls")["pages"] == 1


def test_a_delay_is_on_every_way_there_and_back_and_changes_at_once(live: Lab, page: Page) -> None:
    for rtt in (100, 200, 400):
        page.say(type="set", control="rtt_ms", value=rtt)
        until(lambda rtt=rtt: rtt <= round_trip(live) < 2 * rtt)
    page.happens("400 ms now, there and back")
    page.say(type="set", control="rtt_ms", value=0)
    until(lambda: round_trip(live) < 100)
    page.happens("no time now")


def test_jitter_makes_the_ways_differ(live: Lab, page: Page) -> None:
    page.say(type="set", control="jitter_ms", value=200)
    until(lambda: round_trip(live) >= 100)
    page.happens("up to 200 ms more")


def test_a_cut_ends_connections_and_each_goes_on_from_where_it_was(
    page: Page, client: Callable[[str], Client], room: str
) -> None:
    writer, reader = client("short-polling"), client("websocket")
    epoch = writer.send(room, draft("before")).epoch
    heard = reader.subscribe(room)
    assert next(heard)["text"] == "before"
    page.say(type="do", action="cut", transport=None)
    page.happens("The line was cut")
    with pytest.raises(ConnectionClosed):
        next(heard)
    assert client("short-polling").send(room, draft("meanwhile")).accepted
    assert client("websocket").read(room, 1, after=1, epoch=epoch)[0]["text"] == "meanwhile"


def test_a_cut_of_one_transport_leaves_the_others(page: Page, client: Callable[[str], Client], room: str) -> None:
    writer = client("long-polling")
    sockets, events = client("websocket").subscribe(room), client("sse").subscribe(room)
    writer.send(room, draft("to both"))
    assert next(sockets)["text"] == next(events)["text"] == "to both"
    page.say(type="do", action="cut", transport="sse")
    page.happens("SSE was cut")
    with pytest.raises((OSError, StopIteration, HTTPException)):
        next(events)
    writer.send(room, draft("to one"))
    assert next(sockets)["text"] == "to one"


def test_who_is_frozen_queues_and_is_given_up_and_comes_back_with_the_cursor(
    page: Page, client: Callable[[str], Client], room: str
) -> None:
    writer, reader = client("short-polling"), client("websocket")
    heard = reader.subscribe(room)
    epoch = writer.send(room, draft("before")).epoch
    next(heard)
    page.say(type="do", action="freeze", transport="websocket")
    assert page.hears("controls", lambda now: bool(now["frozen"]))["frozen"] == ["websocket"]

    def queued() -> bool:
        writer.send(room, draft(LARGE))
        counted = page.hears("counters")["transports"]["websocket"]
        return counted["queued"] > 0 or counted["cuts"] > 0

    for _ in range(200):  # what the buffers on the way hold
        writer.send(room, draft(LARGE))
    until(queued)
    page.happens("gave up on a client by WebSocket")
    page.say(type="do", action="thaw", transport="websocket")
    assert page.hears("controls", lambda now: not now["frozen"])
    last = writer.send(room, draft("after"))
    assert client("websocket").read(room, 1, last.seq - 1, epoch)[0]["text"] == "after"


def test_a_restart_loses_nothing_and_the_totals_go_on(page: Page, client: Callable[[str], Client], room: str) -> None:
    writer = client("sse")
    answers = [writer.send(room, draft(f"word {number}")) for number in range(20)]
    before = page.hears("counters", lambda now: now["transports"]["sse"]["requests"] >= len(answers))
    page.say(type="do", action="restart", transport=None)
    page.happens("The server was killed")
    page.say(type="do", action="restart", transport=None)
    assert "already" in page.hears("sorry")["title"]
    page.happens("The server is back")
    texts = [message["text"] for message in client("short-polling").read(room, 20, 0, answers[0].epoch)]
    assert texts == [f"word {number}" for number in range(20)]
    after = page.hears("counters", lambda now: now["server"] == "up")
    for name, counted in after["transports"].items():
        then = before["transports"][name]
        assert counted["requests"] >= then["requests"] and counted["socket_down"] >= then["socket_down"]


def test_the_robot_speaks_as_often_and_as_much_as_is_set_and_is_counted_nowhere(
    page: Page, client: Callable[[str], Client]
) -> None:
    page.say(type="set", control="robot_bytes", value=200)
    page.say(type="set", control="robot_per_s", value=20)
    page.happens("20 messages a second")
    epoch, seq = end_of(client("short-polling"), "lobby")
    for message in client("long-polling").read("lobby", 20, seq, epoch):
        assert (message["sender"], len(message["text"])) == ("Robot", 200)
    page.say(type="set", control="robot_per_s", value=0)
    page.happens("The robot is silent")
    assert page.hears("counters", lambda now: not now["transports"]["websocket"]["connections"])


def end_of(client: Client, room: str) -> tuple[str, int]:
    """Where a room's log ends."""
    answer = client.server.request("GET", client.reading(room)).json
    while answer["messages"]:
        answer = client.server.request("GET", client.reading(room, answer["cursor"], answer["epoch"])).json
    return answer["epoch"], answer["cursor"]


@pytest.fixture
def copied(page: Page, tmp_path) -> Iterator[Callable[..., scenario.Scenario]]:
    """`copied(poll_s=2)` is the scenario that is copied with this set, as the lab reads it; and its file's text."""

    def copy(**controls: float) -> tuple[scenario.Scenario, str]:
        for control, value in controls.items():
            page.say(type="set", control=control, value=value)
        file = tmp_path / "live.toml"
        file.write_text(page.settled(), encoding="utf-8")
        return scenario.load(str(file)), file.read_text()

    yield copy


def test_the_controls_are_copied_as_a_scenario_that_lab_compare_takes(copied) -> None:
    found, text = copied(poll_s=2, rtt_ms=150, jitter_ms=20, robot_per_s=2.5, robot_bytes=300)
    assert found.poll_intervals == (2.0,)
    assert (found.workload.rate_per_s, found.workload.bytes, found.kind) == (2.5, 300, "poisson")
    assert "lab compare live.toml --rtt 150 --jitter 20\n" in text


def test_a_silent_robot_is_a_silent_scenario(copied) -> None:
    found, text = copied(robot_per_s=0, rtt_ms=0)
    assert found.kind == "silence" and "lab compare live.toml\n" in text


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "set", "control": "rtt_ms", "value": 1_001},
        {"type": "set", "control": "rtt_ms", "value": -1},
        {"type": "set", "control": "volume", "value": 1},
        {"type": "set", "control": "rtt_ms", "value": "much"},
        {"type": "set", "control": "rtt_ms"},
        {"type": "do", "action": "explode"},
        {"type": "do", "action": "freeze", "transport": None},
        {"type": "do", "action": "cut", "transport": "pigeon"},
        {"type": "phase", "phase": "long"},
        {"type": "vote", "choice": "sse"},
        {"type": "end"},
        {"type": "watch", "more": 1},
        {"type": "nonsense"},
        {"no": "type"},
        [1, 2],
        "words",
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence_and_changes_nothing(page: Page, frame: Any) -> None:
    before = page.first
    page.socket.send(frame if isinstance(frame, str) else json.dumps(frame))
    assert page.hears("sorry")["title"].endswith(".")
    page.say(type="set", control="poll_s", value=3)
    assert page.hears("controls") == before | {"poll_s": 3}
