"""Server CPU per delivery to many who listen to one room: ours against others. What it takes to publish is taken off.

All sides are connected all the time and take turns, block by block, so that a machine that slows down slows all of
them. A message goes to all before the next one is sent, so none can save by sending several at once.
"""

import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from subprocess import DEVNULL, PIPE

import psutil

from loadtests.processes import raise_descriptor_limit

HERE = Path(__file__).parent
BLOCKS = 8
DELIVERIES = 4000  # in a block, about
TEXT = "x" * 80  # some 160 bytes with the rest of a message
NEVER = "86400"  # seconds between heartbeats: those who listen here do not even answer a ping
PATIENCE = 20  # seconds for a message to have come to all
UPGRADE = (
    "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


class Listeners:
    """Connections that only listen."""

    def __init__(self, port: int, request: str, count: int) -> None:
        self.poll = select.epoll()
        self.sockets: dict[int, socket.socket] = {}
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.sendall(request.encode())
            self.sockets[connection.fileno()] = connection
            self.poll.register(connection, select.EPOLLIN)

    def hear(self, mark: bytes) -> None:
        """Return when the mark has come to all."""
        waiting, deadline = set(self.sockets), time.monotonic() + PATIENCE
        while waiting:
            assert time.monotonic() < deadline, f"{mark!r} did not come to {len(waiting)} of {len(self.sockets)}"
            for number, _ in self.poll.poll(1):
                if mark in self.sockets[number].recv(65536):
                    waiting.discard(number)

    def close(self) -> None:
        self.poll.close()
        for connection in self.sockets.values():
            connection.close()


class Side:
    """A server, on a CPU of its own where there are two: WebSocket, and who listens sends."""

    opening, answer = UPGRADE, b"HTTP/1.1 101"

    def __init__(self, path: str, *command: str) -> None:
        self.path = path
        self.process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True)
        self.port = int(re.findall(r"\d+", self.process.stdout.readline())[-1])
        self.worker = self.process.pid

    def join(self, room: str, count: int) -> Listeners:
        listeners = Listeners(self.port, self.opening.format(self.path.format(room)), count)
        self.admit(count)
        listeners.hear(self.answer)
        self.worker = [self.process, *psutil.Process(self.process.pid).children()][-1].pid  # gunicorn's, where it runs
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(self.worker, {min(os.sched_getaffinity(0))})
        return listeners

    def admit(self, count: int) -> None:
        """What has to be done for those at the door to be let in."""

    def publish(self, room: str, listeners: Listeners, draft: dict[str, str]) -> None:
        data = json.dumps({"type": "send", **draft}).encode()
        frame = b"\x81\xfe" + len(data).to_bytes(2, "big") + bytes(4) + data
        next(iter(listeners.sockets.values())).sendall(frame)

    def block(self, room: str, listeners: Listeners, messages: int, name: str) -> float:
        """Some messages to all in a room; the CPU in microseconds."""
        before = self.cpu_ns()
        for number in range(messages):
            mark = f"<{name}-{number}>"
            self.publish(room, listeners, {"id": mark, "sender": "bench", "text": mark + TEXT})
            listeners.hear(mark.encode() + b"x")
        return (self.cpu_ns() - before) / 1000

    def cpu_ns(self) -> int:
        return time.clock_gettime_ns((~self.worker << 3) | 2)

    def close(self) -> None:
        """Kill it: not every side can end well."""
        for process in [*psutil.Process(self.process.pid).children(), self.process]:
            process.kill()
        self.process.communicate()


class Stream(Side):
    """SSE, and who sends does so over HTTP."""

    opening, answer = "GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", b"retry:"

    def publish(self, room: str, listeners: Listeners, draft: dict[str, str]) -> None:
        http = HTTPConnection("127.0.0.1", self.port)
        http.request("POST", f"/rooms/{room}/messages", json.dumps(draft), {"Content-Type": "application/json"})
        http.getresponse().read()
        http.close()


class Floor(Side):
    """The loop of send(). It knows no rooms: the last to be let in are all."""

    def admit(self, count: int) -> None:
        self.tell(f"accept {count}")

    def block(self, room: str, listeners: Listeners, messages: int, name: str) -> float:
        return super().block(room, listeners, messages, name) if len(listeners.sockets) > 1 else 0.0

    def publish(self, room: str, listeners: Listeners, draft: dict[str, str]) -> None:
        self.tell("say " + json.dumps({"type": "message", "seq": 1, **draft, "at": "2026-01-31T12:00:00.000Z"}))

    def tell(self, words: str) -> None:
        print(words, file=self.process.stdin, flush=True)
        self.process.stdout.readline()


@contextmanager
def sides() -> Iterator[dict[str, Side]]:
    """Every server, running."""
    python, room = sys.executable, "/rooms/{}/socket"
    ours = [python, "-m", "servers", "--port", "0", "--heartbeat", NEVER]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running: dict[str, Side] = {
            "WebSocket": Side(room, *ours, "websocket"),
            "SSE": Stream("/rooms/{}/events", *ours, "sse"),
            "the naive loop": Side(room, python, "-m", "tests.fanout_bench.rivals", "naive"),
            "websockets.broadcast": Side(room, python, "-m", "tests.fanout_bench.rivals", "broadcast"),
        }
        for side in running.values():
            stack.callback(side.close)
        if compiler := shutil.which("cc"):
            subprocess.run([compiler, "-O2", "-o", f"{folder}/floor", HERE / "floor.c"], check=True)
            running["send() in C"] = Floor(room, f"{folder}/floor")
            stack.callback(running["send() in C"].close)
        yield running


def measure(running: dict[str, Side], count: int) -> dict[str, list[float]]:
    """CPU per delivery to `count` who listen, in microseconds, for each block of each side."""
    raise_descriptor_limit((count + 50) * len(running))
    messages = max(2, DELIVERIES // count)
    costs: dict[str, list[float]] = {name: [] for name in running}
    with ExitStack() as stack:
        rooms: dict[str, list[tuple[str, Listeners]]] = {}
        for name, side in running.items():
            rooms[name] = [(f"{size}-of-{count}", side.join(f"{size}-of-{count}", size)) for size in (1, count)]
            for _, listeners in rooms[name]:
                stack.callback(listeners.close)
        time.sleep(1)  # for all who were answered to be in their room
        names = list(running)
        for block in range(BLOCKS + 1):
            for name in names[block % len(names) :] + names[: block % len(names)]:
                one, many = (running[name].block(*room, messages, f"{block}-{count}") for room in rooms[name])
                if block:  # the first warms up
                    costs[name].append((many - one) / messages / (count - 1))
    return costs
