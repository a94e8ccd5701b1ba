"""A server that asks for tokens, and is seen to be as it was when all was tried on it."""

from collections.abc import Callable, Iterator

import psutil
import pytest

from tests.processes import Server, until
from tests.servers.bad_inputs.asking import DRAFT, READ_TIME, SENDING, bearer

LIMIT = 20  # MiB that a server may keep of what it was sent, in its allocator


class Footprint:
    """What a server holds: files, threads, memory, requests and connections."""

    def __init__(self, server: Server) -> None:
        self.server = server
        parent = psutil.Process(server.process.pid)
        self.process = (parent.children() or [parent])[0]
        self.files, self.threads = self.process.num_fds(), self.process.num_threads()
        self.memory = self.process.memory_info().rss

    def is_left(self) -> bool:
        """Whether nothing is held any more that was not held then. The question itself is one request."""
        held = self.server.metric("polls_apart_in_flight"), self.server.metric("polls_apart_connections")
        return (
            held == (1, 0)
            and self.process.num_fds() <= self.files
            and self.process.num_threads() <= self.threads
            and self.process.memory_info().rss < self.memory + LIMIT * 2**20
        )


@pytest.fixture(scope="module")
def server(engine: str, serving: Callable[..., Server]) -> Iterator[Server]:
    """A server that asks for tokens. In the end it must be as it was, and have lost nothing that it acknowledged."""
    options = ("--read-time", READ_TIME, "--auth-time", READ_TIME, "--hold", 0.2, "--heartbeat", 1)
    server = serving(engine, "--auth", "token", "--send-rate", 1000, *options)
    headers = bearer(server)
    for transport in SENDING:  # whatever is made lazily is made before it is counted
        server.request("POST", f"/{transport}/rooms/kept/messages", DRAFT | {"id": transport}, headers)
    until(lambda: server.metric("polls_apart_in_flight") == 1)
    footprint = Footprint(server)
    yield server
    assert server.request("GET", "/health").status == 200
    until(footprint.is_left)
    kept = server.request("GET", "/short-polling/rooms/kept/messages", headers=headers).json["messages"]
    assert [message["id"] for message in kept] == list(SENDING)
    assert "Traceback" not in server.stderr
    assert b'status="5' not in server.request("GET", "/metrics").body
