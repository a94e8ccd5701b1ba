"""Every transport's user through nginx, by TLS."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.front import Front
from tests.loadtests.users.checks import COUNTED, all_arrives_once_and_in_order, are_the_kernels, delivers, returns
from tests.processes import Server

LEFT = pytest.mark.prove  # what of polls and streams is another here, test_http2.py sees too
TRANSPORTS = [pytest.param("short-polling", marks=LEFT), "long-polling", pytest.param("sse", marks=LEFT), "websocket"]


@COUNTED
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_message_arrives_and_the_socket_bytes_are_the_kernels(
    transport: str, start: Callable[..., Server], fronting: Callable[..., Front], tmp_path: Path
) -> None:
    front = fronting(start(transport))
    part = delivers(
        front, transport, tmp_path, "browser", "--ca", front.nginx.ca, module="tests.loadtests.kernel_bytes"
    )
    are_the_kernels(part)
    payload = part.connections["payload_down"].sum()
    assert part.connections["socket_down"].sum() > payload + 1_000 * part.connections.height  # it shook hands


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_it_comes_back_when_the_server_was_killed_behind_nginx(
    transport: str, fronting: Callable[..., Front], tmp_path: Path
) -> None:
    all_arrives_once_and_in_order(returns(transport, tmp_path, fronting))
