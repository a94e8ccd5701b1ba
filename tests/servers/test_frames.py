"""The frames of the WebSocket transport, to the letter."""

import json

import pytest

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
