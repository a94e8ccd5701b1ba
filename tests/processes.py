"""Real servers for the tests: `python -m servers`, started as a user starts it, on a port that was free."""

import http.client
import json
import os
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
UNASKED = range(20_000, 32_000)  # ports below those that Linux, macOS and Windows give out to whoever asks for any
PATIENCE = 30  # seconds for anything that should come at once, on a machine that others load too


@dataclass(frozen=True)
class Response:
    """An HTTP answer, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Site:
    """What answers HTTP at `url`; by TLS, which `tls` says whom to trust in."""

    url: str
    tls: ssl.SSLContext | None = None

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname, parts.port

    def connect(self) -> http.client.HTTPConnection:
        if self.tls:
            return http.client.HTTPSConnection(*self.address, timeout=PATIENCE, context=self.tls)
        return http.client.HTTPConnection(*self.address, timeout=PATIENCE)

    def request(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Response:
        """One request on a connection of its own. A body that is neither bytes nor an iterator is sent as JSON."""
        headers = dict(headers or {})
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            headers = {"Content-Type": "application/json"} | headers
        connection = self.connect()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def metric(self, sample: str) -> float:
        """The value of one sample of GET /metrics; 0 where it is not there yet."""
        lines = self.request("GET", "/metrics").body.decode().splitlines()
        values = [line.rpartition(" ")[2] for line in lines if line.rpartition(" ")[0] == sample]
        return float(values[0]) if values else 0.0


class Server(Site):
    """A running server, in a session of its own.

    As a context manager it is told to drain at the end, and must have answered nothing with a 5xx, have no error on
    stderr and exit with 0.
    """

    def __init__(self, *arguments: object, command: tuple[str, ...] = ("-m", "servers"), port: int = 0) -> None:
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed with the server
        self.process = subprocess.Popen(
            [sys.executable, *command, *map(str, arguments), "--port", str(port)],
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        self.first_line = self.process.stdout.readline()
        assert self.first_line, f"the server did not start: {self.stderr}"
        self.url = self.first_line.split()[-1]
        self.host, self.port = self.address

    @property
    def stderr(self) -> str:
        self.errors.seek(0)
        return self.errors.read()

    def terminate(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        """SIGKILL to every process of the server; returns when none is left."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.stdout.read()  # ends when the last of them is gone
        self.process.wait(PATIENCE)

    def close(self) -> None:
        """Drain, unless it has ended. Raises AssertionError where it had failed in any way."""
        try:
            if self.process.poll() is None:
                metrics = self.request("GET", "/metrics").body.decode()
                faults = re.findall(r'^polls_apart_requests_total{.*status="5.*', metrics, re.MULTILINE)
                assert not faults, faults
                assert self.terminate() == 0
            assert not re.search(r"Traceback|Warning:|\[ERROR\]|\[CRITICAL\]", self.stderr), self.stderr
        finally:
            if self.process.poll() is None:
                self.kill()
            self.process.stdout.close()
            self.errors.close()

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


def lasting_port() -> int:
    """A port for a server that goes and comes back: meanwhile nobody gets it by chance."""
    for port in random.sample(UNASKED, 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError(f"none of 100 ports from {UNASKED[0]} to {UNASKED[-1]} is free")


def until(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Return as soon as `condition` holds, for what cannot be waited for but must be asked."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)
