"""Who is let onto the stage, and how much they may say."""

import json

import pytest
from websockets.exceptions import InvalidStatus

from lab.live.stage import AT_ONCE, BAD, FRAME, POLICY, UNAUTHORIZED
from tests.lab.live.lab import Lab, Page

TOO_BIG = 1009  # the closing code (RFC 6455 section 7.4.1)


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null", None])
def test_a_page_of_another_origin_is_refused(live: Lab, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        Page(live, origin=origin)
    assert refused.value.response.status_code == 403


def test_a_page_that_knows_this_machine_as_localhost_is_let_in(live: Lab) -> None:
    with Page(live, origin=live.url.replace("127.0.0.1", "localhost"), type="watch") as page:
        assert page.hears("controls")


@pytest.mark.parametrize("first", [{"type": "scenario"}, {"type": "member", "token": "x"}, {"type": "who"}, {}])
def test_who_does_not_say_first_who_they_are_is_shown_out(live: Lab, first: dict[str, str]) -> None:
    with Page(live) as page:
        page.say(**first)
        assert page.is_closed() == UNAUTHORIZED


def test_who_says_nothing_is_shown_out_and_who_watches_may_be_silent(live: Lab) -> None:
    with Page(live) as stranger, Page(live, type="watch") as page:
        assert stranger.is_closed() == UNAUTHORIZED
        assert page.hears("counters")


def test_who_says_too_much_is_shown_out(live: Lab) -> None:
    with Page(live, type="watch") as page:
        for _ in range(2 * int(AT_ONCE)):
            page.say(type="scenario")
        assert page.is_closed() == POLICY


def test_who_makes_no_sense_again_and_again_is_shown_out(live: Lab) -> None:
    with Page(live, type="watch") as page:
        for _ in range(BAD):
            page.socket.send(b"binary")
        assert page.is_closed() == POLICY


def test_a_frame_that_is_too_big_ends_the_connection(live: Lab) -> None:
    with Page(live, type="watch") as page:
        page.socket.send(json.dumps({"type": "x" * FRAME}))
        assert page.is_closed() == TOO_BIG
