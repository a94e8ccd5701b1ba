"""The limits of a message, to the character, and its JSON."""

import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from servers.message import ROOM, Draft, Message, encode, now

LIMITS = {"id": 64, "sender": 64, "text": 4000}
DRAFT = {"id": "a", "sender": "b", "text": "c"}


@pytest.mark.parametrize(("field", "limit"), LIMITS.items())
def test_a_field_holds_from_one_character_to_its_limit_and_no_more(field: str, limit: int) -> None:
    for character in ("x", "é", "👩"):
        for length in (1, limit):
            text = character * length
            assert getattr(msgspec.convert(DRAFT | {field: text}, Draft), field) == text
        for length in (0, limit + 1):
            with pytest.raises(msgspec.ValidationError, match=field):
                msgspec.convert(DRAFT | {field: character * length}, Draft)


@pytest.mark.parametrize("body", [DRAFT | {"seq": 1}, DRAFT | {"text": None}, DRAFT | {"id": 7}, {"id": "a"}, [], "a"])
def test_what_has_other_fields_or_types_is_no_draft(body: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, Draft)


def test_a_message_is_an_object_of_five_fields_in_the_order_of_the_protocol() -> None:
    message = Message(7, "k3f9", "Ada", "hello", "2026-01-31T12:00:00.000Z")
    assert encode(message) == (b'{"seq":7,"id":"k3f9","sender":"Ada","text":"hello","at":"2026-01-31T12:00:00.000Z"}')


@given(text=st.text(min_size=1, max_size=50))
def test_any_text_goes_through_json_on_one_line(text: str) -> None:
    encoded = encode(Message(1, "a", "b", text, now()))
    assert b"\n" not in encoded and b"\r" not in encoded, "an event of SSE ends with its line"
    assert json.loads(encoded)["text"] == text


def test_a_message_knows_what_its_client_had_sent() -> None:
    assert Message(7, "a", "b", "c", now()).draft == Draft("a", "b", "c")


def test_server_time_is_rfc_3339_in_milliseconds() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", now())


@pytest.mark.parametrize(("name", "allowed"), [("a", True), ("9-z", True), ("a" * 64, True), ("A", False), ("", False)])
def test_a_room_has_a_short_plain_name(name: str, allowed: bool) -> None:
    assert bool(re.fullmatch(ROOM, name)) == allowed
