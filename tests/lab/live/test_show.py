"""`lab serve` becomes the server, and `lab live` starts and ends three processes."""

import os
import socket
import subprocess
import sys
import tempfile
import urllib.request

import psutil
import pytest

from tests.lab.live.lab import Lab
from tests.processes import PATIENCE, lasting_port

LAB = (sys.executable, "-m", "lab")
PIPE = 65_536  # bytes that a pipe holds before who writes to it must wait


@pytest.fixture(scope="module")
def taken():
    """A port at which somebody listens."""
    with socket.create_server(("127.0.0.1", lasting_port())) as listening:
        yield listening.getsockname()[1]


def refused(*arguments):
    """The sentence with which a command that cannot be carried out ends."""
    done = subprocess.run([*LAB, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    return done.stderr


@pytest.mark.parametrize("command", [["serve", "sse"], ["live", "--no-browser"]])
def test_a_busy_port_is_a_sentence(command, taken):
    said = refused(*command, "--port", taken)
    assert said.startswith(f"lab: cannot listen on 127.0.0.1 port {taken}: ") and "Choose another with --port" in said


def test_the_port_above_it_must_be_free_too(taken):
    assert f"127.0.0.1 port {taken}: " in refused("live", "--no-browser", "--port", taken - 1)


@pytest.mark.parametrize(
    ("address", "why"),
    [("0.0.0.0", "is no address that others can type"), ("here", "is not an IPv4 address"),
     ("203.0.113.7", "this machine has no address 203.0.113.7")],  # one for documentation (RFC 5737)
)  # fmt: skip
def test_an_address_that_is_none_is_a_sentence(address, why):
    assert why in refused("live", "--class", "--no-browser", "--address", address)


def test_what_is_for_a_class_is_refused_without_one():
    assert "add --class" in refused("live", "--robots", 3)


@pytest.mark.skipif(os.name != "posix", reason="it becomes the server only on POSIX")
def test_serve_becomes_the_server_options_and_all():
    with subprocess.Popen([*LAB, "serve", "sse", "--port", "0"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            assert server.stdout.readline().startswith("listening on http://127.0.0.1:")
        finally:
            server.terminate()
            server.wait(10)


def test_live_starts_all_four_says_where_and_leaves_nothing_behind():
    with Lab() as live:
        assert live.said == f"The four transports side by side: {live.url}/  (Ctrl-C ends it)\n"
        children = psutil.Process(live.process.pid).children(recursive=True)
        assert live.request("GET", "/").status == 200
        assert live.request("GET", "/short-polling/rooms/lobby/messages").json["messages"] == []
    assert len(children) >= 2 and not psutil.wait_procs(children, PATIENCE)[1]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a system does not end the children of who was killed")
def test_live_that_is_killed_leaves_nothing_behind_either():
    live = Lab()
    children = psutil.Process(live.process.pid).children(recursive=True)
    live.process.kill()
    live.process.wait(PATIENCE)
    live.errors.close()
    assert len(children) >= 2 and not psutil.wait_procs(children, PATIENCE)[1]


@pytest.mark.timeout(60)  # where it fails, it waits for ever
def test_live_goes_on_however_much_the_server_has_to_say():
    chatty = os.environ | {"PYTHONVERBOSE": "1"}  # every Python process writes to stderr all it imports
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen([*LAB, "live", "--no-browser"], stdout=subprocess.PIPE, stderr=errors, text=True, env=chatty)
        as live,
    ):  # fmt: skip
        assert live.stdout is not None
        try:
            address = live.stdout.readline().split()[-4]
            with urllib.request.urlopen(f"{address}health", timeout=PATIENCE) as answer:
                assert answer.status == 200
            assert errors.tell() > PIPE
        finally:
            live.terminate()
            live.wait(PATIENCE)
