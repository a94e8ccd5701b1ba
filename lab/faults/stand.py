"""The processes of a part: its server with all its workers, and its Redis; killed by their pids, and started again."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from lab.children import START_TIME, RunFailed, address_of, last_words, own_group, stop
from lab.faults.plan import Part

REDIS = "redis-server"
LASTING = ("--appendonly", "yes", "--appendfsync", "always")
LOOK = 0.02  # seconds between two looks whether something is there
HOLD, HEARTBEAT = "2", "3"  # seconds: short, so that patience runs out soon (a third of the heartbeat, or 1 s)


class Stand:
    """What a part runs on. `data` is a folder for its store, whose path is short; `logs` one for what they say."""

    def __init__(self, part: Part, data: Path, logs: Path) -> None:
        self.part, self.data, self.logs = part, data, logs
        self.server: subprocess.Popen[bytes] | None = None
        self.redis: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.over = False
        self.turn = threading.RLock()  # one thing at a time; once it is over, nothing is started any more

    def start(self) -> None:
        if self.part.on_redis:
            self.start_redis()
        self.start_server()

    def start_server(self) -> None:
        """Start it on a free port; returns when it serves. RunFailed when it does not."""
        with self.turn:
            self.check()
            self.launch_server()
        self.serves()

    def check(self) -> None:
        if self.over:
            raise RunFailed("it is over")

    def launch_server(self) -> None:
        options = ["--workers", str(self.part.workers), "--keep", str(self.part.keep), "--store", self.store()]
        options += ["--hold", HOLD, "--heartbeat", HEARTBEAT]
        with (self.logs / "server.log").open("ab") as errors:
            self.server = subprocess.Popen(
                [sys.executable, "-m", *self.part.command, "all", "--port", "0", *options],
                stdout=subprocess.PIPE, stderr=errors, stdin=subprocess.DEVNULL, **own_group(),
            )  # fmt: skip
        self.url = address_of(self.server, "server", self.logs / "server.log")

    def serves(self) -> None:
        """Return as soon as the server answers. RunFailed when it does not in time."""
        deadline = time.monotonic() + START_TIME
        while time.monotonic() < deadline and not self.over:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=START_TIME):
                return
            time.sleep(LOOK)
        raise RunFailed(f"the server did not come back: {last_words(self.logs / 'server.log')}")

    def store(self) -> str:
        if self.part.on_redis:
            return f"unix://{self.data / 'redis.sock'}"
        return "memory" if self.part.store == "memory" else f"sqlite:{self.data / 'chat.sqlite'}"

    def start_redis(self) -> None:
        """Start it on what its folder holds; returns when it serves. RunFailed when it does not."""
        with self.turn:
            self.check()
            self.launch_redis(self.data / "redis.sock")

    def launch_redis(self, where: Path) -> None:
        where.unlink(missing_ok=True)
        config = LASTING if self.part.store == "lasting-redis" else ("--appendonly", "no")
        with (self.logs / "redis.log").open("ab") as log:
            self.redis = subprocess.Popen(
                [redis_program() or REDIS, "--port", "0", "--unixsocket", str(where), "--dir", str(self.data),
                 "--save", "", "--daemonize", "no", *config],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, **own_group(),
            )  # fmt: skip
        deadline = time.monotonic() + START_TIME
        while not pings(where):
            if self.redis.poll() is not None or time.monotonic() > deadline:
                raise RunFailed(f"Redis did not come back: {last_words(self.logs / 'redis.log')}")
            time.sleep(LOOK)

    def kill_server(self) -> None:
        """SIGKILL to every process of it."""
        assert self.server is not None and self.server.stdout is not None
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.stdout.read()  # ends when the last of them is gone
        self.server.wait()
        self.server.stdout.close()

    def kill_worker(self, which: int) -> None:
        """SIGKILL to one of its workers, in whose place it puts another."""
        import psutil

        assert self.server is not None
        if workers := sorted(psutil.Process(self.server.pid).children(), key=lambda worker: worker.pid):
            worker = workers[which % len(workers)]
            worker.kill()
            with contextlib.suppress(psutil.TimeoutExpired):
                worker.wait(START_TIME)

    def kill_redis(self) -> None:
        assert self.redis is not None
        self.redis.kill()
        self.redis.wait()

    def stop(self) -> None:
        """End everything: the server drains, Redis has nothing more to do."""
        self.over = True
        with self.turn:
            if self.server:
                stop(self.server)
            if self.redis and self.redis.poll() is None:
                self.kill_redis()


def redis_program() -> str | None:
    """Where Redis is, if it is here."""
    return shutil.which(REDIS)


def pings(where: Path) -> bool:
    """Whether Redis answers at this socket."""
    with socket.socket(socket.AF_UNIX) as sock, contextlib.suppress(OSError):
        sock.settimeout(1)
        sock.connect(str(where))
        sock.sendall(b"PING\r\n")
        return sock.recv(64).startswith(b"+PONG")
    return False
