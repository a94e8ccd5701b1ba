"""A run across three hosts, two of which have clocks that differ by 1,000 s.

The hosts are network namespaces: `server` in the middle, `near` with the master and a worker, `far` with another
worker, whose clock is set ahead by a time namespace. Everything goes over veth pairs, the server's host passing on
what the far worker and the master say to each other.
"""

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from loadtests import records
from tests.loadtests.generator import Generator, Part, generator, small
from tests.loadtests.hosts import inside, ip, need_namespaces, refuse, refusing_what_ip_refuses
from tests.processes import PATIENCE
from tests.tools import find

AHEAD_S = 1_000
SECOND = 1_000_000_000
LATER = ("unshare", "--time", "--monotonic", str(AHEAD_S), "--kill-child")


class Hosts:
    """Three hosts. `near` and `far` each have a network of their own with the server's."""

    def __init__(self, stack: ExitStack) -> None:
        tag = secrets.token_hex(3)
        self.server, self.near, self.far = (f"polls-{name}-{tag}" for name in ("server", "near", "far"))
        for name in (self.server, self.near, self.far):
            ip("netns", "add", name)
            stack.callback(ip, "netns", "del", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("netns", "exec", self.server, sys.executable, "-c",
           "open('/proc/sys/net/ipv4/ip_forward', 'w').write('1')")  # fmt: skip
        for number, name in enumerate((self.near, self.far), start=1):
            ip("link", "add", "veth", "netns", name, "type", "veth", "peer", "name", f"veth{number}",
               "netns", self.server)  # fmt: skip
            for host, link, end in ((self.server, f"veth{number}", 1), (name, "veth", 2)):
                ip("-n", host, "address", "add", f"10.78.{number}.{end}/24", "dev", link)
                ip("-n", host, "link", "set", link, "up")
            ip("-n", name, "route", "add", "default", "via", f"10.78.{number}.1")


@pytest.fixture
def hosts() -> Iterator[Hosts]:
    need_namespaces(__file__)
    if not find("unshare"):
        refuse("there is no `unshare` here: install util-linux")
    tried = subprocess.run([*LATER, "true"], capture_output=True, text=True, timeout=PATIENCE)
    if tried.returncode:
        refuse(f"`unshare --time` cannot set a clock apart here ({tried.stderr.strip()}): run on Linux 5.6 or newer")
    with ExitStack() as stack:
        with refusing_what_ip_refuses():
            made = Hosts(stack)
        yield made


def worker(stack: ExitStack, *prefix: str) -> subprocess.Popen[str]:
    """A worker that is not left running."""
    command = [*prefix, sys.executable, "-m", "loadtests.worker", "--master-host", "10.78.1.2"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    stack.callback(process.communicate)
    stack.callback(process.kill)
    return process


def test_clocks_that_differ_are_found_out_and_corrected(hosts: Hosts, tmp_path: Path) -> None:
    began_ns = time.monotonic_ns()  # the server's host, the near one and this test share a clock
    server = subprocess.Popen(
        [
            *inside(hosts.server),
            sys.executable,
            "-m",
            "servers",
            "sse",
            "--host",
            "0.0.0.0",
            "--auth",
            "off",
            "--port",
            "0",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    with ExitStack() as stack:
        stack.callback(server.communicate)
        stack.callback(server.kill)
        port = server.stdout.readline().split(":")[-1].strip()
        options = ("--transport", "sse", "--scenario", small(tmp_path), "--out", tmp_path / "out")
        options += ("--workers", 2, "--master", "--master-host", "10.78.1.2")
        master = stack.enter_context(generator(f"http://10.78.2.1:{port}", *options, prefix=inside(hosts.near)))
        near, far = worker(stack, *inside(hosts.near)), worker(stack, *inside(hosts.far), *LATER)
        part = measured(master, server, near, far, tmp_path / "out")
    ended_ns = time.monotonic_ns()

    assert part.publishes.height >= part.info.offered > 0
    assert part.deliveries.height == part.publishes.height * part.share
    assert part.deliveries.select("receiver", "id").is_unique().all()

    found = {round(one.clock.offset_ns[0] / SECOND): one for one in part.info.workers}
    assert set(found) == {0, -AHEAD_S}
    for apart_s, one in found.items():
        for offset_ns in one.clock.offset_ns:
            assert abs(offset_ns - apart_s * SECOND) <= one.clock.bound_ns
    bound_ns = part.info.clock_error_bound_ns["0-1"]
    assert 0 < bound_ns <= sum(one.clock.bound_ns for one in found.values())

    assert began_ns < part.info.window_begin_ns < part.info.window_end_ns < ended_ns
    joined = part.deliveries.join(part.publishes, on=["room", "id"])
    waits_ns = joined["received_ns"] - joined["intended_ns"]
    assert -bound_ns < waits_ns.min() and waits_ns.max() < ended_ns - began_ns
    raw = records.scan(tmp_path / "out" / f"worker-{found[-AHEAD_S].worker}", "deliveries").collect()
    assert raw["received_ns"].min() > ended_ns  # as that host had it, long after the run was over


def measured(
    master: Generator, server: subprocess.Popen[str], near: subprocess.Popen[str], far: subprocess.Popen[str], out: Path
) -> Part:
    """The run to its end, each of its processes ending well."""
    master.wait_for("collected")
    server.terminate()
    assert server.wait(PATIENCE) == 0
    assert master.end() == (0, "")
    for process in (near, far):
        assert (process.communicate(timeout=PATIENCE)[1], process.returncode) == ("", 0)
    return Part(out)
