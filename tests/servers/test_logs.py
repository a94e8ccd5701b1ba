"""The log: an object or a line for each thing, with nothing in it that must stay secret, and no line of a client's."""

import json
import logging
import re
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from servers.logs import JsonLines, Lines
from tests.processes import Server, until
from tests.servers.conftest import PYWSGI, WITHOUT_GUNICORN
from tests.servers.defects import raw

CODE = "tea-time-at-nine"
NAME = "Grace Hopper"
TEXT = "what nobody else is to read"
MOUNTED = ("short-polling", "long-polling", "sse")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
TOKEN = "WyJnV0NqUGd6TTRQYTJ5a0hLIiwiQWRhIl0.aSPiGA.ZkCcwWmDqXYnMYDqb1r2S_3-0aZ"  # as one looks


def record(message: str, *args: object, **options: Any) -> logging.LogRecord:
    return logging.LogRecord("servers.x", logging.ERROR, __file__, 1, message, args, options.get("failure"))


def failure(words: str) -> Any:
    try:
        raise KeyError(words)
    except KeyError:
        return sys.exc_info()


def test_a_record_is_an_object_on_a_line() -> None:
    line = json.loads(JsonLines([]).format(record("%d clients", 3)))
    assert RFC3339.fullmatch(line.pop("at")) and isinstance(line.pop("pid"), int)
    assert line == {"level": "ERROR", "logger": "servers.x", "message": "3 clients"}


def test_an_exception_has_its_type_and_its_way_in_json_and_not_its_words() -> None:
    written = JsonLines([]).format(record("It failed.", failure=failure(TEXT)))
    exception = json.loads(written)["exception"]
    assert exception["type"] == "KeyError" and exception["frames"][-1].endswith(" failure")
    assert TEXT not in written and "\n" not in written


@pytest.mark.parametrize("breaker", ["\n", "\r", "\r\n", "\u2028", "\x85", "\x1b[2K"])
@pytest.mark.parametrize("form", [Lines, JsonLines])
def test_nobody_adds_a_line_of_his_own(form: type[Lines], breaker: str) -> None:
    written = form([]).format(record("Room %s", f"tea{breaker}[2026-01-31 12:00:00 +0000] [1] [ERROR] forged"))
    assert len(written.splitlines()) == 1 and "\x1b" not in written


def test_what_an_exception_says_looks_like_no_line_of_ours() -> None:
    written = Lines([]).format(record("It failed.", failure=failure("x"))) + "\n"
    forged = Lines([]).format(record("It failed.", failure=(ValueError, ValueError("x\n[2026] forged"), None)))
    assert all(line.startswith("  ") for text in (written, forged) for line in text.splitlines()[1:])


@pytest.mark.parametrize("form", [Lines, JsonLines])
def test_secrets_are_masked(form: type[Lines]) -> None:
    said = f"{CODE} and {TOKEN} at redis://default:Grace@127.0.0.1:6379/0 and /rooms/tea/messages?token={TOKEN}"
    written = form([CODE, ""]).format(record("%s", said))
    assert not any(secret in written for secret in (CODE, TOKEN, "Grace"))
    assert written.count("***") == 4 and "127.0.0.1:6379/0" in written
    assert "redis://USER:PASSWORD@HOST:PORT" in form([]).format(record("redis://USER:PASSWORD@HOST:PORT"))


@pytest.fixture(params=["gevent", "threads", PYWSGI])
def server(request: pytest.FixtureRequest, start: Callable[..., Server]) -> Iterator[Server]:
    options = ["--auth", "token", "--join-code", CODE, "--log", "json", "--access-log", "--hold", 0.2]
    if request.param == PYWSGI:
        return start("all", *options, command=WITHOUT_GUNICORN)
    return start("all", *options, "--engine", request.param)


def lines(server: Server) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.stderr.splitlines()]


def everything(server: Server, room: str) -> set[str]:
    """Use the server in every way, well and badly, and return what must not be written down."""
    token = server.request("POST", "/session", {"name": NAME, "code": CODE}).json["token"]
    bad = token[:-5] + ("x" if token[-5] != "x" else "y") + token[-4:]  # of the last letter two bits mean nothing
    server.request("POST", "/session", {"name": NAME, "code": f"{CODE}-wrong"})
    for shown in (token, bad):
        for headers in ({"Authorization": f"Bearer {shown}"}, {"Cookie": f"polls_apart_session={shown}"}):
            server.request("GET", "/session", headers=headers)
            for name in MOUNTED:
                path = f"/{name}/rooms/{room}"
                server.request(
                    "POST", f"{path}/messages", raw.draft(TEXT, id=secrets.token_hex(4), sender=NAME), headers
                )
                server.request("POST", f"{path}/messages", f'{{"token": "{shown}", '.encode(), headers)
                server.request("GET", f"{path}/messages?token={shown}", headers=headers)
            listen(server, f"/sse/rooms/{room}/events?token={shown}", headers)
        converse(server, f"/websocket/rooms/{room}/socket?token={shown}", shown)
    for target in (f"/{token}", f"/sse/rooms/{token}/messages", f"/rooms/%0d%0aforged{token}"):
        server.request("GET", target)
    with raw.connect(server) as broken:
        broken.sendall(f"GET /{token} HTTP/1.1\r\nCookie : {token}\r\n\r\n".encode())
        assert broken.recv(100).startswith(b"HTTP/1.1 400")
    return {token, bad, token.rpartition(".")[2], CODE, TEXT, NAME, room}


def listen(server: Server, path: str, headers: dict[str, str]) -> None:
    stream = server.connect()
    stream.request("GET", path, headers=headers)
    stream.getresponse().readline()
    stream.close()


def converse(server: Server, path: str, token: str) -> None:
    client = raw.WebSocket(server, path=path)
    client.send(json.dumps({"type": "auth", "token": token}).encode())
    with suppress(OSError):
        client.send(json.dumps({"type": "send", **raw.draft(TEXT, sender=NAME)}).encode())
        client.send(f'{{"token": "{token}", '.encode())
        client.outcome()
    client.close()


def test_nothing_secret_is_written_whatever_is_done(server: Server, room: str) -> None:
    written = everything(server, room)
    until(lambda: server.metric("polls_apart_in_flight") == 1)
    until(lambda: len([line for line in lines(server) if line.get("route", "").endswith("/socket")]) == 2)
    for secret in written:
        assert secret not in server.stderr
    assert "forged" not in server.stderr and "?" not in server.stderr


ANSWERED = {
    ("POST", "/session", 201, "session"),
    ("POST", "/session", 403, "session"),
    ("POST", "/short-polling/rooms/<room:room>/messages", 201, "short-polling"),
    ("POST", "/short-polling/rooms/<room:room>/messages", 401, "short-polling"),
    ("GET", "/long-polling/rooms/<room:room>/messages", 200, "long-polling"),
    ("GET", "/sse/rooms/<room:room>/events", 200, "sse"),
    ("GET", "/websocket/rooms/<room:room>/socket", 101, "websocket"),
    ("GET", "-", 404, "page"),
}  # method, route, status and transport of what `everything` asks for


def test_each_request_has_a_line_when_it_is_over(server: Server, room: str) -> None:
    everything(server, room)
    until(lambda: server.metric("polls_apart_in_flight") == 1)
    until(lambda: kinds(server) >= ANSWERED)  # whoever reads the log may be behind
    for line in (line for line in lines(server) if line["logger"] == "servers.access"):
        assert line.keys() >= {"at", "level", "pid", "message", "method", "route", "status", "seconds", "transport"}
        assert RFC3339.fullmatch(line["at"]) and line["seconds"] >= 0


def kinds(server: Server) -> set[tuple[object, ...]]:
    """Of the requests that have a line."""
    found = [line for line in lines(server) if line["logger"] == "servers.access"]
    return {tuple(line[key] for key in ("method", "route", "status", "transport")) for line in found}


def test_without_being_asked_the_server_says_nothing(start: Callable[..., Server], room: str) -> None:
    server = start("all", "--auth", "token", "--join-code", CODE)
    everything(server, room)
    until(lambda: server.metric("polls_apart_in_flight") == 1)
    assert server.terminate() == 0 and server.stderr == ""


FAILING = ("-m", "tests.servers.engines.failing")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("engine", ["gevent", "threads"])
def test_what_fails_is_in_the_log_and_what_was_said_is_not(engine: str, form: str, room: str) -> None:
    server = Server("all", "--engine", engine, "--log", form, command=FAILING)
    try:
        assert server.request("POST", f"/sse/rooms/{room}/messages", raw.draft(f"{CODE} {TOKEN}")).status == 500
        client = raw.WebSocket(server, path=f"/websocket/rooms/{room}/socket")
        client.send(json.dumps({"type": "send", **raw.draft(TOKEN)}).encode())
        assert client.outcome() == 1011
        until(lambda: "A WebSocket failed." in server.stderr)
        assert TOKEN not in server.stderr and room not in server.stderr
        if form == "json":
            assert [line["exception"]["type"] for line in lines(server)] == ["RuntimeError", "RuntimeError"]
            assert CODE not in server.stderr
        else:
            assert server.stderr.count("  RuntimeError: ") == 2 and server.stderr.count("[ERROR]") == 2
    finally:
        client.close()
        server.kill()
