"""Users of polls and streams through nginx, by HTTP/2: one connection for each, whatever goes on it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.front import Front
from tests.loadtests.users.checks import COUNTED, all_arrives_once_and_in_order, are_the_kernels, delivers, returns
from tests.processes import Server

TRANSPORTS = ["short-polling", pytest.param("long-polling", marks=pytest.mark.prove), "sse"]  # see test_tls.py


@COUNTED
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_message_arrives_by_one_connection_of_each(
    transport: str, start: Callable[..., Server], fronting: Callable[..., Front], tmp_path: Path
) -> None:
    front = fronting(start(transport))
    options = ("--ca", front.nginx.ca, "--http", "2")
    part = delivers(front, transport, tmp_path, "browser", *options, module="tests.loadtests.kernel_bytes")
    are_the_kernels(part)
    assert part.connections.height == part.info.users
    assert part.requests["connection_opened"].sum() == part.info.users


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_it_comes_back_when_the_server_was_killed_behind_nginx(
    transport: str, fronting: Callable[..., Front], tmp_path: Path
) -> None:
    all_arrives_once_and_in_order(returns(transport, tmp_path, fronting, "--http", "2"))
