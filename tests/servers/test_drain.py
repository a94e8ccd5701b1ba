"""SIGTERM: what is held is answered, what is open is closed, and the process is gone."""

import http.client
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from servers.drain import InFlight
from tests.processes import PATIENCE, Server, until
from tests.servers.conftest import ENGINES, PYWSGI, WITHOUT_GUNICORN
from tests.servers.contract.clients import HANDSHAKE
from tests.servers.sockets import CLOSE, masked, raw, read_frame

EACH = 3  # held polls, streams and sockets
AFTER = (0, 0.03, 0.1, 0.2, 0.4)  # seconds: while the worker is forked, imports, loads, begins to serve


def terminate(server: Server) -> None:
    server.process.terminate()


def interrupt(server: Server) -> None:
    """What Ctrl-C does in a terminal: SIGINT to all its processes."""
    os.killpg(server.process.pid, signal.SIGINT)


@pytest.mark.parametrize(
    ("engine", "stop"), [("gevent", terminate), ("threads", terminate), (PYWSGI, terminate), ("gevent", interrupt)]
)
def test_a_signal_answers_what_is_held_closes_what_is_open_and_ends_it(
    engine: str, stop: Callable[[Server], None], start: Callable[..., Server], room: str
) -> None:
    server = start("all", command=WITHOUT_GUNICORN) if engine == PYWSGI else start("all", "--engine", engine)
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        polls = [pool.submit(server.request, "GET", f"/long-polling/rooms/{room}/messages") for _ in range(EACH)]
        streams = [opened_stream(server, room) for _ in range(EACH)]
        url = f"ws://{server.host}:{server.port}/websocket/rooms/{room}/socket"
        sockets = [stack.enter_context(connect(url, proxy=None)) for _ in range(EACH)]
        rude = [stack.enter_context(connection) for connection in rude_clients(server, room)]
        until(lambda: server.metric("polls_apart_in_flight") >= 3 * EACH + 2)
        stop(server)
        for poll in polls:
            answer = poll.result(PATIENCE)
            assert (answer.status, answer.json["messages"]) == (200, [])
            assert answer.headers["Connection"] == "close", "it would ask again, and be answered twice"
        for stream in streams:
            stream.read()  # raises IncompleteRead unless the last chunk came
        for client in sockets:
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    client.recv(PATIENCE)
            assert closed.value.rcvd.code == 1012
        assert server.process.wait(PATIENCE) == 0
        assert len(rude) == 3, "who does not answer, and who has not finished asking, cannot hold it up"
    assert server.stderr == ""
    with pytest.raises(ConnectionRefusedError):
        server.request("GET", "/health")


@pytest.mark.parametrize("engine", [*ENGINES, PYWSGI])
def test_a_question_that_came_before_the_signal_is_answered(engine: str, start: Callable[..., Server]) -> None:
    """Both are there when the process comes to itself again; it sees the signal first."""
    server = start("all", command=WITHOUT_GUNICORN) if engine == PYWSGI else start("all", "--engine", engine)
    clients = [server.connect() for _ in range(EACH)]
    for client in clients:
        client.request("GET", "/health")
        client.getresponse().read()
    os.killpg(server.process.pid, signal.SIGSTOP)
    for client in clients:
        client.request("GET", "/health")
    os.killpg(server.process.pid, signal.SIGTERM)
    os.killpg(server.process.pid, signal.SIGCONT)
    for client in clients:
        assert client.getresponse().status == 200
        client.close()
    assert server.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("engine", [*ENGINES, PYWSGI])
def test_a_socket_that_has_not_said_yet_who_it_is_is_closed_too(
    engine: str, start: Callable[..., Server], room: str
) -> None:
    options = {"command": WITHOUT_GUNICORN} if engine == PYWSGI else {}
    arguments = () if engine == PYWSGI else ("--engine", engine)
    server = start("all", "--auth", "token", "--auth-time", 600, *arguments, **options)
    with raw(server, room) as (connection, incoming, answer):
        assert answer.startswith(b"HTTP/1.1 101")
        until(lambda: server.metric("polls_apart_in_flight") == 2)  # it, and the question
        server.process.terminate()
        opcode, payload = read_frame(incoming)
        assert (opcode, payload[:2]) == (CLOSE, (1012).to_bytes(2))
        connection.sendall(masked(CLOSE, payload[:2]))
        assert incoming.read() == b""
        assert server.process.wait(PATIENCE) == 0
    assert server.stderr == ""


@pytest.mark.parametrize(
    ("engine", "stop"), [("gevent", terminate), ("threads", terminate), (PYWSGI, terminate), ("gevent", interrupt)]
)
def test_a_signal_ends_it_well_at_any_moment_from_its_first_line_on(
    engine: str, stop: Callable[[Server], None], start: Callable[..., Server]
) -> None:
    for seconds in AFTER:
        server = start("sse", command=WITHOUT_GUNICORN) if engine == PYWSGI else start("sse", "--engine", engine)
        with suppress(subprocess.TimeoutExpired):
            server.process.wait(seconds)  # it does not end by itself
        stop(server)
        assert server.process.wait(PATIENCE) == 0, f"{seconds} s after the line"
        assert server.stderr == "", f"{seconds} s after the line"


def opened_stream(server: Server, room: str) -> http.client.HTTPResponse:
    connection = server.connect()
    connection.request("GET", f"/sse/rooms/{room}/events")
    return connection.getresponse()


def rude_clients(server: Server, room: str) -> list[socket.socket]:
    """A socket that will not answer the closing frame, an idle connection, and half a request."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in HANDSHAKE.items())
    sayings = f"GET /websocket/rooms/{room}/socket HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n", "", "GET /health HT"
    connections = [socket.create_connection((server.host, server.port), PATIENCE) for _ in sayings]
    for connection, saying in zip(connections, sayings, strict=True):
        connection.sendall(saying.encode())
    return connections


@pytest.fixture
def environ() -> dict[str, object]:
    return {}


def test_a_request_is_in_flight_until_its_answer_is_closed(environ: dict[str, object]) -> None:
    in_flight = InFlight(lambda environ, start_response: iter([b"a", b"b"]))
    body = in_flight(environ, None)
    assert in_flight.count == 1 and list(body) == [b"a", b"b"]
    body.close()
    assert in_flight.count == 0


def test_a_request_that_fails_is_not_in_flight(environ: dict[str, object]) -> None:
    def fail(environ: object, start_response: object) -> list[bytes]:
        raise ValueError

    in_flight = InFlight(fail)
    with pytest.raises(ValueError):
        in_flight(environ, None)
    assert in_flight.count == 0


def test_a_websocket_that_is_over_is_a_connection_that_went(environ: dict[str, object]) -> None:
    def converse(environ: dict[str, object], start_response: object) -> list[bytes]:
        environ["polls_apart.taken"] = True
        return [b"an error page"]

    in_flight = InFlight(converse)
    with pytest.raises(BrokenPipeError):
        in_flight(environ, None)
    assert in_flight.count == 0
