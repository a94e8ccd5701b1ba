"""Answers that an engine gives by itself, where a request is too broken, or comes too late, to reach the app."""

import json
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from servers.settings import HEAD

LINGER = 1.0  # seconds for a client to read the refusal: closing on what it still sends would take it away again
FULL = 503, "The server has as many connections as it takes. Come back in a moment."

REFUSED: Counter[int] = Counter()  # by status, since the process began
counting = threading.Lock()


class Refused(Exception):
    """A request that is refused: an HTTP status and a sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def refusal(status: int, detail: str) -> bytes:
    """A problem document (RFC 9457) as a whole answer, after which the connection closes."""
    with counting:
        REFUSED[status] += 1
    title = HTTPStatus(status).phrase
    body = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail}).encode()
    again = "Retry-After: 1\r\n" if status == 503 else ""
    head = f"Content-Type: application/problem+json\r\nContent-Length: {len(body)}\r\n{again}Connection: close\r\n\r\n"
    return f"HTTP/1.1 {status} {title}\r\n{head}".encode() + body


def refuse(sock: Any, status: int, detail: str) -> None:
    """Send a refusal, and read a little longer."""
    deadline = time.monotonic() + LINGER
    with suppress(OSError):
        sock.settimeout(LINGER)
        sock.sendall(refusal(status, detail))
        sock.shutdown(socket.SHUT_WR)
        while time.monotonic() < deadline and sock.recv(64 * 1024):
            pass


def turn_away(sock: Any) -> None:
    """Refuse a connection without waiting for what it would ask."""
    with suppress(OSError):
        sock.settimeout(0)
        with suppress(OSError):
            sock.recv(HEAD)
        sock.send(refusal(*FULL))
