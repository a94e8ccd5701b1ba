"""loadtests/users/short_polling.py against a real server."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loadtests.generator import Part
from tests.loadtests.users.checks import (
    COUNTED,
    are_the_kernels,
    delivers,
    delivers_compressed,
    leaves_unheard,
    returns,
)
from tests.processes import Server

TRANSPORT = "short-polling"


@pytest.mark.prove  # with a browser's headers `browsed` has seen it
def test_every_message_reaches_every_participant_once_and_in_order(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    delivers(start(TRANSPORT), TRANSPORT, tmp_path, "bare")


def test_compressed_messages_arrive_whole_and_are_counted_as_they_crossed(
    start: Callable[..., Server], tmp_path: Path, browsed: Part
) -> None:
    delivers_compressed(start, TRANSPORT, tmp_path, browsed)


def test_it_comes_back_when_the_server_was_killed_and_misses_nothing(tmp_path: Path) -> None:
    returns(TRANSPORT, tmp_path)


def test_who_is_deaf_leaves_unheard_what_all_others_hear(start: Callable[..., Server], tmp_path: Path) -> None:
    leaves_unheard(start(TRANSPORT), TRANSPORT, tmp_path)


def test_it_asks_at_its_interval_and_learns_of_nothing_new_by_304(browsed: Part) -> None:
    polls = browsed.requests.filter(kind="poll")
    assert polls.filter(status=304)["messages"].sum() == 0 < polls.filter(status=304).height
    assert polls["messages"].sum() == browsed.deliveries.height
    assert polls["connection_opened"].sum() == browsed.info.users  # one connection each, kept alive


@COUNTED
def test_the_socket_bytes_of_every_connection_are_the_kernels(browsed: Part) -> None:
    are_the_kernels(browsed)
