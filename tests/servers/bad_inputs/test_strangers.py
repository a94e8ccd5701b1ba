"""Who has no token, whose page is foreign, and who would forge an event."""

import json

import pytest

from tests.processes import Server
from tests.servers.bad_inputs.asking import (
    DRAFT,
    NOUNS,
    SENDING,
    UPGRADE,
    body,
    head,
    post,
    refused,
    token,
)
from tests.servers.raw import Raw

FOREIGN = [
    "http://evil.example", "null", "", "file://", "http://127.0.0.1.evil.example:{port}", "http://127.0.0.1:{port}0",
    "http://127.0.0.1:{port}.evil.example", "http://127.0.0.1", "http://127.0.0.1:1", "http://evil.example:{port}",
    "http://localhost:{port}", "http://user@127.0.0.1:{port}", "http://127.0.0.1:{port}/", "ws://127.0.0.1:{port}",
    "http://127.0.0.1:{port} http://evil.example",
]  # fmt: skip


@pytest.mark.parametrize("transport", SENDING)
def test_without_a_valid_token_nothing_is_told(server: Server, transport: str) -> None:
    good = token(server)
    path = f"/{transport}/rooms/kept/{NOUNS[transport]}"
    for bad in ("", "x", good[:-1], good + "x", "." + good, "\xff" * 20, "a" * 7000):
        for field in (
            f"Authorization: Bearer {bad}",
            f"Cookie: polls_apart_session={bad}",
            f"Authorization: Basic {good}",
        ):
            request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n"
            assert refused(server, request)[0] == 401, field
    for query in ("token", "access_token", "polls_apart_session"):
        assert refused(server, f"GET {path}?{query}={good} HTTP/1.1\r\nHost: localhost\r\n\r\n")[0] == 401
    assert server.request("POST", f"/{transport}/rooms/kept/messages", DRAFT).status == 401


@pytest.mark.parametrize("transport", NOUNS)
def test_a_foreign_page_gets_nothing(server: Server, transport: str) -> None:
    path = f"/{transport}/rooms/kept/{NOUNS[transport]}"
    upgrade = UPGRADE if transport == "websocket" else ""
    for origin in FOREIGN:
        field = f"Origin: {origin.replace('{port}', str(server.port))}\r\n"
        assert refused(server, head(server, "GET", path, f"{upgrade}{field}\r\n"))[0] == 403, origin
        if transport != "websocket":
            assert post(server, transport, body(id="foreign"), more=field)[0] == 403, origin
    rebound = (
        f"GET {path} HTTP/1.1\r\nHost: evil.example:{server.port}\r\nOrigin: http://evil.example:{server.port}\r\n"
    )
    assert refused(server, rebound + upgrade + "\r\n")[0] == 403


@pytest.mark.parametrize("transport", SENDING)
def test_a_page_of_ours_and_a_program_are_let_in(server: Server, transport: str, room: str) -> None:
    for number, field in enumerate(("", f"Origin: http://{server.host}:{server.port}\r\n")):
        assert post(server, transport, body(id=str(number)), room, field)[0] == 201


def test_a_line_break_in_an_id_or_in_a_message_forges_no_event(server: Server, room: str) -> None:
    forged = "x\n\nevent: reset\ndata: {}\n\nid: 1\r\n\r\ndata: forged\r\r\u2028data: forged"
    assert post(server, "sse", body(text=forged), room)[0] == 201
    for broken in ("x\rdata: forged", "x\r\n data: forged", "x\ndata: forged", "x\0"):
        with Raw(server) as raw:
            raw.send(head(server, "GET", f"/sse/rooms/{room}/events", f"Last-Event-ID: {broken}\r\n\r\n"))
            status = raw.incoming.readline()
            assert b" 400 " in status, broken
    with Raw(server) as raw:
        raw.send(head(server, "GET", f"/sse/rooms/{room}/events", "\r\n"))
        lines = iter(raw.incoming.readline, b"")
        data = next(line for line in lines if line.startswith(b"data:"))
        assert json.loads(data.removeprefix(b"data: "))["text"] == forged
        assert next(lines) == b"\n"
