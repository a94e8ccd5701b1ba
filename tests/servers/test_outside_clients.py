"""Each transport by a client that is not ours, as a reader of the protocol would try it first."""

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from websockets.sync.client import connect

from tests.processes import PATIENCE, Server, until

SEND = ("--json", '{"id": "k3f9", "sender": "Ada", "text": "hello"}')
QUIET = ("--silent", "--show-error", "--fail-with-body", "--noproxy", "*", "--max-time", str(PATIENCE))


@pytest.fixture(scope="module", autouse=True)
def started_together(running: Callable[..., Server]) -> None:
    """One server for each transport, mounted at the root; each takes a second to start."""
    with ThreadPoolExecutor() as pool:
        list(pool.map(running, ["short-polling", "long-polling", "sse", "websocket"]))


def curl(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([program, *QUIET, *arguments], stdout=subprocess.PIPE, text=True)


def output(program: str, *arguments: str) -> str:
    with curl(program, *arguments) as process:
        text = process.stdout.read()
    assert process.returncode == 0, text
    return text


def test_short_polling_by_curl(running: Callable[..., Server], tool: Callable[[str], str], room: str) -> None:
    url = f"{running('short-polling').url}/rooms/{room}/messages"
    receipt = json.loads(output(tool("curl"), url, *SEND))
    assert receipt["seq"] == 1
    answer = json.loads(output(tool("curl"), url))
    assert [message["text"] for message in answer["messages"]] == ["hello"]
    later = f"{url}?after=1&epoch={receipt['epoch']}"
    etag = f'If-None-Match: "{receipt["epoch"]}-1"'
    assert output(tool("curl"), later, "--header", etag, "--write-out", "%{http_code}") == "304"


def test_long_polling_by_curl(running: Callable[..., Server], tool: Callable[[str], str], room: str) -> None:
    server = running("long-polling")
    url = f"{server.url}/rooms/{room}/messages"
    with curl(tool("curl"), url) as waiting:
        until(lambda: server.metric("polls_apart_in_flight") == 2)
        assert waiting.poll() is None, "the answer is held"
        output(tool("curl"), url, *SEND)
        answer = json.loads(waiting.stdout.read())
    assert [message["text"] for message in answer["messages"]] == ["hello"]


def test_sse_by_curl(running: Callable[..., Server], tool: Callable[[str], str], room: str) -> None:
    url = f"{running('sse').url}/rooms/{room}"
    with curl(tool("curl"), "--no-buffer", f"{url}/events") as stream:
        assert stream.stdout.readline() == "id:\n"
        assert stream.stdout.readline().startswith("retry: ")
        epoch = json.loads(output(tool("curl"), f"{url}/messages", *SEND))["epoch"]
        assert stream.stdout.readline() == "\n"
        assert stream.stdout.readline() == f"id: {epoch}-1\n"
        assert json.loads(stream.stdout.readline().removeprefix("data: "))["text"] == "hello"
        stream.terminate()


@pytest.mark.parametrize("transport", ["short-polling", "long-polling", "sse"])
def test_compressed_answers_by_curl(
    running: Callable[..., Server], tool: Callable[[str], str], room: str, transport: str
) -> None:
    url = f"{running(transport, '--compression').url}/rooms/{room}"
    words = "words " * 100
    output(tool("curl"), f"{url}/messages", "--json", json.dumps({"id": "a", "sender": "Ada", "text": words}))
    head = ("--compressed", "--no-buffer", "--include")
    with curl(tool("curl"), *head, f"{url}/{'events' if transport == 'sse' else 'messages'}") as answer:
        assert "Content-Encoding: gzip" in iter(lambda: answer.stdout.readline().strip(), "")
        while words not in answer.stdout.readline():
            pass
        answer.terminate()


def test_compressed_frames_by_websockets(running: Callable[..., Server], room: str) -> None:
    url = f"{running('websocket', '--compression').url.replace('http', 'ws')}/rooms/{room}/socket"
    with connect(url, proxy=None) as socket:
        assert socket.protocol.extensions, "it offers compression unless told otherwise"
        assert json.loads(socket.recv(PATIENCE))["type"] == "ready"
        for number in range(1, 4):
            socket.send(
                json.dumps({"type": "send", "id": str(number), "sender": "Ada", "text": "words " * 100 * number})
            )
            frames = {frame["type"]: frame for frame in (json.loads(socket.recv(PATIENCE)) for _ in range(2))}
            assert frames["ack"]["seq"] == frames["message"]["seq"] == number
            assert frames["message"]["text"] == "words " * 100 * number
        assert socket.ping().wait(PATIENCE)


def test_websocket_by_websockets(running: Callable[..., Server], room: str) -> None:
    url = f"{running('websocket').url.replace('http', 'ws')}/rooms/{room}/socket"
    with connect(url, proxy=None) as socket:
        assert json.loads(socket.recv(PATIENCE))["type"] == "ready"
        socket.send('{"type": "send", "id": "k3f9", "sender": "Ada", "text": "hello"}')
        frames = {frame["type"]: frame for frame in (json.loads(socket.recv(PATIENCE)) for _ in range(2))}
    assert frames["ack"]["seq"] == frames["message"]["seq"] == 1
    assert frames["message"]["text"] == "hello"
