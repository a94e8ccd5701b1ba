"""A server takes as many connections as the hard limit allows, whatever the shell's soft limit says."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from servers import descriptors
from tests.processes import PATIENCE, ROOT, Server

pytest.importorskip("resource", reason="this system has no such limit")

LIMITED = """
import resource, runpy
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
runpy.run_module("{module}", run_name="__main__", alter_sys=True)
"""
SOFT, CLIENTS = 300, 400  # stand for 1,024 and more, so that the test itself may have a low limit


def limited(soft: int, hard: int, module: str = "servers") -> tuple[str, str]:
    return "-c", LIMITED.format(soft=soft, hard=hard, module=module)


@pytest.mark.parametrize(
    "command",
    [
        ("servers", "--engine", "gevent"),
        pytest.param(("servers", "--engine", "threads"), marks=pytest.mark.prove),
        pytest.param(("tests.servers.engines.without_gunicorn",), marks=pytest.mark.prove),
    ],
    ids=["gevent", "threads", "pywsgi"],
)
def test_a_low_soft_limit_is_raised(command: tuple[str, ...], start: Callable[..., Server]) -> None:
    module, *options = command
    server = start("sse", *options, command=limited(SOFT, 1_024, module))
    with ExitStack() as stack:
        for _ in range(CLIENTS):
            connection = server.connect()
            stack.callback(connection.close)
            connection.request("GET", "/health")
            assert connection.getresponse().status == 200


def test_a_hard_limit_that_is_too_low_is_said_in_a_sentence() -> None:
    command = [sys.executable, *limited(100, 100), "sse", "--port", "0"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "servers: only 100 files may be open here, and a server needs 256. Raise the limit: ulimit -Hn 256.\n"
    )


def test_where_no_limit_is_said_but_one_is_kept_it_is_raised_as_far_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    limit = [256]

    def grant(_: int, limits: tuple[int, int]) -> None:
        if limits[0] > descriptors.FALLBACK:
            raise ValueError("as macOS says")
        limit[0] = limits[0]

    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit[0], resource.RLIM_INFINITY))
    monkeypatch.setattr(resource, "setrlimit", grant)
    descriptors.raise_limit()
    assert limit == [descriptors.FALLBACK]
