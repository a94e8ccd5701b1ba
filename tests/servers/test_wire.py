"""The HTTP side of the protocol: cursors, validators, problem documents. The app as it is, without a socket."""

import json
from http import HTTPStatus
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from servers.app import App, create_app
from servers.settings import Settings
from servers.stores import open_store
from servers.wire import LAST_SEQ, BadRequest, parse_cursor

POLLING = ("short-polling", "long-polling")


@pytest.fixture
def app() -> App:
    return create_app(["short-polling", "long-polling", "sse"], open_store("memory", 5), Settings(hold=0.01))


@pytest.fixture
def client(app: App) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def epoch(app: App) -> str:
    return app.store.epoch


def draft(number: int) -> dict[str, Any]:
    return {"id": f"id-{number}", "sender": "Ada", "text": "hello"}


def fill(client: FlaskClient, count: int, room: str = "tea") -> None:
    for number in range(1, count + 1):
        assert client.post(f"/short-polling/rooms/{room}/messages", json=draft(number)).status_code == 201


@pytest.mark.parametrize(
    ("after", "epoch", "cursor"),
    [
        ("0", None, (0, None)),
        ("0", "9c1e", (0, "9c1e")),
        ("0", "", (0, None)),
        ("007", "9c1e", (7, "9c1e")),
        (str(LAST_SEQ), "9c1e", (LAST_SEQ, "9c1e")),
    ],
)
def test_a_cursor_is_a_seq_and_its_epoch(after: str, epoch: str | None, cursor: tuple[int, str | None]) -> None:
    assert parse_cursor(after, epoch) == cursor


@pytest.mark.parametrize(
    "after", ["-1", "abc", "", "1.5", "1e3", "0x1", " 1", "+1", "1_0", "²", "٣", str(LAST_SEQ + 1)]
)
def test_what_is_not_a_seq_is_refused(after: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        parse_cursor(after, "9c1e")
    assert refusal.value.status == 400


@pytest.mark.parametrize("epoch", [None, ""])
def test_a_seq_without_its_epoch_is_refused(epoch: str | None) -> None:
    with pytest.raises(BadRequest, match="epoch"):
        parse_cursor("1", epoch)


@given(after=st.text(max_size=30), epoch=st.none() | st.text(max_size=5))
def test_any_cursor_is_read_or_refused(after: str, epoch: str | None) -> None:
    try:
        seq, _ = parse_cursor(after, epoch)
        assert 0 <= seq <= LAST_SEQ
    except BadRequest as refusal:
        assert refusal.status == 400


def test_a_send_is_created_once_and_known_afterwards(client: FlaskClient, epoch: str) -> None:
    for transport in ("short-polling", "long-polling", "sse"):
        first = client.post(f"/{transport}/rooms/{transport}/messages", json=draft(1))
        assert (first.status_code, first.json) == (201, {"seq": 1, "epoch": epoch})
        again = client.post(f"/{transport}/rooms/{transport}/messages", json=draft(1))
        assert (again.status_code, again.json) == (200, {"seq": 1, "epoch": epoch})


def test_a_poll_brings_messages_a_cursor_and_the_epoch(client: FlaskClient, epoch: str) -> None:
    fill(client, 2)
    for transport in POLLING:
        answer = client.get(f"/{transport}/rooms/tea/messages?after=1&epoch={epoch}")
        assert answer.status_code == 200 and answer.mimetype == "application/json"
        assert [message["seq"] for message in answer.json.pop("messages")] == [2]
        assert (answer.json["cursor"], answer.json["epoch"]) == (2, epoch)


def test_a_poll_of_an_unknown_room_is_an_empty_log(client: FlaskClient, epoch: str) -> None:
    for transport in POLLING:
        answer = client.get(f"/{transport}/rooms/nobody/messages")
        assert (answer.status_code, answer.json) == (200, {"messages": [], "cursor": 0, "epoch": epoch})


@pytest.mark.parametrize("transport", POLLING)
@pytest.mark.parametrize(
    ("after", "other", "status"),
    [(100, False, 409), (1, False, 410), (0, False, 410), (9, True, 410), (100, True, 410)],
)
def test_a_cursor_of_no_use_is_answered_with_one_that_is(
    client: FlaskClient, epoch: str, transport: str, after: int, other: bool, status: int
) -> None:
    fill(client, 10)
    answer = client.get(f"/{transport}/rooms/tea/messages?after={after}&epoch={'another' if other else epoch}")
    assert answer.status_code == status and answer.mimetype == "application/problem+json"
    resumed = client.get(f"/{transport}/rooms/tea/messages?after={answer.json['cursor']}&epoch={answer.json['epoch']}")
    assert resumed.status_code == 200
    assert [message["seq"] for message in resumed.json["messages"]] == list(range(answer.json["cursor"] + 1, 11))


def short(client: FlaskClient, after: int, epoch: str, etag: str) -> Any:
    path = f"/short-polling/rooms/tea/messages?after={after}&epoch={epoch}"
    return client.get(path, headers={"If-None-Match": etag})


def test_a_short_poll_without_news_is_304_and_empty(client: FlaskClient, epoch: str) -> None:
    fill(client, 2)
    first = client.get("/short-polling/rooms/tea/messages")
    assert first.headers["ETag"] == f'"{epoch}-2"' and first.headers["Cache-Control"] == "private, no-cache"
    again = short(client, 2, epoch, first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "private, no-cache"


def test_a_short_poll_with_news_is_200_with_a_new_etag(client: FlaskClient, epoch: str) -> None:
    fill(client, 3)
    answer = short(client, 2, epoch, f'"{epoch}-2"')
    assert (answer.status_code, answer.headers["ETag"]) == (200, f'"{epoch}-3"')


def test_the_cursor_is_judged_before_the_etag(client: FlaskClient, epoch: str) -> None:
    fill(client, 2)
    for etag in (f'"{epoch}-100"', f'"{epoch}-2"', "*"):
        assert short(client, 100, epoch, etag).status_code == 409
    for etag in ('"another-2"', f'"{epoch}-2"', "*"):
        assert short(client, 2, "another", etag).status_code == 410


def test_a_long_poll_has_no_etag_and_is_never_304(client: FlaskClient, epoch: str) -> None:
    fill(client, 2)
    for etag in (f'"{epoch}-2"', "*"):
        path = f"/long-polling/rooms/tea/messages?after=2&epoch={epoch}"
        answer = client.get(path, headers={"If-None-Match": etag})
        assert (answer.status_code, answer.json) == (200, {"messages": [], "cursor": 2, "epoch": epoch})
        assert answer.headers["Cache-Control"] == "no-store" and "ETag" not in answer.headers


def problems(client: FlaskClient, epoch: str) -> dict[int, Any]:
    fill(client, 10, "full")
    path, body = "/short-polling/rooms/tea/messages", json.dumps(draft(1))
    of_json = {"content_type": "application/json"}
    fill(client, 1)
    return {
        400: client.post(path, data="hello", **of_json),
        404: client.get("/short-polling/rooms/TEA/messages"),
        405: client.put(path, data=body, **of_json),
        409: client.post(path, json=draft(1) | {"text": "other"}),
        410: client.get(f"/short-polling/rooms/full/messages?after=1&epoch={epoch}"),
        413: client.post(path, data=body + " " * 64 * 1024, **of_json),
        415: client.post(path, data=body, content_type="text/plain"),
        422: client.post(path, json=draft(1) | {"text": ""}),
    }


def test_every_refusal_is_a_problem_document(client: FlaskClient, epoch: str, subtests: pytest.Subtests) -> None:
    for status, answer in problems(client, epoch).items():
        with subtests.test(status=status):
            assert answer.status_code == status
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.headers["Cache-Control"] == "no-store"
            assert (answer.json["type"], answer.json["status"]) == ("about:blank", status)
            assert answer.json["title"] == HTTPStatus(status).phrase
            assert answer.json["detail"].endswith(".")


def test_a_refusal_says_what_would_be_taken(client: FlaskClient, epoch: str) -> None:
    said = {status: answer.json["detail"] for status, answer in problems(client, epoch).items()}
    assert "a-z, 0-9 and -" in said[404]
    assert said[405] == "Only GET, HEAD, OPTIONS, POST is possible here."
    assert said[413] == "The body has more than 64 KiB."


def test_a_method_that_is_not_allowed_is_told_which_are(client: FlaskClient) -> None:
    answer = client.delete("/short-polling/rooms/tea/messages")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "text/json"])
def test_a_body_that_is_not_declared_json_is_refused(client: FlaskClient, content_type: str) -> None:
    answer = client.post("/sse/rooms/tea/messages", data=json.dumps(draft(1)), content_type=content_type)
    assert answer.status_code == 415


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_a_body_declared_json_in_other_words_is_read(client: FlaskClient, content_type: str) -> None:
    answer = client.post("/sse/rooms/tea/messages", data=json.dumps(draft(1)), content_type=content_type)
    assert answer.status_code == 201


def test_a_body_may_have_64_kib_and_no_more(client: FlaskClient) -> None:
    body = json.dumps(draft(1)).encode()
    for length, status in ((64 * 1024, 201), (64 * 1024 + 1, 413)):
        answer = client.post("/sse/rooms/tea/messages", data=body.ljust(length), content_type="application/json")
        assert answer.status_code == status
