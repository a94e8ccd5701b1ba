"""loadtests/passing_requests.py: where the last request goes, whatever is in bodies and frames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.passing_requests import LONGEST_HEAD, PassingRequests

BAIT = b"GET /websocket/rooms/tea/socket HTTP/1.1\r\nHost: a\r\n\r\n"


def request(target: str, body: bytes = b"", *fields: str, method: str = "POST") -> bytes:
    length = [f"content-length: {len(body)}"] if body else []
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: localhost", *length, *fields, "", ""]).encode() + body


def in_chunks(target: str, *chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return request(target, b"", "Transfer-Encoding: chunked") + body


def mount(*pieces: bytes) -> str:
    passing = PassingRequests()
    for piece in pieces:
        passing.feed(piece)
    return passing.mount


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/sse/rooms/tea/events?after=0", "sse"),
        ("/short-polling/rooms/tea/messages", "short-polling"),
        ("/sse?x=/long-polling/", "sse"),
        ("/", ""),
        ("/?room=tea", ""),
        ("/web/live/live.js", "web"),
        ("*", ""),
    ],
)
def test_a_request_goes_to_the_first_segment_of_its_path(target: str, expected: str) -> None:
    assert mount(request("/before/it"), request(target)) == expected


@pytest.mark.parametrize(
    "followed",
    [
        request("/sse/rooms/tea/messages", BAIT * 3),
        in_chunks("/sse/rooms/tea/messages", BAIT, BAIT + BAIT),
        request("/sse/rooms/tea/messages", b"", "Upgrade: websocket", method="GET") + BAIT,
        b"\r\n" + request("/sse/rooms/tea/messages"),
    ],
    ids=["body", "chunks", "frames", "empty line"],
)
@given(cuts=st.lists(st.integers(0, 400), max_size=6))
def test_nothing_within_is_taken_for_a_request_in_pieces_of_any_size(followed: bytes, cuts: list[int]) -> None:
    ends = sorted({min(cut, len(followed)) for cut in (*cuts, len(followed))})
    pieces = [followed[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True)]
    assert mount(*pieces) == "sse"


@given(cuts=st.lists(st.integers(0, 900), max_size=8))
def test_the_last_of_many_counts_in_pieces_of_any_size(cuts: list[int]) -> None:
    bodies = [request(f"/{name}/rooms/tea/messages", BAIT) for name in ("sse", "long-polling", "short-polling")]
    whole = b"".join(bodies) + request("/sse/rooms/tea/events", method="GET")
    ends = sorted({min(cut, len(whole)) for cut in (*cuts, len(whole))})
    assert mount(*(whole[begin:end] for begin, end in zip([0, *ends[:-1]], ends, strict=True))) == "sse"


def test_after_chunks_the_next_request_is_seen() -> None:
    assert mount(in_chunks("/sse/a", BAIT), request("/long-polling/b")) == "long-polling"


@pytest.mark.parametrize("noise", [b"\x16\x03\x01" + bytes(9), b"hello\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
def test_what_is_not_http_goes_nowhere(noise: bytes) -> None:
    passing = PassingRequests()
    for _ in range(LONGEST_HEAD // len(noise) + 2):
        passing.feed(noise)
    assert passing.over and passing.mount == ""
    passing.feed(request("/sse/a"))
    assert passing.mount == "" and len(passing.head) <= 2 * LONGEST_HEAD


def test_broken_chunks_end_the_reading() -> None:
    assert mount(request("/sse/a", b"", "Transfer-Encoding: chunked") + b"what?\r\n", BAIT) == "sse"
