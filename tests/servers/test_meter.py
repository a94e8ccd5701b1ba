"""What a server counts on its sockets against what the kernel has counted at the other end of the same connections.

The other end is read by the load tests' own arithmetic, which a packet counter has vouched for
(tests/loadtests/test_ip_bytes.py).
"""

import json
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

import pytest

from loadtests.sockets import CLOSED, ip_bytes, tcp_info, tcp_info_supported
from servers import meter
from servers.app import create_app
from servers.settings import Settings
from servers.stores import open_store
from tests.processes import PATIENCE, Server, until
from tests.servers.conformance import wire
from tests.servers.contract.clients import HANDSHAKE, JSON

SEGMENT = 52  # bytes of a segment without data
TRANSPORTS = ("short-polling", "long-polling", "sse", "websocket")
STAGE = ("--stage", 5006, "--hold", 0.2)  # nobody is there, which the server need not know
RESET = struct.pack("ii", 1, 0)  # SO_LINGER that makes close() a reset
SNMP = Path("/proc/net/snmp")
KERNEL = pytest.mark.skipif(not tcp_info_supported(), reason="this kernel does not say what it has counted")

Counts = dict[str, meter.Bytes]  # up and down


class Client:
    """One connection."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, PATIENCE)
        self.ipv6 = self.socket.family == socket.AF_INET6
        self.incoming = self.socket.makefile("rb")
        self.ended = False

    def ask(self, method: str, target: str, body: bytes = b"", **fields: str) -> int:
        """How many bytes the request has."""
        fields |= {"Host": "localhost"} | ({"Content-Length": str(len(body))} | JSON if body else {})
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        request = f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode() + body
        self.socket.sendall(request)
        return len(request)

    def head(self) -> bytes:
        return b"".join(iter(self.incoming.readline, b"\r\n")) + b"\r\n"

    def answer(self) -> int:
        """Read an answer. Returns how many bytes it has."""
        head = self.head()
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
        length = int(fields[b"content-length"])
        assert len(self.incoming.read(length)) == length
        return len(head) + length

    def hear(self, text: bytes) -> None:
        """Read lines until one has this in it."""
        while text not in self.incoming.readline():
            pass

    def hang_up(self) -> None:
        """Say that this is all, and read to the end."""
        self.socket.shutdown(socket.SHUT_WR)
        self.incoming.read()
        self.settle()

    def follow(self) -> None:
        """Hang up when the server has."""
        self.incoming.read()
        self.socket.shutdown(socket.SHUT_WR)
        self.settle()

    def settle(self) -> None:
        """Both have hung up: when the kernel has let go too, the counts are whole."""
        self.ended = True
        until(lambda: tcp_info(self.socket).state == CLOSED)

    def counts(self) -> Counts:
        """The kernel's."""
        info = tcp_info(self.socket)
        up, down = ip_bytes(info, self.ended, self.ipv6)
        sent, received = info.bytes_sent - info.bytes_retransmitted, info.bytes_received - self.ended
        return {"up": meter.Bytes(sent, up), "down": meter.Bytes(received, down)}


@pytest.fixture
def server(engine: str, start: Callable[..., Server]) -> Server:
    if engine == "pywsgi":
        return start("all", *STAGE, command=("-m", "tests.servers.engines.without_gunicorn"))
    return start("all", "--engine", engine, *STAGE)


@pytest.fixture
def opened(server: Server) -> Iterator[Callable[[], Client]]:
    """`opened()` is a connection, closed after the test."""
    with ExitStack() as stack:

        def client() -> Client:
            made = Client((server.host, server.port))
            stack.callback(made.socket.close)
            stack.callback(made.incoming.close)
            return made

        yield client


def draft(name: str) -> bytes:
    return json.dumps({"id": name, "sender": "Ada", "text": f"hello by {name}" * 50}).encode()


def converse(opened: Callable[[], Client], room: str) -> dict[str, list[Client]]:
    """Connections of all transports that have sent and heard, and are quiet."""
    clients = {name: [opened()] for name in TRANSPORTS}
    clients["sse"].append(opened())
    stream, sender, ws = *clients["sse"], clients["websocket"][0]
    stream.ask("GET", f"/sse/rooms/{room}/events")
    assert b" 200 " in stream.head()
    ws.ask("GET", f"/websocket/rooms/{room}/socket", **HANDSHAKE)
    assert b" 101 " in ws.head()
    for name in ("short-polling", "long-polling"):
        for _ in range(3):
            clients[name][0].ask("GET", f"/{name}/rooms/{room}-quiet/messages")
            clients[name][0].answer()
    for name, client in (*((name, clients[name][0]) for name in TRANSPORTS[:2]), ("sse", sender)):
        client.ask("POST", f"/{name}/rooms/{room}/messages", draft(name))
        client.answer()
    ws.socket.sendall(wire.text(b'{"type":"send",' + draft("websocket")[1:]))
    for name in TRANSPORTS:
        stream.hear(f"hello by {name}".encode())
    heard = b""
    while b"hello by websocket" not in heard or b'"ack"' not in heard:
        heard += ws.incoming.read1()
    return clients


def spent(server: Server, transport: str) -> Counts:
    """What the server has counted. To ask costs the page something, and no transport."""
    lines = dict(line.rsplit(" ", 1) for line in server.request("GET", "/metrics").body.decode().splitlines())
    name = 'polls_apart_{}_bytes_total{{direction="{}",transport="{}"}}'
    return {
        direction: meter.Bytes._make(
            int(float(lines[name.format(layer, direction, transport)])) for layer in meter.Bytes._fields
        )
        for direction in ("up", "down")
    }


def sockets(counted: Counts) -> dict[str, int]:
    return {way: one.socket for way, one in counted.items()}


def connections(server: Server, transport: str) -> float:
    return server.metric(f'polls_apart_tcp_connections{{transport="{transport}"}}')


def total(clients: list[Client]) -> Counts:
    each = [client.counts() for client in clients]
    return {way: meter.Bytes._make(map(sum, zip(*(one[way] for one in each), strict=True))) for way in ("up", "down")}


def resent() -> int:
    """Segments that this machine has sent again: of what comes twice a kernel counts the headers, and not the data."""
    names, values = (line.split() for line in SNMP.read_text().splitlines() if line.startswith("Tcp:"))
    return int(values[names.index("RetransSegs")])


def left_out(ours: Counts, theirs: Counts) -> dict[str, float]:
    """Segments without data, up and down, that only the client has counted. What was read and written is the same."""
    assert all(ours[way].socket == theirs[way].socket for way in ours)
    return {way: (theirs[way].ip - ours[way].ip) / SEGMENT for way in ours}


@KERNEL
def test_while_connections_are_open_both_ends_agree_to_the_byte(
    server: Server, opened: Callable[[], Client], room: str
) -> None:
    before = resent()
    clients = converse(opened, room)
    for transport, its in clients.items():
        until(lambda transport=transport, its=its: sockets(spent(server, transport)) == sockets(total(its)))
        until(lambda transport=transport, its=its: spent(server, transport) == total(its) or resent() > before)
        assert connections(server, transport) == len(its)


@KERNEL
def test_when_clients_have_hung_up_nothing_is_left_out_but_our_fin_and_acknowledgements(
    server: Server, opened: Callable[[], Client], room: str
) -> None:
    before = resent()
    clients = converse(opened, room)
    clients["websocket"][0].socket.sendall(wire.close(1000))
    for client in chain(*clients.values()):
        client.hang_up()
    for transport, its in clients.items():
        until(lambda transport=transport: connections(server, transport) == 0)
        for way, segments in left_out(spent(server, transport), total(its)).items():
            least, most = (0, 0) if transport == "websocket" else (1, 2)  # of a WebSocket we wait for the client's FIN
            assert least <= segments / len(its) <= most or resent() > before, (transport, way)


@KERNEL
def test_when_we_hang_up_first_their_fin_is_left_out_too(
    server: Server, opened: Callable[[], Client], room: str
) -> None:
    before = resent()
    client = opened()
    client.ask("GET", f"/short-polling/rooms/{room}/messages", Connection="close")
    client.follow()
    until(lambda: connections(server, "short-polling") == 0)
    segments = left_out(spent(server, "short-polling"), client.counts())
    assert segments["down"] in (1, 2) or resent() > before  # a FIN, and what acknowledges theirs
    assert segments["up"] in (1, 2, 3) or resent() > before  # the same, and what acknowledges the answer


@KERNEL
def test_each_transport_gets_its_own_requests_and_answers_of_a_connection_that_they_share(
    server: Server, opened: Callable[[], Client], room: str
) -> None:
    client = opened()
    up, down = Counter[str](), Counter[str]()
    for _ in range(3):
        for name in ("short-polling", "sse", "page", "long-polling"):
            if name == "sse":
                up[name] += client.ask("POST", f"/sse/rooms/{room}/messages", draft("sse"))
            else:
                up[name] += client.ask("GET", "/" if name == "page" else f"/{name}/rooms/{room}-quiet/messages")
            down[name] += client.answer()
    for name in ("short-polling", "sse", "long-polling"):
        until(lambda name=name: sockets(spent(server, name)) == {"up": up[name], "down": down[name]})
    assert connections(server, "long-polling") == 1


@KERNEL
def test_what_came_before_a_reset_is_counted_and_nothing_else(
    server: Server, opened: Callable[[], Client], room: str
) -> None:
    client = opened()
    asked = client.ask("GET", f"/sse/rooms/{room}/events")
    client.head()
    client.incoming.close()
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    client.socket.close()
    until(lambda: connections(server, "sse") == 0)
    assert sockets(spent(server, "sse"))["up"] == asked


@KERNEL
def test_who_asks_for_nothing_belongs_to_the_page(server: Server, opened: Callable[[], Client]) -> None:
    before = connections(server, "page")
    client = opened()
    until(lambda: connections(server, "page") == before + 1)
    client.hang_up()
    until(lambda: connections(server, "page") == before)


@KERNEL
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("first", ["server", "client"])
def test_once_both_have_hung_up_nothing_is_left_out(host: str, first: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        client = Client(listener.getsockname()[:2])
        accepted, _ = listener.accept()
    before = resent()
    with accepted, client.socket, client.incoming:
        for size in (1, 50_000, 3):
            client.socket.sendall(bytes(size))
            accepted.sendall(bytes(2 * size))
            assert len(accepted.recv(size, socket.MSG_WAITALL)) == size
            assert len(client.incoming.read(2 * size)) == 2 * size
        until(lambda: meter.counts(accepted) == client.counts() or resent() > before)
        if first == "server":
            accepted.shutdown(socket.SHUT_WR)
            client.hang_up()
        else:
            client.socket.shutdown(socket.SHUT_WR)
            assert accepted.recv(1) == b""
            accepted.shutdown(socket.SHUT_WR)
            assert client.incoming.read() == b""
            client.ended = True
        until(lambda: tcp_info(accepted).state == CLOSED)
        assert sockets(meter.counts(accepted)) == sockets(client.counts())
        assert meter.counts(accepted) == client.counts() or resent() > before


def test_where_the_kernel_does_not_tell_connections_are_counted_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "supported", lambda: False)
    app = create_app(TRANSPORTS, open_store("memory", 10), Settings(stage=5006))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        app.meter.open(ours)
        app.test_client().get("/short-polling/rooms/tea/messages", environ_base={"gunicorn.socket": ours})
        told = app.test_client().get("/metrics").text
        app.meter.close(ours)
    assert 'polls_apart_tcp_connections{transport="short-polling"} 1.0' in told
    assert "polls_apart_socket_bytes" not in told and "polls_apart_ip_bytes" not in told


def test_without_a_stage_nothing_is_counted() -> None:
    app = create_app(TRANSPORTS, open_store("memory", 10))
    told = app.test_client().get("/metrics").text
    assert app.meter is None and "polls_apart_tcp_connections" not in told and "_bytes_total{direction" not in told
