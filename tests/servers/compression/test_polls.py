"""Polls whose answers are gzipped for who takes that."""

import gzip

import pytest

from tests.processes import Server
from tests.servers.compression.conftest import PROSE
from tests.servers.transports.test_sse import PATH as EVENTS
from tests.servers.transports.test_sse import lines, stream


@pytest.fixture(params=["short-polling", "long-polling"])
def polls(request: pytest.FixtureRequest, room: str) -> str:
    return f"/{request.param}/rooms/{room}/messages"


def test_a_poll_is_gzipped_for_who_takes_it(squeezing: Server, polls: str) -> None:
    squeezing.request("POST", polls, {"id": "a", "sender": "Ada", "text": PROSE})
    plain = squeezing.request("GET", polls)
    for accept in ("gzip, deflate, br, zstd", "gzip;q=0.1", "*"):
        packed = squeezing.request("GET", polls, headers={"Accept-Encoding": accept})
        assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(packed.body) == plain.body
        assert int(packed.headers["Content-Length"]) == len(packed.body) < len(plain.body) / 3
    for accept in ("", "identity", "gzip;q=0", "br", "gzip;q=0, *"):
        answer = squeezing.request("GET", polls, headers={"Accept-Encoding": accept})
        assert answer.headers["Content-Encoding"] is None and answer.headers["Vary"] == "Accept-Encoding"
        assert answer.body == plain.body


def test_what_is_short_stays_as_it_is(squeezing: Server, room: str) -> None:
    accept = {"Accept-Encoding": "gzip"}
    answer = squeezing.request("GET", f"/short-polling/rooms/{room}/messages", headers=accept)
    assert answer.json["messages"] == [] and answer.headers["Content-Encoding"] is None


def test_the_etag_of_a_gzipped_answer_is_weak_and_either_is_answered_304(squeezing: Server, room: str) -> None:
    path = f"/short-polling/rooms/{room}/messages"
    epoch = squeezing.request("POST", path, {"id": "a", "sender": "Ada", "text": PROSE}).json["epoch"]
    tags = f'"{epoch}-1"', f'W/"{epoch}-1"'
    for accept, tag in zip(("identity", "gzip"), tags, strict=True):
        assert squeezing.request("GET", path, headers={"Accept-Encoding": accept}).headers["ETag"] == tag
        for known in tags:
            asked = {"Accept-Encoding": accept, "If-None-Match": known}
            answer = squeezing.request("GET", path, headers=asked)
            assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
            assert answer.headers["Vary"] == "Accept-Encoding" and answer.headers["Content-Encoding"] is None


def test_without_the_option_nothing_is_compressed(site: Server, room: str) -> None:
    path = f"/short-polling/rooms/{room}/messages"
    site.request("POST", path, {"id": "a", "sender": "Ada", "text": PROSE})
    answer = site.request("GET", path, headers={"Accept-Encoding": "gzip"})
    assert PROSE in answer.json["messages"][0]["text"]
    assert answer.headers["Content-Encoding"] is None is answer.headers["Vary"]
    with stream(site, EVENTS.format(room), Accept_Encoding="gzip") as response:
        assert response.headers["Content-Encoding"] is None is response.headers["Vary"]
        assert lines(response, 1) == [b"id:\n"]
