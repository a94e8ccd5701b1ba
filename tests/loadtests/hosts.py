"""Network namespaces standing for hosts, and the reasons why there can be none."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.processes import PATIENCE
from tests.tools import find


def ip(*arguments: str) -> str:
    command = [str(find("ip")), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout


def refuse(why: str) -> None:
    """Skip, with the mend; a root of CI has no excuse."""
    if os.environ.get("CI") == "true" and hasattr(os, "geteuid") and os.geteuid() == 0:
        pytest.fail(why)
    pytest.skip(why)


def need_namespaces(test: str) -> None:
    """Refuse where namespaces cannot be made."""
    if sys.platform != "linux":
        refuse("network namespaces are Linux's: run this test there")
    if not find("ip"):
        refuse("there is no `ip` here: install iproute2")
    if os.geteuid() != 0:
        refuse(f"network namespaces need root: run `sudo .venv/bin/pytest {os.path.relpath(test)}`")


@contextmanager
def refusing_what_ip_refuses() -> Iterator[None]:
    """What `ip` is not allowed to do is a reason, and no failure."""
    try:
        yield
    except subprocess.CalledProcessError as error:
        refuse(f"`ip` may not make namespaces here ({error.stderr.strip()}): run the tests where root really is root")


def inside(name: str) -> tuple[str, ...]:
    """What to put before a command to run it in this namespace."""
    return (str(find("ip")), "netns", "exec", name)
