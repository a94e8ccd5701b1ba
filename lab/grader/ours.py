"""For programs that are clients: a server of this project's, and a line to it that can be cut."""

import contextlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

from lab.children import RunFailed, address_of, own_group, stop
from lab.grader.exercise import ROOT
from lab.grader.faults import Unsure
from lab.grader.story import Story

PIECE = 65_536


class Ours:
    """A server, as `python -m servers` runs it, on `port`."""

    def __init__(self, *arguments: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="ours-")
        log = Path(self.folder.name) / "log"
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "servers", *arguments, "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE,
                stderr=output, **own_group(),
            )  # fmt: skip
        try:
            self.port = int(address_of(self.process, "server", log).rpartition(":")[2])
        except RunFailed as failure:
            raise Unsure(f"The server that your program is to talk to cannot run here: {failure}.") from None

    def close(self) -> None:
        stop(self.process)
        self.folder.cleanup()


class Line:
    """A port that leads to another, for as long as nobody cuts it. `opened` are the moments of its connections."""

    def __init__(self, to: int, story: Story) -> None:
        self.to, self.story, self.closed = to, story, False
        self.up, self.lock = threading.Event(), threading.Lock()
        self.up.set()
        self.opened, self.pairs = list[float](), set[socket.socket]()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while not self.closed:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.opened.append(time.monotonic())
            self.story.tell("line", "a connection is opened" if self.up.is_set() else "a connection is refused")
            if not self.up.is_set():
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                client.close()
                continue
            with self.lock:
                self.pairs |= {client, server}
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    def carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(PIECE):
                other.sendall(piece)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """End all connections, and refuse new ones."""
        self.story.tell("line", "is cut")
        self.up.clear()
        with self.lock:
            pairs, self.pairs = self.pairs, set()
        for end in pairs:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
                end.close()

    def mend(self) -> None:
        self.story.tell("line", "is mended")
        self.up.set()

    def close(self) -> None:
        self.closed = True
        self.cut()
        self.listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
