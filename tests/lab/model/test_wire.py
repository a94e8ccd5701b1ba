"""lab/model/wire.py against real servers: what they and their clients say, to the byte, and in how many segments."""

import itertools
import socket

import msgspec
import pytest
from msgspec import structs
from websockets.frames import Frame, Opcode

from lab.model import exchange, wire
from lab.model.arrivals import Poisson
from lab.model.conditions import Conditions
from lab.model.quiet import TIMES
from lab.model.traffic import traffic
from lab.model.wire import Wire
from loadtests import headers, sockets, way
from loadtests.exchange import Question
from servers.__main__ import CONNECTION
from servers.connections import QUIET
from servers.fanout import BEATS
from servers.settings import Settings
from tests.processes import PATIENCE, until

TEXT = "hello world"
DRAFT = {"id": "0" * 36, "sender": "user-0", "text": TEXT}
GIVEN = Conditions("short-polling", (Poisson(1.0),), 1, 1, 1, len(TEXT), warmup_s=0.5, window_s=0.5)
END = b"\r\n\r\n"
COUNTED = pytest.mark.skipif(not sockets.tcp_info_supported(), reason="this system's kernel does not count segments")


class Client:
    """A connection to a server with the room room-0."""

    def __init__(self, server, keep_alive=True):
        host = f"127.0.0.1:{server.port}"
        self.fields = headers.prepare("browser", host, f"http://{host}", keep_alive)
        self.sock = socket.create_connection(server.address, timeout=PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.read = b""

    def ask(self, kind, method, resource, body=b"", etag=""):
        """How many bytes it wrote."""
        fields = headers.fill(self.fields[kind], length=str(len(body)), etag=etag, key="A" * 22 + "==")
        return self.write(Question(method, f"/rooms/room-0/{resource}", fields, body).encode())

    def write(self, data):
        self.sock.sendall(data)
        return len(data)

    def until(self, end):
        """What comes up to and with `end`."""
        while end not in self.read:
            data = self.sock.recv(65_536)
            assert data, self.read
            self.read += data
        taken, _, self.read = self.read.partition(end)
        return taken + end

    def post(self, n):
        return self.ask("fetch-post", "POST", "messages", msgspec.json.encode(DRAFT | {"id": f"{n:036}"}))

    def poll(self, cursor, epoch, etag=""):
        return self.ask("fetch-get", "GET", f"messages?after={cursor}&epoch={epoch}", etag=etag)

    def answer(self):
        """(length, the JSON in it)."""
        head, body = self.until(END), b""
        if b"Content-Length" in head:
            body = self.until(b"}")
            while body.count(b"{") > body.count(b"}"):
                body += self.until(b"}")
        return len(head) + len(body), msgspec.json.decode(body or b"null")

    def segments(self):
        found = sockets.tcp_info(self.sock)
        return found.segments_out, found.segments_in


@pytest.fixture
def talking(start):
    """(a server of one transport, the epoch, a client that has posted one message)."""

    def made(transport):
        server = start(transport)
        writer = Client(server)
        writer.post(0)
        return server, writer.answer()[1]["epoch"], writer

    return made


def same(said, up, down):
    assert (said.up, said.down) == (up, down)


def test_a_client_without_a_cache_is_told_again_that_there_is_nothing():
    bare = traffic(structs.replace(GIVEN, headers="bare", arrivals=(Poisson(0.1),)))
    browser = traffic(structs.replace(GIVEN, arrivals=(Poisson(0.1),)))
    assert bare.per_s("unchanged") == 0 < browser.per_s("unchanged")
    assert bare.per_s("blank", "unchanged") == pytest.approx(browser.per_s("blank", "unchanged"))


def test_a_post_and_its_answer(talking):
    _, _, writer = talking("sse")
    up = writer.post(1)
    same(Wire(GIVEN).posted(), up, writer.answer()[0])


def test_short_polls_that_find_some_none_and_nothing_new(talking):
    server, epoch, _ = talking("short-polling")
    reader, said = Client(server), Wire(GIVEN)
    same(said.short(1), reader.poll(0, epoch), reader.answer()[0])
    same(said.short(0), reader.poll(1, epoch), reader.answer()[0])
    same(said.unchanged(), reader.poll(1, epoch, f'"{epoch}-1"'), reader.answer()[0])


def test_a_page_of_several_messages(talking):
    server, epoch, writer = talking("short-polling")
    for n in (1, 2):
        writer.post(n)
        writer.answer()
    reader = Client(server)
    same(Wire(GIVEN).short(3), reader.poll(0, epoch), reader.answer()[0])


def test_a_long_poll(talking):
    server, epoch, writer = talking("long-polling")
    reader = Client(server)
    up = reader.poll(1, epoch)
    writer.post(1)
    same(Wire(GIVEN).long(1, held=1), up, reader.answer()[0])


def test_an_event(talking):
    server, _, _ = talking("sse")
    reader = Client(server)
    reader.ask("eventsource", "GET", "events")
    reader.until(END)
    reader.until(b"\n\n\r\n")  # the opening
    same(Wire(GIVEN).event(), 0, len(reader.until(b"\n\n\r\n")))


def test_frames_both_ways(start):
    client, said = Client(start("websocket")), Wire(GIVEN)
    client.ask("websocket", "GET", "socket?after=0")
    client.until(END)
    client.until(b"}")  # ready
    up = client.write(Frame(Opcode.TEXT, msgspec.json.encode({"type": "send"} | DRAFT)).serialize(mask=True))
    heard = [client.until(b"}"), client.until(b"}")]
    (ack,), (message,) = ([text for text in heard if kind in text] for kind in (b'"ack"', b'"message"'))
    same(said.sent(), up, len(ack))
    same(said.frame(), 0, len(message))


@pytest.mark.parametrize("chosen", ["browser", "bare"])
@pytest.mark.parametrize("keep_alive", [True, False])
@pytest.mark.parametrize("etag", ["", '"00000000-1"'])
def test_a_poll_is_written_as_the_generator_writes_it(chosen, keep_alive, etag):
    given = structs.replace(GIVEN, headers=chosen, keep_alive=keep_alive)
    fields = headers.prepare(chosen, wire.HOST, f"http://{wire.HOST}", keep_alive)["fetch-get"]
    target = f"/rooms/room-0/messages?after=1&epoch={wire.EPOCH}"
    asked = Question("GET", target, headers.fill(fields, etag=etag)).encode()
    assert Wire(given).poll(etag) == len(asked)


@COUNTED
@pytest.mark.parametrize("kind", ["unchanged", "news", "post"])
def test_the_segments_of_an_exchange_that_is_not_the_first(talking, kind):
    server, epoch, _ = talking("short-polling")
    client, said = Client(server), Wire(GIVEN)
    ask, expected = {
        "unchanged": (lambda n: client.poll(1, epoch, f'"{epoch}-1"'), said.unchanged()),
        "news": (lambda n: client.poll(0, epoch), said.short(1)),
        "post": (lambda n: client.post(n), said.posted()),
    }[kind]
    numbers = itertools.count(1)
    for _ in range(3):
        ask(next(numbers))
        client.answer()

    def seen():
        until(lambda: settled(client))
        before = client.segments()
        ask(next(numbers))
        client.answer()
        until(lambda: settled(client))
        return tuple(after - at for after, at in zip(client.segments(), before, strict=True))

    together = 2, expected.segments_down  # a reader that is slow to wake acknowledges head and body together
    until(lambda: seen() in ((expected.segments_up, expected.segments_down), together))  # a busy server answers late


def settled(client):
    """Whether nothing came or went for longer than an acknowledgement waits."""
    before = client.segments()
    client.sock.settimeout(3 * exchange.DELAY)
    with pytest.raises(TimeoutError):
        client.sock.recv(1)
    client.sock.settimeout(PATIENCE)
    return client.segments() == before


def test_what_the_model_knows_of_the_servers_is_what_they_are_set_to():
    settings = Settings()
    assert TIMES["hold"] == settings.hold and TIMES["hold_least"] == settings.hold * (1 - settings.jitter)
    if CONNECTION:
        assert TIMES["probe"] == CONNECTION[socket.TCP_KEEPIDLE]
    assert TIMES["quiet"] == QUIET * settings.heartbeat + settings.heartbeat / BEATS
    assert (exchange.HEADERS, exchange.SEGMENT) == (way.HEADERS, sockets.MAXIMUM_SEGMENT - 12)
