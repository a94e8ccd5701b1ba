"""Clients that vanish without a word, as when a network fails: the server has forgotten them in time.

They are in a network namespace of their own, whose only link goes down. A closed socket would not do: the kernel would
say so to whoever sends to it.
"""

import ctypes
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.loadtests.hosts import ip, need_namespaces, refusing_what_ip_refuses
from tests.processes import Server
from tests.servers.conftest import ENGINES
from tests.servers.crowds.crowd import Crowd
from tests.servers.crowds.holdings import holdings, settled
from tests.servers.crowds.manners import MANNERS, HeldPolls

CLIENTS = 20
GONE = 20  # seconds
NEAR, FAR = "10.79.0.1", "10.79.0.2"
CLONE_NEWNET = 0x40000000  # linux/sched.h

pytestmark = [pytest.mark.prove, pytest.mark.timeout(200)]


@contextmanager
def inside(name: str) -> Iterator[None]:
    """This thread in a network namespace: what it opens and starts there stays there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as home, open(Path("/run/netns") / name) as there:
        assert libc.setns(there.fileno(), CLONE_NEWNET) == 0
        try:
            yield
        finally:
            assert libc.setns(home.fileno(), CLONE_NEWNET) == 0


@pytest.fixture
def hosts() -> Iterator[tuple[str, str]]:
    """The namespaces of the servers and of the clients, and a link between them."""
    need_namespaces(__file__)
    near, far = (f"polls-{name}-{secrets.token_hex(3)}" for name in ("near", "far"))
    with ExitStack() as stack:
        with refusing_what_ip_refuses():
            for name in (near, far):
                ip("netns", "add", name)
                stack.callback(ip, "netns", "del", name)
                ip("-n", name, "link", "set", "lo", "up")
            ip("link", "add", "veth", "netns", near, "type", "veth", "peer", "name", "veth", "netns", far)
            for name, address in ((near, NEAR), (far, FAR)):
                ip("-n", name, "address", "add", f"{address}/24", "dev", "veth")
                ip("-n", name, "link", "set", "veth", "up")
        yield near, far


def test_who_vanishes_is_gone_in_time_with_nothing_left(hosts: tuple[str, str], room: str) -> None:
    near, far = hosts
    with ExitStack() as stack:
        stack.enter_context(inside(near))  # where the servers are asked, and ended
        before, crowds = {}, {}
        for engine in ENGINES:
            for kind in MANNERS:
                options = ("--engine", engine, "--host", NEAR, "--auth", "off")
                server = stack.enter_context(Server(kind.name, *options))
                server.request("GET", "/health")
                before[server] = settled(server)
                crowds[server] = stack.enter_context(Crowd(server, kind, room))
        with inside(far):
            for crowd in crowds.values():
                if crowd.kind is HeldPolls:
                    crowd.say(b"welcome")  # or the first would be held
                crowd.come(CLIENTS)
                crowd.say(b"all are in")  # from now on there is nothing to say for as long as may be
                crowd.until_all_heard(b"all are in")
            for crowd in crowds.values():
                crowd.during(0.5)  # the last polls are asked
        ip("-n", far, "link", "set", "veth", "down")
        seconds = gone(before)
        for server, took in seconds.items():
            kind = crowds[server].kind.name
            engine = "threads" if "threads" in server.process.args else "gevent"
            print(f"{kind} on {engine}: gone after {took:.1f} s")
    assert max(seconds.values()) <= GONE


def gone(before: dict[Server, object]) -> dict[Server, float]:
    """When each server was back to what it held before, in seconds."""
    begun, seconds = time.monotonic(), {}
    while len(seconds) < len(before):
        assert time.monotonic() < begun + 3 * GONE, "they never went"
        for server in before.keys() - seconds.keys():
            if holdings(server)[1:] == before[server][1:]:
                seconds[server] = time.monotonic() - begun
        time.sleep(0.1)
    return seconds
