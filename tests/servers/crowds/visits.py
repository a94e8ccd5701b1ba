"""Whoever comes and goes: each visit is one connection, from its first byte to its end, however rude that is."""

import http.client
import json
import random
import secrets
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress

from tests.servers.conformance.wire import close, text
from tests.servers.contract.clients import HANDSHAKE

PATIENCE = 5.0  # seconds for an answer
LONGEST = 3.0  # seconds that somebody stays
ROOMS = 4  # so few that each has as many messages as it keeps before memory is compared
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing throws away what is queued, and resets

Address = tuple[str, int]
Visit = Callable[[socket.socket], None]


def ask(sock: socket.socket, method: str, path: str, body: bytes = b"", **fields: str) -> None:
    fields = {"Host": "localhost", "Content-Length": str(len(body))} | fields
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    sock.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def place(transport: str, noun: str) -> str:
    return f"/{transport}/rooms/churn-{random.randrange(ROOMS)}/{noun}"


def listen(sock: socket.socket, seconds: float) -> None:
    """Read what comes for so long, at most."""
    over = time.monotonic() + seconds
    with suppress(TimeoutError):
        while (left := over - time.monotonic()) > 0:
            sock.settimeout(left)
            if not sock.recv(65536):
                break


def draft() -> dict[str, str]:
    return {"id": secrets.token_hex(8), "sender": "churn", "text": "x" * random.randrange(1, 400)}


def stay() -> float:
    return random.uniform(0.05, LONGEST)


def send(sock: socket.socket) -> None:
    transport = random.choice(["short-polling", "long-polling", "sse"])
    fields = {"Content-Type": "application/json"}
    ask(sock, "POST", place(transport, "messages"), json.dumps(draft()).encode(), **fields)
    assert sock.recv(65536).startswith(b"HTTP/1.1 201 ")


def poll(sock: socket.socket) -> None:
    for _ in range(random.randrange(1, 4)):
        ask(sock, "GET", place("short-polling", "messages"))
        answer = http.client.HTTPResponse(sock)
        answer.begin()
        assert answer.status in (200, 410), "after a while the room has forgotten its beginning, and says so"
        answer.read()


def hold(sock: socket.socket) -> None:
    ask(sock, "GET", f"/long-polling/rooms/quiet-{random.randrange(ROOMS)}/messages")  # nobody speaks there
    listen(sock, stay())


def stream(sock: socket.socket) -> None:
    ask(sock, "GET", place("sse", "events"))
    listen(sock, stay())


def shake_hands(sock: socket.socket) -> None:
    ask(sock, "GET", place("websocket", "socket"), **HANDSHAKE)
    assert sock.recv(65536).startswith(b"HTTP/1.1 101 ")


def talk(sock: socket.socket) -> None:
    shake_hands(sock)
    sock.sendall(text(json.dumps({"type": "send", **draft()}).encode()))
    listen(sock, stay())


def part(sock: socket.socket) -> None:
    """A closing handshake to its end."""
    shake_hands(sock)
    sock.sendall(close(1000))
    listen(sock, PATIENCE)


def half_head(sock: socket.socket) -> None:
    sock.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Half:")
    listen(sock, stay())


def half_body(sock: socket.socket) -> None:
    ask(sock, "POST", place("sse", "messages"), **{"Content-Type": "application/json", "Content-Length": "100"})
    listen(sock, stay())


def silent(sock: socket.socket) -> None:
    listen(sock, stay())


def close_well(sock: socket.socket) -> None:
    """As the context manager does."""


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def half_close(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        listen(sock, stay())


VISITS: tuple[Visit, ...] = (send, poll, hold, stream, talk, part, half_head, half_body, silent)
ENDS: tuple[Visit, ...] = (close_well, reset, half_close)


def visit(address: Address, doing: Visit, ending: Visit) -> None:
    """Come, do it, and go. Raises AssertionError where the server did not answer as it should."""
    with socket.create_connection(address, PATIENCE) as sock, suppress(ConnectionError):
        doing(sock)
        ending(sock)
