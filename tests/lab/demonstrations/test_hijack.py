"""What a foreign page can do: really tried once, in a browser, by every transport, on minimal servers and ours."""

from collections.abc import Callable

import pytest
from msgspec import structs

from lab.demonstrations import hijack_report
from lab.demonstrations.hijack_report import ACTS, GUARDED, MINIMAL, OWN, REBOUND, STRANGER, WHO
from lab.observations import Observations
from lab.plan import TITLES

pytestmark = pytest.mark.browser
NEIGHBOUR = "a neighbour"


@pytest.mark.prove
def test_strangers_get_through_to_a_minimal_websocket_and_to_nothing_that_is_guarded(
    demonstrate: Callable[[str], Observations], tool: Callable[[str], str]
) -> None:
    tool("chromium")
    found = demonstrate("hijack")

    def does(who: str, act: str, where: str) -> bool:
        return found.of(f"{who} {act}s", where).value == 1

    def answer(who: str, act: str, where: str) -> float | None:
        return found.of(f"answer when {who} tries to {act}", where).value

    for act in ACTS:
        for name in TITLES:
            minimal, guarded = f"{MINIMAL} {name}", f"{GUARDED} {name}"
            assert [does(OWN, act, where) for where in (minimal, guarded)] == [True, True], (act, name)
            for who in (STRANGER, NEIGHBOUR):
                assert does(who, act, minimal) == (name == "websocket"), (who, act, name)
                assert (does(who, act, guarded), answer(who, act, guarded)) == (False, 403), (who, act, name)
            assert (does(REBOUND, act, minimal), does(REBOUND, act, guarded)) == (True, False)
            asks = act == "read" and name != "websocket"  # without an Origin: the name alone gives it away
            assert answer(REBOUND, act, guarded) == (421 if asks else 403), (act, name)
    for name in ("short-polling", "long-polling", "sse"):  # what holds a stranger there is the browser
        assert answer(STRANGER, "read", f"{MINIMAL} {name}") == 200
        assert found.of(f"answer when {STRANGER} asks whether it may write", f"{MINIMAL} {name}").value == 200
        assert answer(STRANGER, "write", f"{MINIMAL} {name}") == 415
    sent = {who: found.of(f"{who} sends the session's cookie", f"{MINIMAL} websocket").value for who in WHO}
    assert sent == {OWN: 1, STRANGER: 0, NEIGHBOUR: 1, REBOUND: 0}
    check_sentences(found)


def check_sentences(found: Observations) -> None:
    """The report follows the data."""
    said = hijack_report.show(found).sentence
    assert "another site got through by WebSocket," in said and "refused every stranger" in said
    seen = [structs.replace(one, values=(1.0,)) if (one.what, one.where) == (f"{STRANGER} reads", f"{GUARDED} sse")
            else one for one in found.seen]  # fmt: skip
    said = hijack_report.show(structs.replace(found, seen=tuple(seen))).sentence
    assert "let strangers in by SSE" in said and "refused" not in said
