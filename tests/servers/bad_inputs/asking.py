"""Requests by hand, right but for what a test changes in them."""

import json
import select
import time
from typing import Any

from tests.processes import PATIENCE, Server
from tests.servers.contract.clients import HANDSHAKE
from tests.servers.raw import Raw

READ_TIME = 0.5  # seconds in place of 10
NOUNS = {"short-polling": "messages", "long-polling": "messages", "sse": "events", "websocket": "socket"}
SENDING = ("short-polling", "long-polling", "sse")
DRAFT = {"id": "a", "sender": "Ada", "text": "hello"}
UPGRADE = "".join(f"{name}: {value}\r\n" for name, value in HANDSHAKE.items())


def body(**changes: Any) -> str:
    return json.dumps({name: value for name, value in (DRAFT | changes).items() if value is not None})


TOKENS: dict[Server, str] = {}


def token(server: Server) -> str:
    if server not in TOKENS:
        TOKENS[server] = server.request("POST", "/session", {"name": "Ada"}).json["token"]
    return TOKENS[server]


def bearer(server: Server) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(server)}"}


def head(server: Server, method: str, path: str, more: str = "") -> str:
    """A request's head, up to what its own fields add."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\n"
        f"Authorization: Bearer {token(server)}\r\n{more}"
    )


def refused(server: Server, request: str | bytes) -> tuple[int, bytes]:
    """The status and the body of the answer to a request."""
    with Raw(server) as raw:
        raw.send(request)
        status, fields, body = raw.answer()
        if status >= 400:
            assert fields["content-type"] == "application/problem+json"
            assert json.loads(body)["status"] == status
        return status, body


def post(server: Server, transport: str, content: str | bytes, room: str = "kept", more: str = "") -> tuple[int, bytes]:
    content = content.encode() if isinstance(content, str) else content
    more += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return refused(server, head(server, "POST", f"/{transport}/rooms/{room}/messages", more).encode() + content)


def dripped(raw: Raw) -> float:
    """Send a byte now and then until the server has had enough. Returns the seconds that it took."""
    begun = time.monotonic()
    while not select.select([raw.sock], [], [], READ_TIME / 10)[0]:
        raw.send("x")
        assert time.monotonic() - begun < PATIENCE
    return time.monotonic() - begun
