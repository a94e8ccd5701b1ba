"""Where a fault shows: really looked for once, with a browser's tools, tshark, /metrics and the recorded timeline."""

from collections.abc import Callable

import pytest
from msgspec import structs

from lab.demonstrations import capture, debugging_report
from lab.demonstrations.debugging_report import TOOLS
from lab.errors import BadUse
from lab.observations import Observations
from lab.plan import TITLES

pytestmark = pytest.mark.browser
STREAMS = ("sse", "websocket")  # one request, which never ends; nothing that the server counts stands still
BLIND = {f"{tool}: {name}" for tool in ("request list", "metrics") for name in STREAMS}


@pytest.mark.prove
def test_the_fault_shows_in_every_tool_but_for_streams_not_in_requests_nor_counters(
    demonstrate: Callable[[str], Observations], tool: Callable[[str], str]
) -> None:
    tool("chromium")
    tool("tshark")
    found = demonstrate("debugging")
    places = [f"{name}: {transport}" for name in TOOLS for transport in TITLES]
    assert {place for place in places if not found.of("found", place).value} == BLIND
    assert {place for place in places if found.of("false alarm", place).value} == set()
    assert all((found.of("looked at", place).value or 0) > 0 for place in places)
    assert "tshark" in found.packages
    said = debugging_report.show(found).sentence
    assert "with the browser's tools, tshark and the lab's timeline; with the browser's list of requests it was" in said
    assert "with /metrics it was not found for SSE and WebSocket" in said
    seen = [structs.replace(one, values=(0.0,)) if (one.what, one.where) == ("found", "tshark: sse") else one
            for one in found.seen]  # fmt: skip
    said = debugging_report.show(structs.replace(found, seen=tuple(seen))).sentence
    assert "with the browser's tools and the lab's timeline" in said and "with tshark it was not found for SSE;" in said


def test_without_tshark_or_a_permission_to_capture_a_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tool: Callable[[str], str], lab: Callable[..., object], tmp_path: object
) -> None:
    tool("tshark")
    monkeypatch.setitem(capture.LOOPBACK, "linux", "no-such-interface")
    said = lab("experiment", "debugging", "--out", tmp_path)
    assert said.code == 2 and "tshark cannot capture here" in said.err and len(said.err.splitlines()) == 1
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(BadUse, match="sudo apt-get install tshark"):
        capture.program()
