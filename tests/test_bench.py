"""The bench runs: every side serves, and is measured. How much it costs, is not for a test to say."""

import shutil
from pathlib import Path

import pytest

from tests.fanout_bench import costs, memory
from tests.site import first_page


def test_every_side_of_the_fan_out_is_measured() -> None:
    with costs.sides() as running:
        found = costs.measure(running, 100, blocks=1)
    expected = {"WebSocket", "SSE", "the naive loop", "websockets.broadcast"}
    expected |= {"ws on Node"} if costs.node_with_ws() else set()
    expected |= {"send() in C"} if shutil.which("cc") else set()
    assert found.keys() == expected and all(len(side) == 1 for side in found.values())


@pytest.mark.parametrize("name", memory.commands())
def test_what_a_held_connection_takes_is_measured(name: str) -> None:
    kind, command = memory.commands()[name]
    assert memory.each(kind(*command, env=costs.NODE), 300) > 0


@pytest.mark.browser
def test_how_soon_the_first_page_can_be_used_is_measured(site: Path, tool) -> None:
    tool("chromium")
    spans = first_page.measure(site, blocks=1)
    assert all(len(side) == 1 and side[0] > 0 for side in spans.values()) and len(spans) == 2
