"""Who shows a message without a reload: really looked at once, in a browser."""

from collections.abc import Callable

import pytest
from msgspec import structs

from lab.demonstrations import browser
from lab.demonstrations.browser import MESSAGES, RELOADING
from lab.observations import Observations
from lab.plan import TITLES

pytestmark = pytest.mark.browser


def test_four_show_every_message_on_a_page_that_was_loaded_once(
    demonstrate: Callable[[str], Observations], tool: Callable[[str], str]
) -> None:
    tool("chromium")
    found = demonstrate("browser")
    for name in TITLES:
        assert found.of("seen without reload", name).value == 1
        assert found.of("page loads", name).value == 1
        assert found.of("messages seen", name).value == MESSAGES
        assert (found.of("delivery delay", name).value or 0) + (found.of("clock error, at most", name).value or 0) > 0
    assert found.of("seen without reload", RELOADING).value == 0
    assert found.of("messages seen", RELOADING).value == MESSAGES
    assert (found.of("page loads", RELOADING).value or 0) > 1
    assert "by short polling, long polling, SSE and WebSocket" in browser.show(found).sentence
    assert "by SSE" in browser.show(flipped(found, {"short-polling", "long-polling", "websocket"})).sentence
    assert "by nothing" in browser.show(flipped(found, set(TITLES))).sentence


def flipped(found: Observations, transports: set[str]) -> Observations:
    """The same, had these transports needed a reload."""
    seen = [structs.replace(one, values=(0.0,)) if one.where in transports else one for one in found.seen]
    return structs.replace(found, seen=tuple(seen))
