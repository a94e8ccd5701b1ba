"""loadtests/users/websocket.py against a real server."""

from collections.abc import Callable
from pathlib import Path

from tests.loadtests.users.checks import delivers, returns
from tests.processes import Server

TRANSPORT = "websocket"


def test_every_message_reaches_every_participant_once_and_in_order(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    delivers(start(TRANSPORT), TRANSPORT, tmp_path, "bare")


def test_it_comes_back_when_the_server_was_killed_and_misses_nothing(tmp_path: Path) -> None:
    returns(TRANSPORT, tmp_path)


def test_one_connection_carries_what_a_participant_says_and_hears(start: Callable[..., Server], tmp_path: Path) -> None:
    part = delivers(start(TRANSPORT), TRANSPORT, tmp_path, "browser")
    assert part.requests["kind"].to_list() == ["socket"] * part.info.users
    assert part.requests["messages"].sum() == part.deliveries.height
    assert part.connections["role"].to_list() == ["both"] * part.info.users


def test_it_is_the_same_where_there_is_no_epoll(start: Callable[..., Server], tmp_path: Path) -> None:
    delivers(start(TRANSPORT), TRANSPORT, tmp_path, "bare", module="tests.loadtests.without_epoll")
