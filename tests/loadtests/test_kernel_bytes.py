"""The socket bytes of a real run against the kernel's own count of each connection, exactly."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loadtests.records import TRANSPORTS
from loadtests.sockets import tcp_info_supported
from tests.loadtests.generator import run, small
from tests.processes import Server


@pytest.mark.skipif(not tcp_info_supported(), reason="this system's kernel does not count by connection")
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_socket_bytes_of_every_connection_are_the_kernels(
    transport: str, start: Callable[..., Server], tmp_path: Path
) -> None:
    part = run(start(transport), transport, small(tmp_path), tmp_path / "out", module="tests.loadtests.kernel_bytes")
    assert part.connections["complete"].all() and part.connections.height >= part.info.users
    counts = part.connections.select("socket_up", "socket_down")
    assert counts.sum().row(0) > (0, 0)
    kernel = part.connections.select(socket_up="ip_up", socket_down="ip_down")
    assert counts.to_dict(as_series=False) == kernel.to_dict(as_series=False)
