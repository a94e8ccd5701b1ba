"""The frames of the WebSocket transport, to the letter."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.frames import Close, Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from servers import frames
from servers.message import Draft, Message, Receipt
from servers.wire import BadRequest
from tests.servers.conformance.wire import head

MESSAGE = Message(7, "k3f9", "Ada", 'say "hello"', "2026-01-31T12:00:00.000Z")


def test_a_send_frame_holds_a_draft() -> None:
    assert frames.read('{"type":"send","id":"a","sender":"b","text":"c"}') == Draft("a", "b", "c")


@pytest.mark.parametrize(
    ("frame", "status"),
    [
        ("hello", 400),
        ("", 400),
        (b'{"type":"send","id":"a","sender":"b","text":"c"}', 400),
        ('{"id":"a","sender":"b","text":"c"}', 422),
        ('{"type":"message","id":"a","sender":"b","text":"c"}', 422),
        ('{"type":"send","id":"a","sender":"b"}', 422),
        ('{"type":"send","id":"a","sender":"b","text":"c","seq":1}', 422),
        ("[]", 422),
        ("[" * 10_000 + "]" * 10_000, 400),
    ],
)
def test_any_other_frame_is_refused(frame: str | bytes, status: int) -> None:
    with pytest.raises(BadRequest) as refusal:
        frames.read(frame)
    assert refusal.value.status == status


@pytest.mark.parametrize(
    ("frame", "id"),
    [
        ('{"type":"send","id":"a"}', "a"),
        ('{"id":7}', None),
        ('{"type":"send"}', None),
        ("[]", None),
        ("7", None),
        ("hello", None),
        (b"\xff", None),
        ("[" * 10_000, None),
        ('{"id":"\ud800"}', None),
    ],
)
def test_an_error_names_the_id_where_it_can_be_read(frame: str | bytes, id: str | None) -> None:
    expected = {"type": "error", "id": id, "status": 422, "title": "No."}
    assert json.loads(frames.error(frame, 422, "No.")) == expected


def test_what_the_server_says_is_as_in_the_protocol() -> None:
    assert frames.ready("9c1e", 6) == '{"type":"ready","epoch":"9c1e","cursor":6}'
    assert frames.reset("9c1e", 6) == '{"type":"reset","epoch":"9c1e","cursor":6}'
    assert frames.ack("k3f9", Receipt(7, "9c1e")) == '{"type":"ack","id":"k3f9","seq":7,"epoch":"9c1e"}'
    assert frames.message(MESSAGE) == (
        '{"type":"message","seq":7,"id":"k3f9","sender":"Ada","text":"say \\"hello\\"","at":"2026-01-31T12:00:00.000Z"}'
    )


@pytest.mark.parametrize(
    ("length", "head"),
    [
        (0, b"\x81\0"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\0\x7e"),
        (65_535, b"\x81\x7e\xff\xff"),
        (65_536, b"\x81\x7f\0\0\0\0\0\1\0\0"),
    ],
)
def test_a_frame_says_its_length_in_bytes(length: int, head: bytes) -> None:
    assert frames.whole("x" * length) == head + b"x" * length
    if length == 126:
        assert frames.whole("é" * 63) == head + "é".encode() * 63


def test_a_text_is_deflated_where_that_makes_it_shorter() -> None:
    text = frames.message(Message(7, "k3f9", "Ada", "word " * 30, "now"))
    frame = frames.deflated(text)
    assert frame[0] == 0xC1 and len(frame) < len(text)
    assert frame[1] == len(frame) - 2
    assert zlib.decompressobj(-15).decompress(frame[2:] + b"\0\0\xff\xff").decode() == text
    for short in ("", "{}", "ä?"):
        assert frames.deflated(short) == frames.whole(short)


def client() -> ClientProtocol:
    """The sans-IO protocol of `websockets`, after its handshake."""
    return ClientProtocol(parse_uri("ws://x"), state=State.OPEN, max_size=None)


@pytest.mark.parametrize("reasons", [frames.REASONS, frames.REFUSED])
def test_a_closing_frame_gives_the_reason(reasons: dict[int, str]) -> None:
    for code in (*reasons, 1011):
        protocol = client()
        protocol.receive_data(frames.close(code, reasons))
        assert protocol.close_rcvd.code == code
        assert protocol.close_rcvd.reason == reasons.get(code, "")


sizes = st.sampled_from([125, 126, 127, 65_535, 65_536])
texts = st.one_of(st.text(max_size=100), sizes.map("x".__mul__), sizes.map(lambda size: "é" * (size // 2)))
others = st.builds(Frame, st.sampled_from([Opcode.PING, Opcode.PONG]), st.binary(max_size=125))
end = st.builds(lambda code: Frame(Opcode.CLOSE, Close(code, "bye").serialize()), st.sampled_from([1000, 4401]))


@given(texts)
def test_a_text_is_read_back_by_another_library(text: str) -> None:
    protocol = client()
    protocol.receive_data(frames.whole(text))
    assert protocol.events_received() == [Frame(Opcode.TEXT, text.encode())]


@given(st.lists(st.one_of(texts.map(lambda text: Frame(Opcode.TEXT, text.encode())), others), max_size=8), end)
def test_a_closing_frame_is_found_among_others_and_nowhere_else(before: list[Frame], last: Frame) -> None:
    data = b"".join(frame.serialize(mask=False) for frame in before)
    assert not frames.closes(data)
    assert frames.closes(data + last.serialize(mask=False))


def test_the_answer_to_a_handshake_is_no_closing_frame() -> None:
    assert not frames.closes(b"HTTP/1.1 101 \r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n")


@given(st.binary(max_size=20), st.integers(0, 2**63 - 1), st.booleans())
def test_a_head_is_measured_as_soon_as_its_length_is_there(before: bytes, size: int, masked: bool) -> None:
    data = before + head(0x1, size, masked=masked)
    begin, measured = frames.measure(data, len(before))
    assert (begin, measured) == (len(data), size)
    for cut in range(len(before), len(data)):
        assert frames.measure(data[:cut], len(before))[0] > cut
