"""Who asks for /health again and again: on one connection that stays, and by one new one for each question.

    python -m tests.servers.crowds.prober 5005

A process of its own, so that no crowd makes it slow. For each line on stdin it prints what it saw since the last.
"""

import http.client
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress

import msgspec

from tests.processes import PATIENCE, Server

EVERY = 0.02  # seconds
EAGER = -10  # niceness: before the crowd, where that is allowed
NAMES = ("kept", "new")


class Phase(msgspec.Struct):
    """What /health took, in seconds, the longest and how often it was asked; and how late the asking was at most."""

    kept: float
    new: float
    asked: int
    late: float

    @property
    def worst(self) -> float:
        return max(self.kept, self.new)

    def __str__(self) -> str:
        return (
            f"/health {self.kept * 1000:.0f} ms at most, {self.new * 1000:.0f} ms on new connections "
            f"({self.asked:,} questions, asked up to {self.late * 1000:.0f} ms late)"
        )


class Asker(threading.Thread):
    """Asks, and keeps what it saw: how long each took, and how late it was asked, in seconds."""

    def __init__(self, port: int, keeps: bool) -> None:
        super().__init__(daemon=True)
        self.port, self.keeps = port, keeps
        self.seen: list[tuple[float, float]] = []

    def since(self) -> list[tuple[float, float]]:
        """What it saw since this was last called, and what it is just asking."""
        least = len(self.seen) + 1
        while len(self.seen) < least:
            assert self.is_alive(), "/health did not answer"
            time.sleep(EVERY / 10)
        self.seen, since = [], self.seen
        return since

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        due = time.monotonic()
        while True:
            begun = time.monotonic()
            connection.request("GET", "/health")
            connection.getresponse().read()
            ended = time.monotonic()
            self.seen.append((ended - begun, begun - due))
            if not self.keeps:
                connection.close()
            due = max(due + EVERY, ended)
            time.sleep(max(0.0, due - time.monotonic()))


def main(port: int) -> None:
    with suppress(PermissionError):
        os.nice(EAGER)
    askers = [Asker(port, keeps) for keeps in (True, False)]
    for asker in askers:
        asker.start()
    for _ in sys.stdin:
        seen = [asker.since() for asker in askers]
        kept, new = (max(took for took, _ in since) for since in seen)
        late = max(late for since in seen for _, late in since)
        print(msgspec.json.encode(Phase(kept, new, sum(map(len, seen)), late)).decode(), flush=True)


class Prober:
    """The process, which is ended with the context."""

    def __init__(self, server: Server) -> None:
        command = [sys.executable, "-m", "tests.servers.crowds.prober", str(server.port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def phase(self) -> Phase:
        """What it saw since it was last asked."""
        assert self.process.stdin and self.process.stdout
        print(file=self.process.stdin, flush=True)
        return msgspec.json.decode(self.process.stdout.readline(), type=Phase)

    def __enter__(self) -> "Prober":
        self.phase()
        return self

    def __exit__(self, *failure: object) -> None:
        self.process.kill()
        self.process.communicate()


if __name__ == "__main__":
    main(int(sys.argv[1]))
