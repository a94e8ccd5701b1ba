"""servers/minimal/: each runs as a learner would run it, and delivers a message."""

import json
import os
import re
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.servers.defects.places import MinimalServer

ROOT = Path(__file__).parent.parent.parent
NAMES = ["short_polling", "long_polling", "sse", "websocket"]
MESSAGE = {"id": "1", "sender": "me", "text": "hello"}


@pytest.fixture(params=NAMES)
def minimal(request):
    """(name, port) of a running server."""
    with closing(MinimalServer(request.param)) as server:
        yield request.param, server.port


def post(port):
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/rooms/lobby/messages", json.dumps(MESSAGE), {"Content-Type": "application/json"})
    assert connection.getresponse().status == 201


def listen(port, path):
    listener = HTTPConnection("127.0.0.1", port, timeout=10)
    listener.request("GET", f"/rooms/lobby/{path}")
    return listener


def hear(port, path):
    """The answer to one who listens: it hears only what is said while it does, so say it again until it has."""
    listener = listen(port, path)
    while True:
        post(port)
        listener.sock.settimeout(0.2)
        try:
            return listener.getresponse()
        except TimeoutError:
            listener.close()
            listener = listen(port, path)


def test_a_minimal_server_delivers_a_message(minimal):
    name, port = minimal
    if name == "websocket":
        with connect(f"ws://127.0.0.1:{port}/rooms/lobby/socket") as socket:
            socket.send(json.dumps(MESSAGE))
            assert json.loads(socket.recv(timeout=10))["text"] == "hello"
    elif name == "sse":
        assert json.loads(hear(port, "events").readline().removeprefix(b"data: "))["text"] == "hello"
    elif name == "long_polling":
        assert json.load(hear(port, "messages"))["messages"][-1]["text"] == "hello"
    else:
        post(port)
        assert json.load(listen(port, "messages").getresponse())["messages"] == [{"seq": 1, **MESSAGE}]


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_names_each_file_with_its_port(name):
    port = re.search(r"app\.run\(port=(\d+)\)", (ROOT / f"servers/minimal/{name}.py").read_text())[1]
    row = rf"\| `{name}\.py` \| {port} \| `[^`]*127\.0\.0\.1:{port}/rooms/lobby/"
    assert re.search(row, (ROOT / "servers/minimal/README.md").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_a_minimal_server_run_as_a_file_listens_on_loopback_alone(name):
    source = (ROOT / f"servers/minimal/{name}.py").read_text()
    assert re.search(r"\n    app\.run\(port=500\d\)\n$", source)
    environment = {**os.environ, "FLASK_RUN_FROM_CLI": "true"}  # makes app.run return, so that the file ends
    subprocess.run([sys.executable, f"servers/minimal/{name}.py"], cwd=ROOT, env=environment, check=True, timeout=60)
