"""What a client may send: the heads of frames, read in any pieces, and a patience that ends."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import PayloadTooBig
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN, SERVER, Protocol

from servers.inbound import STRIKES, Heads, Patience
from tests.servers.conformance.wire import BINARY, CLOSE, CONTINUATION, PING, TEXT, bare, frame, head

LIMIT = 300  # bytes of a message
NEVER = float("inf")


def quietly() -> None:
    """No complaint is made to anybody."""


def heads(burst: float = NEVER) -> Heads:
    return Heads(LIMIT, False, Patience(0, burst, 0))


def test_tens_of_messages_a_second_are_fine_for_ever() -> None:
    patience = Patience(rate=100, burst=1000, now=0)
    assert all(patience.allows(n / 90) for n in range(90 * 600))


def test_a_burst_is_allowed_and_then_as_many_as_the_rate_gives_back() -> None:
    patience = Patience(rate=10, burst=5, now=0)
    assert [patience.allows(0) for _ in range(6)] == [True] * 5 + [False]
    assert [patience.allows(0.3) for _ in range(3)] == [True, True, False], "the refused one had its price"
    assert [patience.allows(100) for _ in range(6)] == [True] * 5 + [False], "no more than a burst is saved up"


def test_who_goes_on_too_fast_stays_refused_and_who_waits_is_forgiven() -> None:
    patience = Patience(rate=10, burst=5, now=0)
    allowed = [patience.allows(n / 20) for n in range(100)]
    assert not any(allowed[50:])
    assert patience.allows(10)


def test_refusals_in_a_row_end_it_and_one_success_starts_anew() -> None:
    patience = Patience(NEVER, NEVER, 0)
    assert not any(patience.ends(True) for _ in range(STRIKES - 1))
    assert not patience.ends(False)
    assert [patience.ends(True) for _ in range(STRIKES)] == [False] * (STRIKES - 1) + [True]


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([head(TEXT, LIMIT)], 0),
        ([head(TEXT, LIMIT + 1)], 1009),
        ([head(TEXT, 2**63 - 1)], 1009),
        ([head(BINARY, 1)], 1003),
        ([frame(TEXT, bytes(200), fin=False), head(CONTINUATION, 100)], 0),
        ([frame(TEXT, bytes(200), fin=False), head(CONTINUATION, 101)], 1009),
        ([frame(TEXT, bytes(200), fin=False), frame(PING, bytes(125)), head(CONTINUATION, 100)], 0),
        ([frame(TEXT, bytes(200)), head(TEXT, LIMIT)], 0),
        ([frame(TEXT, bytes(200), fin=False), frame(CONTINUATION), head(TEXT, LIMIT)], 0),
    ],
)
def test_a_message_is_judged_by_the_heads_of_its_frames(frames: list[bytes], code: int) -> None:
    *before, last = frames
    data = b"".join(before)
    assert heads().feed(data + last, quietly) == (data if code else data + last, code)


@pytest.mark.parametrize(
    "frames",
    [
        [bare(BINARY, b"x")],
        [frame(BINARY, b"x", rsv=4)],
        [frame(TEXT, bytes(LIMIT + 1), rsv=2)],
        [frame(0x3, bytes(LIMIT + 1))],
        [head(TEXT, 1 << 63)],
        [head(CONTINUATION, LIMIT + 1)],
        [frame(TEXT, fin=False), frame(BINARY, b"x")],
        [frame(TEXT, fin=False), head(TEXT, LIMIT + 1)],
        [frame(CLOSE, bytes(2)), b"\x03"],
    ],
    ids=["unmasked", "RSV1", "RSV2", "opcode", "2^63", "orphan", "binary within", "text within", "after a close"],
)
def test_what_breaks_the_protocol_is_left_to_the_library(frames: list[bytes]) -> None:
    data = b"".join(frames)
    assert heads().feed(data, quietly) == (data, 0)


def test_too_many_control_frames_and_fragments_are_complained_of_and_end_it() -> None:
    complaints: list[int] = []
    judge = Heads(LIMIT, False, Patience(0, 3, 0))
    begun = frame(TEXT, fin=False)
    data = begun + frame(PING) + frame(CONTINUATION, fin=False) + frame(PING) * 100
    assert judge.feed(data, lambda: complaints.append(1)) == (
        data[: len(begun) * 3 + len(frame(PING)) * (STRIKES - 1)],
        1008,
    )
    assert len(complaints) == STRIKES


small = st.binary(max_size=140)
control = st.builds(lambda data: frame(PING, data), st.binary(max_size=125))


@st.composite
def message(draw: st.DrawFn) -> bytes:
    """A text in fragments, with pings between them."""
    parts = draw(st.lists(small, min_size=1, max_size=4))
    data = b""
    for n, part in enumerate(parts):
        data += frame(
            CONTINUATION if n else TEXT, part, fin=n == len(parts) - 1, key=draw(st.binary(min_size=4, max_size=4))
        )
        data += draw(st.just(b"") | control)
    return data


streams = st.lists(message() | control, max_size=6).map(b"".join)


@given(stream=streams, cuts=st.lists(st.integers(0, 3000), max_size=10))
def test_any_stream_cut_anywhere_ends_where_another_library_ends_it(stream: bytes, cuts: list[int]) -> None:
    """Up to the message that is too long, which both refuse by its head, the same bytes pass."""
    oracle = Protocol(SERVER, state=OPEN, max_size=LIMIT)
    oracle.receive_data(stream)
    judge, passed, code = heads(), b"", 0
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    for a, b in pairwise(edges):
        if not code:
            part, code = judge.feed(stream[a:b], quietly)
            passed += part
    assert (code == 1009) == isinstance(oracle.parser_exc, PayloadTooBig)
    assert stream.startswith(passed) and (code or passed == stream)
    again = Protocol(SERVER, state=OPEN, max_size=None)
    again.receive_data(passed)
    kept = [event for event in again.events_received() if isinstance(event, Frame)]
    assert kept == [event for event in oracle.events_received() if event.opcode is not Opcode.CLOSE]
