"""Four small clients with one interface, so that one suite can hold all transports to the same promises.

    send(room, draft)               -> Answer    what became of a message
    send_raw(room, text)            -> Answer    the same for what may not be a message at all
    subscribe(room, after, epoch)   -> iterator  messages as dicts, and a Loss where the server says that some are gone

They share nothing with the servers, nor with the load tests.
"""

import http.client
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlencode

from websockets.sync.client import ClientConnection, connect

from tests.processes import PATIENCE, Site

POLL_INTERVAL = 0.01  # seconds; a short poll's only way to wait
JSON = {"Content-Type": "application/json"}
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@dataclass(frozen=True)
class Answer:
    """What became of a send: an HTTP status (200 for a WebSocket's ack), then where it stands or what was wrong."""

    status: int
    seq: int | None = None
    epoch: str | None = None
    reason: str = ""

    @property
    def accepted(self) -> bool:
        return self.status in (200, 201)


@dataclass(frozen=True)
class Loss:
    """The server says: what followed your cursor is gone, I go on after this one."""

    epoch: str
    cursor: int


class Client:
    """What the four have in common: a server, where the transport is mounted, how to read some messages."""

    name: str
    noun: str  # the last part of the path that is read
    headers: ClassVar[dict[str, str]] = {}  # that a request to read needs

    def __init__(self, server: Site) -> None:
        self.server = server
        self.mount = f"/{self.name}"
        self.http = server.connect()

    def reading(self, room: str, after: object = 0, epoch: str | None = None) -> str:
        """The path and query to read a room from a cursor."""
        query = {"after": after} | ({"epoch": epoch} if epoch is not None else {})
        return f"{self.mount}/rooms/{room}/{self.noun}?{urlencode(query)}"

    def send(self, room: str, draft: dict[str, Any]) -> Answer:
        return self.send_raw(room, json.dumps(draft))

    def read(self, room: str, count: int, after: int = 0, epoch: str | None = None) -> list[Any]:
        """The next `count` things that a subscriber hears."""
        with closing(self.subscribe(room, after, epoch)) as heard:
            return list(islice(heard, count))

    def subscribe(self, room: str, after: int = 0, epoch: str | None = None) -> Iterator[Any]:
        raise NotImplementedError

    def send_raw(self, room: str, text: str) -> Answer:
        self.http.request("POST", f"{self.mount}/rooms/{room}/messages", text.encode(), JSON)
        response = self.http.getresponse()
        body = json.loads(response.read())
        return Answer(response.status, body.get("seq"), body.get("epoch"), body.get("detail", ""))

    def close(self) -> None:
        self.http.close()


class ShortPolling(Client):
    name, noun = "short-polling", "messages"
    interval = POLL_INTERVAL

    def subscribe(self, room: str, after: int = 0, epoch: str | None = None) -> Iterator[Any]:
        with closing(self.server.connect()) as http:
            while True:
                http.request("GET", self.reading(room, after, epoch))
                response = http.getresponse()
                body = json.loads(response.read())
                if response.status in (409, 410):
                    yield Loss(body["epoch"], body["cursor"])
                else:
                    assert response.status == 200, body
                    yield from body["messages"]
                    if not body["messages"]:
                        time.sleep(self.interval)
                after, epoch = body["cursor"], body["epoch"]


class LongPolling(ShortPolling):
    name = "long-polling"
    interval = 0.0  # the server holds the question


class Sse(Client):
    name, noun = "sse", "events"

    def subscribe(self, room: str, after: int = 0, epoch: str | None = None) -> Iterator[Any]:
        with closing(self.server.connect()) as http:
            http.request("GET", self.reading(room, after, epoch))
            response = http.getresponse()
            assert response.status == 200, response.read()
            for event in events(response):
                body = json.loads(event["data"])
                if event.get("event") == "reset":
                    assert event["id"] == f"{body['epoch']}-{body['cursor']}"
                    yield Loss(body["epoch"], body["cursor"])
                else:
                    assert event["id"].rpartition("-")[2] == str(body["seq"])
                    yield body


def for_two_threads(tls: ssl.SSLContext) -> ssl.SSLContext:
    """The same trust, by TLS 1.2. By 1.3 the server says more once the handshake is over, and the library reads that in
    one thread while it writes its request in another, which OpenSSL does not allow."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    for certificate in tls.get_ca_certs(binary_form=True):
        context.load_verify_locations(cadata=certificate)
    return context


class WebSocket(Client):
    name, noun = "websocket", "socket"
    headers: ClassVar[dict[str, str]] = HANDSHAKE

    def __init__(self, server: Site) -> None:
        super().__init__(server)
        self.sockets: dict[str, ClientConnection] = {}
        self.stack = ExitStack()

    def open(self, room: str, after: int = 0, epoch: str | None = None) -> connect:
        url = self.server.url.replace("http", "ws") + self.reading(room, after, epoch)
        options = {"ssl": for_two_threads(self.server.tls)} if self.server.tls else {}
        options |= {"max_queue": None}  # a full queue would hold up its close
        return connect(url, proxy=None, open_timeout=PATIENCE, **options)

    def subscribe(self, room: str, after: int = 0, epoch: str | None = None) -> Iterator[Any]:
        with self.open(room, after, epoch) as socket:
            while True:
                frame = json.loads(socket.recv(PATIENCE))
                kind = frame.pop("type")
                if kind == "reset":
                    yield Loss(**frame)
                elif kind == "message":
                    yield frame
                else:
                    assert kind == "ready"

    def send_raw(self, room: str, text: str) -> Answer:
        if room not in self.sockets:
            self.sockets[room] = self.stack.enter_context(self.open(room))
        self.sockets[room].send(text.replace("{", '{"type":"send",', 1))
        while True:
            frame = json.loads(self.sockets[room].recv(PATIENCE))
            if frame["type"] == "ack":
                return Answer(200, frame["seq"], frame["epoch"])
            if frame["type"] == "error":
                return Answer(frame["status"], reason=frame["title"])

    def close(self) -> None:
        super().close()
        self.stack.close()


def events(response: http.client.HTTPResponse) -> Iterator[dict[str, str]]:
    """The events that carry data, as their fields (WHATWG HTML, section 9.2.6, for streams with LF only)."""
    fields: dict[str, str] = {}
    for line in response:
        name, _, value = line.decode().rstrip("\n").partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif line == b"\n":
            if "data" in fields:
                yield fields
            fields = {}


CLIENTS: dict[str, type[Client]] = {client.name: client for client in (ShortPolling, LongPolling, Sse, WebSocket)}
