"""The table of frames against real servers: raw bytes in, frames and the end of the connection out (RFC 6455)."""

import json
import re
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile

import psutil
import pytest

from tests.processes import PATIENCE, Server, until
from tests.servers.conformance import PAGE, framing, meaning, wire
from tests.servers.conformance.wire import CLOSE, PONG, TEXT, Ack, Answer, Case, Closed, Pong, Refusal
from tests.servers.conftest import ENGINES, PYWSGI, WITHOUT_GUNICORN
from tests.servers.contract.clients import HANDSHAKE

CASES = [*framing.CASES, *meaning.CASES]


class Client:
    """A connection without a library."""

    def __init__(self, server: Server, room: str, offers: str = "") -> None:
        self.socket = socket.create_connection((server.host, server.port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a piece is a packet
        self.incoming = self.socket.makefile("rb")
        self.heard: list[str] = []  # texts of messages
        fields = {"Host": "localhost"} | HANDSHAKE | ({"Sec-WebSocket-Extensions": offers} if offers else {})
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.socket.sendall(f"GET /rooms/{room}/socket HTTP/1.1\r\n{lines}\r\n".encode())
        self.head = b"".join(takewhile(b"\r\n".__ne__, self.incoming))
        assert self.head.startswith(b"HTTP/1.1 101")
        assert json.loads(self.frame()[1])["type"] == "ready"

    def frame(self) -> tuple[int, bytes]:
        """The opcode and the payload of the next frame, which must be one that a server may send."""
        first, length = self.incoming.read(2)
        assert first & 0xF0 == 0x80, "final, with no reserved bit"
        if length == 126:
            length = int.from_bytes(self.incoming.read(2), "big")
            assert length > 125
        assert length < 65_536, "not masked, and no longer than an error or a message"
        return first & 0x0F, self.incoming.read(length)

    def answer(self) -> Answer:
        """The next answer. Messages are set aside."""
        while (answer := self.read()) is None:
            pass
        return answer

    def read(self) -> Answer | None:
        """What the next frame says; None where it is a message, which is set aside."""
        opcode, payload = self.frame()
        if opcode == PONG:
            return Pong(payload)
        if opcode == CLOSE:
            payload[2:].decode()
            return Closed(int.from_bytes(payload[:2], "big") if payload else None)
        assert opcode == TEXT
        match json.loads(payload):
            case {"type": "message", "text": text}:
                self.heard.append(text)
                return None
            case {"type": "ack", "id": id}:
                return Ack(id)
            case {"type": "error", "status": status, "title": str()}:
                return Refusal(status)
        raise AssertionError(payload)

    def end(self) -> bytes:
        """What still comes before the end of the connection."""
        return self.incoming.read()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *failure: object) -> None:
        self.incoming.close()
        self.socket.close()


def held(server: Server) -> Counter[str]:
    """Descriptors and threads of the server's processes."""
    main = psutil.Process(server.process.pid)
    processes = [main, *main.children(recursive=True)]
    return Counter(
        descriptors=sum(process.num_fds() for process in processes),
        threads=sum(process.num_threads() for process in processes),
    )


def at_rest(server: Server) -> Counter[str]:
    """The same, as soon as two looks in a row agree."""
    looks = [held(server)]

    def settled() -> bool:
        looks.append(held(server))
        return looks[-1] == looks[-2]

    until(settled)
    return looks[-1]


@pytest.fixture(scope="module", params=[*ENGINES, PYWSGI])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Server, Counter[str]]]:
    """A server of its own for the whole table, and what it held before."""
    starting = (
        Server("websocket", command=WITHOUT_GUNICORN)
        if request.param == PYWSGI
        else Server("websocket", "--engine", request.param)
    )
    with starting as server:
        server.request("GET", "/health")
        yield server, at_rest(server)


@pytest.fixture
def server(place: tuple[Server, Counter[str]]) -> Server:
    return place[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.number)
def test_a_row_of_the_table(server: Server, room: str, case: Case) -> None:
    with Client(server, room, case.offers) as client:
        assert b"sec-websocket-extensions" not in client.head.lower()
        talk = case.talk
        if not isinstance(talk[-1], Closed):  # it stays: a send succeeds, and it closes as usual
            talk = (*talk, wire.text(wire.send(b"probe", id="probe")), Ack("probe"))
        for part in talk:
            if isinstance(part, bytes):
                client.socket.sendall(part)
            else:
                assert client.answer() == part
        if not isinstance(talk[-1], Closed):
            acknowledged = {part.id for part in talk if isinstance(part, Ack)}
            while len(client.heard) < len(acknowledged):
                assert client.read() is None, "every message that was acknowledged, and nothing else"
        with suppress(OSError):
            client.socket.sendall(wire.close(1000))
        if not isinstance(talk[-1], Closed):
            assert client.answer() == Closed(1000)
        assert client.end() == b"", "and nothing after it"
        if case.hears is not None:
            assert client.heard[0] == case.hears


def test_after_the_whole_table_nothing_is_left_behind(place: tuple[Server, Counter[str]]) -> None:
    server, before = place
    until(lambda: server.metric("polls_apart_in_flight") == 1 and server.metric("polls_apart_connections") == 0)
    until(lambda: held(server) <= before)
    assert server.request("GET", "/health").json["status"] == "ok"
    assert not re.search(r"Traceback|\[ERROR\]|A WebSocket failed", server.stderr)


def test_every_number_is_used_once() -> None:
    assert Counter(case.number for case in CASES).most_common(1)[0][1] == 1
    assert len(CASES) >= 120


def test_a_row_that_departs_from_the_standard_is_in_the_documentation() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for case in CASES:
        if case.standard:
            assert case.standard != case.talk[-1]
            assert f"`{case.number}`" in page
