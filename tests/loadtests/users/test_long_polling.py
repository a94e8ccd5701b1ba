"""loadtests/users/long_polling.py against a real server."""

from collections.abc import Callable
from pathlib import Path

from tests.loadtests.users.checks import delivers, delivers_compressed, returns
from tests.processes import Server

TRANSPORT = "long-polling"


def test_every_message_reaches_every_participant_once_and_in_order(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    delivers(start(TRANSPORT), TRANSPORT, tmp_path, "bare")


def test_compressed_messages_arrive_whole_and_are_counted_as_they_crossed(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    delivers_compressed(start, TRANSPORT, tmp_path)


def test_it_comes_back_when_the_server_was_killed_and_misses_nothing(tmp_path: Path) -> None:
    returns(TRANSPORT, tmp_path)


def test_no_answer_is_empty_while_messages_come(start: Callable[..., Server], tmp_path: Path) -> None:
    part = delivers(start(TRANSPORT), TRANSPORT, tmp_path, "browser")
    polls = part.requests.filter(kind="poll")
    answered = polls.filter(status=200)
    assert (answered["messages"] > 0).all()
    assert answered["messages"].sum() == part.deliveries.height
    assert polls.filter(status=0).height == part.info.users  # each had one still held at the end
    assert polls["connection_opened"].sum() == part.info.users
