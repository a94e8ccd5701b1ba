"""A real redis-server for the tests, which it can kill and start again on what is left in its folder."""

import random
import socket
import subprocess
from pathlib import Path

import redis

from tests.processes import PATIENCE, until

PORTS = range(20_000, 32_000)  # below those that connections going out take for themselves
VOLATILE = ("--save", "", "--appendonly", "no")
LASTING = ("--save", "", "--appendonly", "yes", "--appendfsync", "always")
HASTY = ("--save", "", "--appendonly", "yes", "--appendfsync", "everysec")


class RedisServer:
    """Redis on a free port of 127.0.0.1, with its files in `folder`."""

    def __init__(self, program: str, folder: Path, *config: str) -> None:
        self.program, self.folder, self.config = program, folder, config
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def client(self) -> redis.Redis:
        return self.open_client()

    def open_client(self, password: str = "") -> redis.Redis:
        return redis.Redis(port=self.port, password=password or None, socket_timeout=PATIENCE)

    def start(self) -> None:
        """Start it on what its folder holds; returns when it serves."""
        with open(self.folder / "redis.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--daemonize", "no",
                 "--dir", str(self.folder), "--databases", "64", *self.config],
                stdout=log, stderr=log,
            )  # fmt: skip
        try:
            until(self._serves)
        except AssertionError:
            self.kill()
            raise

    def kill(self) -> None:
        """SIGKILL: what it has not given to the system is gone."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def written(self) -> None:
        """Return when the system has all that it acknowledged: while a disk is slow, Redis keeps some to itself."""
        until(lambda: not self.client.info("persistence").get("aof_buffer_length", 0))

    def restart(self) -> None:
        self.kill()
        self.start()

    def copy(self) -> dict[str, bytes]:
        """What its files hold now."""
        files = (path for path in self.folder.rglob("*") if path.is_file() and path.name != "redis.log")
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}

    def restart_from(self, copy: dict[str, bytes]) -> None:
        """Kill it and start it from an older copy of its files: what a power cut leaves, or a lagging replica has."""
        self.kill()
        for name, data in copy.items():
            (self.folder / name).write_bytes(data)
        self.start()

    def _serves(self) -> bool:
        assert self.process.poll() is None, (self.folder / "redis.log").read_text()
        try:
            return bool(self.client.ping())
        except redis.AuthenticationError:
            return True
        except redis.RedisError:
            return False


def free_port() -> int:
    """A port that nobody listens on."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
