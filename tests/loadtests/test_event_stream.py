"""loadtests/event_stream.py against the rules of WHATWG HTML, section 9.2.6."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.event_stream import Event, EventStream

EXAMPLES = [  # the stream, and what EventSource dispatches
    (b"data: a\n\n", [Event("message", "a", "")]),
    (b"data\n\ndata\ndata\n\ndata:", [Event("message", "", ""), Event("message", "\n", "")]),
    (b"data:a\n\ndata: a\n\n", [Event("message", "a", "")] * 2),
    (b": a comment\n\ndata: x\n\n", [Event("message", "x", "")]),
    (b"id: 1\n\ndata: x\n\n", [Event("message", "x", "1")]),
    (b"id: 1\ndata: x\n\nid\ndata: y\n\n", [Event("message", "x", "1"), Event("message", "y", "")]),
    (b"id: 1\ndata: x\n\nid: 2\0\ndata: y\n\n", [Event("message", "x", "1"), Event("message", "y", "1")]),
    (b"event: reset\ndata: x\n\ndata: y\n\n", [Event("reset", "x", ""), Event("message", "y", "")]),
    (b"event: lost\n\ndata: y\n\n", [Event("message", "y", "")]),
    (b"data: a\rdata: b\r\ndata: c\n\r\n", [Event("message", "a\nb\nc", "")]),
    (b"\xef\xbb\xbfdata: a\n\n", [Event("message", "a", "")]),
    (b"other: a\nretry: 2500\ndata: b\n\n", [Event("message", "b", "")]),
    ("data: café ☕\n\n".encode(), [Event("message", "café ☕", "")]),
    (b"data: cut off", []),
]


@pytest.mark.parametrize(("stream", "events"), EXAMPLES)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_the_same_events_come_out_however_the_stream_is_cut(stream: bytes, events: list[Event], size: int) -> None:
    parser = EventStream()
    assert [event for n in range(0, len(stream), size) for event in parser.feed(stream[n : n + size])] == events


def test_an_event_is_out_as_soon_as_its_last_byte_is_in() -> None:
    parser = EventStream()
    assert parser.feed(b"data: a\r\n\r") == [Event("message", "a", "")]
    assert parser.feed(b"\ndata: b\r\n\r\n") == [Event("message", "b", "")]


LINES = st.lists(
    st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"])), min_size=1, max_size=4
)


@given(
    messages=st.lists(LINES, max_size=5),
    end=st.sampled_from(["\n", "\r", "\r\n"]),
    cuts=st.lists(st.integers(0, 400), max_size=12),
)
def test_any_text_survives_any_line_ending_and_any_cut(messages: list[list[str]], end: str, cuts: list[int]) -> None:
    stream = "".join("".join(f"data: {line}{end}" for line in lines) + end for lines in messages).encode()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    parser = EventStream()
    events = [event for a, b in pairwise(edges) for event in parser.feed(stream[a:b])]
    assert [event.data for event in events] == ["\n".join(lines) for lines in messages]


FIELDS = [
    "data: a\n",
    "data: b\n",
    "id: 1\n",
    "id: 2\n",
    "id:\n",
    "event: reset\n",
    "retry: 5\n",
    ": a comment\n",
    "\n",
]


@given(pieces=st.lists(st.lists(st.sampled_from(FIELDS), max_size=6).map("".join), max_size=6))
def test_a_piece_read_whole_gives_what_it_gives_byte_by_byte(pieces: list[str]) -> None:
    whole, bytewise = EventStream(), EventStream()
    for piece in (piece.encode() for piece in pieces):
        expected = [event for n in range(len(piece)) for event in bytewise.feed(piece[n : n + 1])]
        assert list(whole.feed(piece)) == expected
    assert whole.id == bytewise.id
