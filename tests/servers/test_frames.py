"""The frames of the WebSocket transport, to the letter."""

import json
import zlib

import pytest
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.uri import parse_uri

from servers import frames
from servers.message import Draft, Message, Receipt
from servers.wire import BadRequest

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


@pytest.mark.parametrize("code", [1008, 1011, 1012, 1013])
def test_a_closing_frame_gives_the_reason(code: int) -> None:
    protocol = ClientProtocol(parse_uri("ws://x"), state=State.OPEN)
    protocol.receive_data(frames.close(code))
    assert protocol.close_rcvd.code == code
    assert bool(protocol.close_rcvd.reason) == (code != 1011)
