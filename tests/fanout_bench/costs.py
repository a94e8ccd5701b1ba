"""Server CPU per delivery to many who listen to one room: ours against others. What it takes to publish is taken off.

All sides are connected all the time and take turns, block by block, so that a machine that slows down slows all of
them. A message goes to all before the next one is sent, so none can save by sending several at once.
"""

import json
import multiprocessing
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
from multiprocessing.connection import Connection
from pathlib import Path
from subprocess import DEVNULL, PIPE

import psutil

from loadtests.processes import raise_descriptor_limit

FORK = multiprocessing.get_context("fork")
HERE = Path(__file__).parent
BLOCKS = 8
DELIVERIES = 4000  # in a block, about
TEXT = "x" * 80  # some 160 bytes with the rest of a message
NEVER = "86400"  # seconds between heartbeats: those who listen here do not even answer a ping
CPUS = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
NODE = os.environ | {"NODE_PATH": "/usr/share/nodejs"}  # where Debian's node-ws is, for a Node from elsewhere
PAUSE = 0.003  # seconds without work, after which a server has done it
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
        """Return when the mark has come to all. Never asleep: on loopback who sends pays for waking who hears."""
        waiting, deadline = set(self.sockets), time.monotonic() + PATIENCE
        while waiting:
            assert time.monotonic() < deadline, f"{mark!r} did not come to {len(waiting)} of {len(self.sockets)}"
            for number, _ in self.poll.poll(0):
                if mark in self.sockets[number].recv(65536):
                    waiting.discard(number)

    def close(self) -> None:
        self.poll.close()
        for connection in self.sockets.values():
            connection.close()


class Side:
    """A server, on a CPU of its own where there are two: WebSocket, and who listens sends."""

    opening, answer = UPGRADE, b"HTTP/1.1 101"

    def __init__(self, path: str, *command: str, env: dict[str, str] | None = None) -> None:
        self.path = path
        self.process = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True, env=env)
        self.port = int(re.findall(r"\d+", self.process.stdout.readline())[-1])
        self.worker = self.process.pid

    def join(self, room: str, count: int) -> Listeners:
        self.admit(count)
        listeners = Listeners(self.port, self.opening.format(self.path.format(room)), count)
        listeners.hear(self.answer)
        self.find_worker()
        return listeners

    def find_worker(self) -> None:
        """gunicorn's, where it runs; and a CPU of its own for it."""
        self.worker = [self.process, *psutil.Process(self.process.pid).children()][-1].pid
        if CPUS:
            os.sched_setaffinity(self.worker, {min(CPUS)})

    def admit(self, count: int) -> None:
        """What has to be done for those who come to be let in."""

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
            self.rest()
            listeners.hear(mark.encode() + b"x")
        return (self.cpu_ns() - before) / 1000

    def rest(self) -> None:
        """Return when it has done what there was to do: it has used no CPU for a while."""
        before, now = -1, self.cpu_ns()
        while now != before:
            time.sleep(PAUSE)
            before, now = now, self.cpu_ns()

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
        print(f"accept {count}", file=self.process.stdin, flush=True)

    def block(self, room: str, listeners: Listeners, messages: int, name: str) -> float:
        return super().block(room, listeners, messages, name) if len(listeners.sockets) > 1 else 0.0

    def publish(self, room: str, listeners: Listeners, draft: dict[str, str]) -> None:
        message = {"type": "message", "seq": 1, **draft, "at": "2026-01-31T12:00:00.000Z"}
        print("say " + json.dumps(message), file=self.process.stdin, flush=True)


def node_with_ws() -> str | None:
    """Node, where there is one that finds `ws`."""
    node = shutil.which("node")
    if node and subprocess.run([node, "-e", "require('ws')"], env=NODE, stderr=DEVNULL).returncode == 0:
        return node
    return None


@contextmanager
def sides() -> Iterator[dict[str, Side]]:
    """Every server, running."""
    python, room = sys.executable, "/rooms/{}/socket"
    ours = [python, "-m", "servers", "--port", "0", "--heartbeat", NEVER]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running: dict[str, Side] = {}

        def run(name: str, side: Side) -> None:
            running[name] = side
            stack.callback(side.close)

        run("the naive loop", Side(room, python, "-m", "tests.fanout_bench.rivals", "naive"))
        run("websockets.broadcast", Side(room, python, "-m", "tests.fanout_bench.rivals", "broadcast"))
        if node := node_with_ws():
            run("ws on Node", Side(room, node, str(HERE / "node.js"), env=NODE))
        if compiler := shutil.which("cc"):
            subprocess.run([compiler, "-O2", "-o", f"{folder}/floor", HERE / "floor.c"], check=True)
            run("send() in C", Floor(room, f"{folder}/floor"))
        # Ours come last: nothing is said while others join, and after ten seconds the kernel asks for all at once.
        run("SSE", Stream("/rooms/{}/events", *ours, "sse"))
        run("WebSocket", Side(room, *ours, "websocket"))
        yield running


class Audience:
    """Who listens to a side, in a process of its own: one alone may not open as many files as all need."""

    def __init__(self, side: Side, count: int) -> None:
        self.pipe, end = FORK.Pipe()
        self.process = FORK.Process(target=attend, args=(side, count, end), daemon=True)
        self.process.start()
        end.close()
        self.answer()

    def ask(self, block: int) -> float:
        """CPU per delivery, in microseconds, of a block of messages."""
        self.pipe.send(block)
        return self.answer()

    def answer(self) -> float:
        assert self.pipe.poll(PATIENCE * 10), "nothing was heard of the audience"
        return float(self.pipe.recv())

    def close(self) -> None:
        self.process.terminate()
        self.process.join()


def attend(side: Side, count: int, pipe: Connection) -> None:
    """Listen, alone in one room and as `count` in another, and answer with what each block has cost."""
    raise_descriptor_limit(count + 50)
    if CPUS:
        os.sched_setaffinity(0, {max(CPUS)})
    rooms = [(f"{size}-of-{count}", side.join(f"{size}-of-{count}", size)) for size in (1, count)]
    messages = max(2, DELIVERIES // count)
    time.sleep(1)  # for all who were answered to be in their room
    pipe.send(0)
    while True:
        block = pipe.recv()
        one, many = (side.block(*room, messages, f"{block}-{count}") for room in rooms)
        pipe.send((many - one) / messages / (count - 1))


def measure(running: dict[str, Side], count: int, blocks: int = BLOCKS) -> dict[str, list[float]]:
    """CPU per delivery to `count` who listen, in microseconds, for each block of each side."""
    costs: dict[str, list[float]] = {name: [] for name in running}
    with ExitStack() as stack:
        audiences = {}
        for name, side in running.items():
            audiences[name] = Audience(side, count)
            stack.callback(audiences[name].close)
        names = list(running)
        for block in range(blocks + 1):
            for name in names[block % len(names) :] + names[: block % len(names)]:
                cost = audiences[name].ask(block)
                if block:  # the first warms up
                    costs[name].append(cost)
    return costs
