"""A link as its users start it: a process of its own, with a server behind it that the test itself is."""

import json
import signal
import socket
import subprocess
import sys
from typing import Any

import msgspec

from loadtests.records import LinkReport
from tests.processes import PATIENCE


class Link:
    """`python -m loadtests.link` before a listening socket; as a context manager it is not left running."""

    def __init__(self, *options: object, **process: Any) -> None:
        self.server = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.server.settimeout(PATIENCE)
        url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        command = [sys.executable, "-m", "loadtests.link", url, *map(str, options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **process)
        first = self.process.stdout.readline()
        assert first.startswith("listening on http://127.0.0.1:"), first
        self.port = int(first.rpartition(":")[2])

    def open(self) -> tuple[socket.socket, socket.socket]:
        """A connection through the link: the client's end and the server's."""
        client = self.connect()
        return client, self.accept()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def accept(self) -> socket.socket:
        sock, _ = self.server.accept()
        sock.settimeout(PATIENCE)
        return sock

    def begin_window(self) -> None:
        self.process.send_signal(signal.SIGUSR1)

    def end(self) -> LinkReport:
        """Ask it to end, and what it says."""
        self.process.terminate()
        return self.report()

    def report(self) -> LinkReport:
        """What it says when it has ended."""
        said, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0
        return msgspec.json.decode(said, type=LinkReport)

    def __enter__(self) -> "Link":
        return self

    def __exit__(self, *failure: object) -> None:
        self.server.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class ObedientLink(Link):
    """One that takes orders."""

    def __init__(self, *options: object) -> None:
        super().__init__("--orders", *options, stdin=subprocess.PIPE, stderr=subprocess.PIPE)

    def order(self, **order: object) -> None:
        """Give an order, and return when it has taken effect."""
        self.process.stdin.write(json.dumps(order) + "\n")
        assert "'and then?' is no order" in self.refusal("and then?")

    def refusal(self, line: str) -> str:
        """What it says of a line that is no order; those before it have been followed by then."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stderr.readline()


def receive(sock: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes, or fewer at the end."""
    data = b""
    while len(data) < size and (piece := sock.recv(size - len(data))):
        data += piece
    return data


def receive_all(sock: socket.socket) -> bytes:
    """All to the end."""
    return b"".join(iter(lambda: sock.recv(65536), b""))
