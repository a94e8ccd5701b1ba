"""Heads that are too large, ask for what is not there, or never end."""

import json

import pytest

from tests.processes import Server
from tests.servers.bad_inputs.asking import NOUNS, UPGRADE, bearer, dripped, head, refused
from tests.servers.raw import Raw

HEADS = [  # fields, and the status
    ("A: " + "x" * 8 * 1024 + "\r\n", 431),
    ("".join(f"A{n}: {'x' * 900}\r\n" for n in range(10)), 431),
    ("".join(f"A{n}: x\r\n" for n in range(101)), 431),
    ("A: " + "x" * 7 * 1024 + "\r\n", 200),
    ("".join(f"A{n}: x\r\n" for n in range(90)), 200),
    ("no colon\r\n", 400),
]


@pytest.mark.parametrize("transport", NOUNS)
def test_a_head_that_is_too_large_is_refused(server: Server, transport: str) -> None:
    path = f"/{transport}/rooms/kept/{NOUNS[transport]}"
    for fields, status in HEADS:
        if status == 200:
            path = "/health"
        assert refused(server, head(server, "GET", path, fields + "\r\n"))[0] == status, fields[:80]
    for length, status in ((4096, 404), (4097, 414), (9000, 414)):
        target = f"/{transport}/".ljust(length, "a")
        assert refused(server, head(server, "GET", target, "\r\n"))[0] == status


@pytest.mark.parametrize("transport", NOUNS)
def test_what_is_not_there_is_404_and_a_wrong_method_405(server: Server, transport: str) -> None:
    for path in ("rooms/TEA/", "rooms/te%0D%0Aa/", f"rooms/{'x' * 65}/", "rooms/../", "rooms/%2e%2e/", "nothing/"):
        assert refused(server, head(server, "GET", f"/{transport}/{path}{NOUNS[transport]}", "\r\n"))[0] == 404
    for method in ("PUT", "DELETE", "PATCH"):
        path = f"/{transport}/rooms/kept/{NOUNS[transport]}"
        assert refused(server, head(server, method, path, "Content-Length: 0\r\n\r\n"))[0] == 405


@pytest.mark.parametrize("transport", NOUNS)
def test_a_cursor_that_makes_no_sense_is_refused(server: Server, transport: str) -> None:
    upgrade = UPGRADE if transport == "websocket" else ""
    for after in ("-1", "abc", str(2**64), "1.5", "", "%00", "%EF%BC%91"):
        path = f"/{transport}/rooms/kept/{NOUNS[transport]}?after={after}&epoch=x"
        assert refused(server, head(server, "GET", path, upgrade + "\r\n"))[0] == 400, after
    if "polling" in transport:
        epoch = server.request("GET", f"/{transport}/rooms/kept/messages", headers=bearer(server)).json["epoch"]
        for after, of, status in ((10**6, epoch, 409), (0, "other", 410)):
            path = f"/{transport}/rooms/kept/messages?after={after}&epoch={of}"
            assert refused(server, head(server, "GET", path, "\r\n"))[0] == status


@pytest.mark.parametrize("pretence", ["event: reset", "x-1%0A%0Adata: forged-1", "9c1e-1\t", "-", "é-1"])
def test_an_event_id_of_somebody_elses_is_no_event(server: Server, room: str, pretence: str) -> None:
    with Raw(server) as raw:
        raw.send(head(server, "GET", f"/sse/rooms/{room}/events", f"Last-Event-ID: {pretence}\r\n\r\n"))
        status = int(raw.incoming.readline().split()[1])
        assert status in (200, 400)
        if status == 200:
            lines = iter(raw.incoming.readline, b"")
            assert json.loads(next(line for line in lines if line.startswith(b"data:")).removeprefix(b"data: "))[
                "epoch"
            ]


HALVES = ("GET /hea", "GET /health HTTP/1.1\r\n", "GET /health HTTP/1.1\r\nHost: localhost\r\n", "\r\n")


def test_half_a_head_is_closed_in_time_and_slows_nobody(server: Server) -> None:
    with Raw(server) as quiet:
        halves = [Raw(server) for _ in range(40)]
        for number, half in enumerate(halves):
            half.send(HALVES[number % len(HALVES)])
        quiet.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert quiet.answer()[0] == 200
        for half in halves:
            half.sock.settimeout(10)  # seconds; the upper bound that is promised, of a server with shorter ones
            said = half.incoming.read()
            assert not said or said.startswith((b"HTTP/1.1 400", b"HTTP/1.1 408"))
            half.__exit__()


@pytest.mark.parametrize("target", ["/short-polling/rooms/kept/messages?epoch=\xe9", "/\xe9"])
def test_a_target_that_is_not_ascii_is_refused(server: Server, target: str) -> None:
    assert refused(server, head(server, "GET", target, "\r\n"))[0] == 400


def test_who_says_nothing_at_all_is_let_go_and_who_has_asked_may_take_a_while(server: Server) -> None:
    with Raw(server) as silent, Raw(server) as asked:
        asked.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert asked.answer()[0] == 200
        assert silent.ended()
        asked.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert asked.answer()[0] == 200


def test_a_head_that_comes_a_byte_at_a_time_is_not_waited_for(server: Server) -> None:
    with Raw(server) as raw:
        raw.send("GET /health HTTP/1.1\r\nX: ")
        assert dripped(raw) < 10
        assert raw.answer()[0] == 408
