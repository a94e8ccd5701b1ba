"""Clients that do harm by doing nothing: so many of them, for as long as stdin is open. Who is put out comes back.

    python -m tests.servers.crowds.intruders 5005 half-heads 1000 lobby

Half of a request's head is said by `half-heads`, nothing by those who are `silent`. All others, `websocket`, `sse` and
`long-polling`, stall: a whole request, and nothing of the answer is read.
"""

import os
import select
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

from tests.processes import Server
from tests.servers.crowds.manners import MANNERS

PATIENT = 19  # niceness: whatever they do, those who are measured come first
SMALL = 4096  # bytes of a receive buffer that is soon full
STAY = 12.0  # seconds, after which one goes and another comes: who reads nothing does not see that it was put out
SPAN = 0.001  # seconds between two who come
HALF = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Half:"


def saying(kind: str, room: str) -> bytes:
    """What one of this kind says before it falls silent."""
    stalling = {manner.name: manner().opening(room) for manner in MANNERS}
    return {"half-heads": HALF, "silent": b"", **stalling}[kind]


class Intruders:
    """All of a kind. Who has been put out is known by the hang-up: nobody reads."""

    def __init__(self, port: int, kind: str, count: int, room: str) -> None:
        self.port, self.saying = port, saying(kind, room)
        self.missing = count
        self.poll = select.epoll()
        self.inside: dict[int, tuple[float, socket.socket]] = {}  # since when, the oldest first

    def come(self) -> None:
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        sock.connect(("127.0.0.1", self.port))
        sock.sendall(self.saying)
        self.inside[sock.fileno()] = time.monotonic(), sock
        self.poll.register(sock, select.EPOLLRDHUP)
        self.missing -= 1

    def go(self, number: int) -> None:
        self.poll.unregister(number)
        self.inside.pop(number)[1].close()
        self.missing += 1

    def turn(self) -> None:
        for number, _ in self.poll.poll(SPAN):
            self.go(number)
        if self.inside:
            number, (since, _) = next(iter(self.inside.items()))
            if time.monotonic() > since + STAY:
                self.go(number)
        if self.missing:
            self.come()


def main(port: str, kind: str, count: str, room: str) -> None:
    os.nice(PATIENT)
    intruders = Intruders(int(port), kind, int(count), room)
    while intruders.missing:
        intruders.turn()
    print("all are in", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        intruders.turn()


class Intrusion:
    """The processes, which end with the context; it begins when all are in. Of `kinds`, how many of each."""

    def __init__(self, server: Server, room: str, kinds: dict[str, int]) -> None:
        self.stack = ExitStack()
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.servers.crowds.intruders", str(server.port), kind, str(count), room],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for kind, count in kinds.items()
        ]  # fmt: skip

    def __enter__(self) -> "Intrusion":
        for process in self.processes:
            assert process.stdout
            assert process.stdout.readline() == "all are in\n"
        return self

    def __exit__(self, *failure: object) -> None:
        for process in self.processes:
            process.communicate()
            assert process.returncode == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
