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
    """A port that leads to another, for as long as nobody cuts it.

    `opened` are the moments of its connections, `refused` of those since it was cut or began to flap. `asked` is what
    somebody sent through it last.
    """

    def __init__(self, to: int, story: Story, name: str = "line") -> None:
        self.to, self.story, self.name, self.closed = to, story, name, False
        self.last, self.flaps, self.asked, self.cuts = b"", False, b"", 0
        self.up, self.lock = threading.Event(), threading.Lock()
        self.another = threading.Condition(self.lock)
        self.up.set()
        self.opened, self.refused, self.pairs = list[float](), list[float](), set[socket.socket]()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        while not self.closed:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                up, cuts, now = self.up.is_set(), self.cuts, time.monotonic()
                self.opened.append(now)
                if not up or self.flaps:
                    self.refused.append(now)
                    self.another.notify_all()
            self.story.tell(self.name, "a connection is opened" if up else "a connection is refused")
            if not up or not self.joined(client, cuts):
                client.close()

    def joined(self, client: socket.socket, cuts: int) -> bool:
        """Whether one that came after so many cuts could be led on."""
        try:
            server = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            return False
        with self.lock:
            if self.cuts > cuts:  # it was cut meanwhile, and may be open again
                server.close()
                return False
            self.pairs |= {client, server}
        for ends in ((client, server, False), (server, client, True)):
            threading.Thread(target=self.carry, args=ends, daemon=True).start()
        return True

    def carry(self, one: socket.socket, other: socket.socket, answers: bool) -> None:
        told = b""
        with contextlib.suppress(OSError):
            while piece := one.recv(PIECE):
                if answers:
                    told += piece
                else:
                    self.asked = piece
                if (last := self.last) and last in told:
                    surplus = len(told) - told.index(last) - len(last)
                    other.sendall(piece[: len(piece) - surplus])
                    if not self.flaps:
                        self.cut(last)
                    break
                other.sendall(piece)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self, at: bytes = b"") -> None:
        """End all connections, and refuse new ones. With a text that has come, only if that is still where to cut."""
        with self.lock:
            if at and at != self.last:
                return
            self.story.tell(self.name, "is cut")
            self.up.clear()
            self.cuts += 1
            self.refused, self.last, self.flaps = [], b"", False
            pairs, self.pairs = self.pairs, set()
        for end in pairs:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
                end.close()

    def cut_at(self, text: bytes) -> None:
        """Cut it in the middle of an answer: right behind this text, which was not said before. Nothing: do not."""
        self.last = text

    def flap(self, text: bytes) -> None:
        """End all connections. Take new ones, and end each right behind this text in an answer."""
        self.cut()
        with self.lock:
            self.last, self.flaps = text, True
            self.up.set()

    def tried(self, times: int, within: float) -> bool:
        """Whether so many connections have been refused since it was cut: known as soon as they have."""
        with self.another:
            return self.another.wait_for(lambda: len(self.refused) >= times, within)

    def mend(self) -> None:
        self.story.tell(self.name, "is mended")
        with self.lock:
            self.refused, self.last, self.flaps = [], b"", False
            self.up.set()

    def close(self) -> None:
        self.closed = True
        self.cut()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # which wakes the thread that accepts
        self.listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
