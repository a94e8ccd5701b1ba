"""Servers to look at: `lab serve` and `lab live`."""

import os
import socket
import subprocess
import sys
import tempfile
import urllib.request

import psutil
import pytest

from tests.processes import PATIENCE

LAB = (sys.executable, "-m", "lab")
PIPE = 65_536  # bytes that a pipe holds before who writes to it must wait


def test_a_busy_port_is_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in (["serve", "sse", "--port", port], ["live", "--port", port, "--no-browser"]):
            done = subprocess.run([*LAB, *map(str, command)], capture_output=True, text=True, timeout=PATIENCE)
            assert done.returncode == 2
            assert done.stderr.startswith(f"lab: cannot listen on 127.0.0.1 port {port}: ")
            assert "Choose another with --port" in done.stderr and len(done.stderr.splitlines()) == 1


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
    with subprocess.Popen([*LAB, "live", "--no-browser"], stdout=subprocess.PIPE, text=True) as live:
        assert live.stdout is not None
        assert "http://127.0.0.1:" in live.stdout.readline()
        children = psutil.Process(live.pid).children(recursive=True)
        live.terminate()
        live.wait(20)
        assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]


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
