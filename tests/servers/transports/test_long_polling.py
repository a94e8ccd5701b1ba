"""Long polling over a real connection, on each engine."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.processes import PATIENCE, Server, until

PATH = "/long-polling/rooms/{}/messages"
DRAFT = {"id": "a", "sender": "Ada", "text": "hello"}


def test_a_poll_is_held_until_there_is_news(engine: str, serving: Callable[..., Server], room: str) -> None:
    site = serving(engine, "--hold", 20)  # where no other test has left a poll
    with ThreadPoolExecutor() as pool:
        poll = pool.submit(site.request, "GET", PATH.format(room))
        until(lambda: site.metric("polls_apart_in_flight") == 2)  # the poll, and the question itself
        assert not poll.done()
        site.request("POST", PATH.format(room), DRAFT)
        answer = poll.result(PATIENCE)
    assert (answer.status, answer.json["cursor"]) == (200, 1)
    assert [message["id"] for message in answer.json["messages"]] == ["a"]


def test_a_poll_with_news_is_answered_at_once(site: Server, room: str) -> None:
    site.request("POST", PATH.format(room), DRAFT)
    assert site.request("GET", PATH.format(room)).json["cursor"] == 1


def test_a_poll_held_in_vain_is_200_with_no_messages(brisk: Server, room: str) -> None:
    answer = brisk.request("GET", PATH.format(room), headers={"If-None-Match": "*"})
    assert (answer.status, answer.json["messages"], answer.json["cursor"]) == (200, [], 0)
    assert answer.headers["Cache-Control"] == "no-store" and "ETag" not in answer.headers


def test_polls_one_after_the_other_share_one_connection(brisk: Server, room: str) -> None:
    connection = brisk.connect()
    connection.connect()
    socket = connection.sock
    for _ in range(3):
        connection.request("GET", PATH.format(room))
        assert connection.getresponse().read()
    assert connection.sock is socket
    connection.close()


def test_a_client_that_goes_away_leaves_nothing_behind(brisk: Server, room: str) -> None:
    for _ in range(5):
        connection = brisk.connect()
        connection.request("GET", PATH.format(room))
        connection.close()
    until(lambda: brisk.metric("polls_apart_in_flight") == 1)
