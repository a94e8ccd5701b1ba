"""Our IP bytes against an independent count: the counters of a network interface that only this test uses.

Two network namespaces are joined by a veth pair. Segmentation offload is off, or the interface would count frames of
64 KiB; neighbours are entered by hand and IPv6 is off, so nothing but our connections crosses the link.
Tail loss probes are off: on a busy machine the kernel resends what was only slow to be acknowledged, and the bytes
of a segment that the client already has are in no counter of its own (loadtests/sockets.py says so).
"""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.loadtests.generator import Part, generator, small
from tests.loadtests.hosts import inside, ip, need_namespaces, refusing_what_ip_refuses
from tests.processes import PATIENCE

SETUP = Path(__file__).with_name("namespace.py")
ETHERNET = 14  # bytes of header that the interface counts in each frame
ADDRESSES = ("10.77.0.1", "10.77.0.2")


class Pair:
    """Two namespaces: `near` has the generator, `far` the server."""

    def __init__(self, stack: ExitStack, timestamps: bool) -> None:
        tag = secrets.token_hex(3)
        self.near, self.far = f"polls-near-{tag}", f"polls-far-{tag}"
        for name in (self.near, self.far):
            ip("netns", "add", name)
            stack.callback(ip, "netns", "del", name)
        ip("link", "add", "veth", "netns", self.near, "type", "veth", "peer", "name", "veth", "netns", self.far)
        for name, address in zip((self.near, self.far), ADDRESSES, strict=True):
            command = [*self.prefix(name), sys.executable, str(SETUP), "timestamps" if timestamps else "no-timestamps"]
            assert subprocess.run(command, timeout=PATIENCE).returncode == 0
            ip("-n", name, "address", "add", f"{address}/24", "dev", "veth")
            ip("-n", name, "link", "set", "veth", "up")
        for name, other, address in ((self.near, self.far, ADDRESSES[1]), (self.far, self.near, ADDRESSES[0])):
            link = json.loads(ip("-n", other, "-j", "link", "show", "veth"))[0]["address"]
            ip("-n", name, "neigh", "replace", address, "lladdr", link, "nud", "permanent", "dev", "veth")

    def prefix(self, name: str) -> tuple[str, ...]:
        return inside(name)

    def ip_bytes(self) -> tuple[int, int]:
        """(up, down) that the near interface has counted, without the Ethernet headers."""
        stats = json.loads(ip("-n", self.near, "-j", "-s", "link", "show", "veth"))[0]["stats64"]
        tx, rx = stats["tx"], stats["rx"]
        return tx["bytes"] - ETHERNET * tx["packets"], rx["bytes"] - ETHERNET * rx["packets"]


@pytest.fixture
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    need_namespaces(__file__)
    with ExitStack() as stack:
        with refusing_what_ip_refuses():
            made = Pair(stack, request.param)
        yield made


@pytest.mark.parametrize(
    ("transport", "pair"),
    [("short-polling", True), ("long-polling", True), ("sse", True), ("websocket", False),
     pytest.param("websocket", True, marks=pytest.mark.prove)],
    ids=["short-polling", "long-polling", "sse", "websocket-without-timestamps", "websocket"],
    indirect=["pair"],
)  # fmt: skip
def test_our_ip_bytes_are_those_of_the_interface(pair: Pair, transport: str, tmp_path: Path) -> None:
    server = subprocess.Popen(
        [
            *pair.prefix(pair.far),
            sys.executable,
            "-m",
            "servers",
            transport,
            "--host",
            ADDRESSES[1],
            "--auth",
            "off",
            "--port",
            "0",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = server.stdout.readline().split()[-1]
        options = ("--transport", transport, "--scenario", small(tmp_path), "--out", tmp_path / "out")
        with generator(url, *options, prefix=pair.prefix(pair.near)) as process:
            process.wait_for("collected")
            server.terminate()
            assert server.wait(PATIENCE) == 0
            assert process.end() == (0, "")
    finally:
        server.kill()
        server.communicate()
    connections = Part(tmp_path / "out").connections
    assert connections["complete"].all()
    up, down = pair.ip_bytes()
    assert connections["ip_up"].sum() == pytest.approx(up, rel=0.005)
    assert connections["ip_down"].sum() == pytest.approx(down, rel=0.005)
