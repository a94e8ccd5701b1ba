"""loadtests/null.py: every transport's user must find in it what a real server gives."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loadtests.records import TRANSPORTS
from tests.loadtests.users.checks import delivers
from tests.processes import Server

NULL = ("-m", "loadtests.null")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_message_reaches_every_participant_once_and_in_order(
    start: Callable[..., Server], tmp_path: Path, transport: str
) -> None:
    delivers(start(transport, command=NULL), transport, tmp_path, "browser")


def test_a_message_that_is_sent_again_keeps_its_seq(start: Callable[..., Server]) -> None:
    server = start("short-polling", command=NULL)
    for id, seq in (("a", 1), ("b", 2), ("a", 1)):
        sent = server.request("POST", "/rooms/x/messages", {"id": id, "sender": "s", "text": "t" * 4_000})
        assert (sent.status, sent.json["seq"]) == (201, seq)
    page = server.request("GET", "/rooms/x/messages?after=1").json
    assert [message["id"] for message in page["messages"]] == ["b"] and page["cursor"] == 2
