"""The client of the probes, the same for both servers: HTTP by the standard library, WebSocket by hand."""

import http.client
import json
import select
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import takewhile
from typing import Any

import psutil

from tests.processes import PATIENCE
from tests.servers.conformance import wire
from tests.servers.contract.clients import HANDSHAKE, JSON


class NotAFrame(Exception):
    """What came is no frame that a server may send."""


def becomes(condition: Callable[[], bool], within: float) -> bool:
    """Whether it comes true in so many seconds."""
    deadline = time.monotonic() + within
    while not (true := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return true


def held(server: Any) -> int:
    """The connections that a server has not let go of, whether the other end is there or not."""
    main = psutil.Process(server.process.pid)
    connections = [it for process in (main, *main.children(recursive=True)) for it in process.net_connections("tcp")]
    return sum(it.status != psutil.CONN_LISTEN for it in connections)


class Answer:
    """An HTTP answer, read to its end."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.json["messages"]]


def draft(text: str, id: str = "", sender: str = "Ada") -> dict[str, str]:
    """A message, whose id is its text where that is short."""
    return {"id": id or text[:64], "sender": sender, "text": text}


def connect(server: Any, receive_buffer: int = 0) -> socket.socket:
    """A connection, with so many bytes for what was not read yet; 0 is as many as the kernel likes."""
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(PATIENCE)
    client.connect((server.host, server.port))
    return client


def says_something(client: socket.socket, within: float) -> bool:
    """Whether something comes, or the end, in so many seconds."""
    return bool(select.select([client], [], [], within)[0])


def ask(server: Any, method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPConnection:
    """A request, on a connection of its own, whose answer is yet to come."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE)
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None and not isinstance(body, bytes):
        body, fields = json.dumps(body).encode(), JSON | fields
    connection.request(method, path, body, fields)
    return connection


def answer(asked: http.client.HTTPConnection) -> Answer:
    try:
        return Answer(asked.getresponse())
    finally:
        asked.close()


def request(server: Any, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    return answer(ask(server, method, path, body, **headers))


def post(server: Any, text: str, id: str = "", room: str = "lobby") -> Answer:
    return request(server, "POST", f"/rooms/{room}/messages", draft(text, id))


def heard_until(texts: Iterator[str], last: str) -> list[str]:
    """The texts up to this one, which must come."""
    heard = []
    for text in texts:
        heard.append(text)
        if text == last:
            return heard
    raise EOFError


class EventStream:
    """An event stream by hand. HTTP/1.0, so that ours sends no chunks; the lines between those of Flask say nothing."""

    def __init__(self, server: Any, last: str = "", receive_buffer: int = 0) -> None:
        self.socket = connect(server, receive_buffer)
        field = f"Last-Event-ID: {last}" if last else "Accept: */*"
        head = f"GET /rooms/lobby/events HTTP/1.0\r\nHost: localhost\r\n{field}"
        self.socket.sendall(f"{head}\r\n\r\n".encode())
        self.incoming = self.socket.makefile("rb")

    @classmethod
    def in_the_room(cls, server: Any, **options: Any) -> "EventStream":
        """One that the server counts among those who listen, since it has heard something."""
        client = cls(server, **options)
        while not says_something(client.socket, within=0.1):
            post(server, "is anybody here?")
        post(server, "so it is")
        client.heard_until("so it is")
        return client

    def texts(self) -> Iterator[str]:
        """The texts of the messages, as they come; "reset" where the server says that some are gone."""
        name = ""
        for line in self.incoming:
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name or json.loads(value)["text"]
                name = ""

    def heard_until(self, last: str) -> list[str]:
        return heard_until(self.texts(), last)

    def goes_on(self, within: float) -> bool:
        """Whether a line comes in so many seconds. What ends a chunk is none, and may come after all else of it."""
        while says_something(self.socket, within):
            if self.incoming.readline().strip():
                return True
        return False

    def close(self) -> None:
        self.incoming.close()
        self.socket.close()


class WebSocket:
    """A WebSocket by hand, which takes nothing for granted of what the server sends."""

    def __init__(self, server: Any, path: str = "/rooms/lobby/socket", receive_buffer: int = 0, **headers: str) -> None:
        self.socket = connect(server, receive_buffer)
        fields = {"Host": "localhost"} | HANDSHAKE | {name.replace("_", "-"): value for name, value in headers.items()}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        self.incoming = self.socket.makefile("rb")
        self.head = b"".join(takewhile(b"\r\n".__ne__, self.incoming))
        self.status = int(self.head.split()[1])
        self.heard: list[str] = []  # texts of messages

    @classmethod
    def in_the_room(cls, server: Any, name: str, **options: Any) -> "WebSocket":
        """One that the server counts among those in the room, since it has heard itself."""
        client = cls(server, **options)
        client.say(f"{name} is here")
        client.heard_until(f"{name} is here")
        return client

    def say(self, text: str, id: str = "") -> None:
        self.send(json.dumps({"type": "send", **draft(text, id)}, ensure_ascii=False).encode())

    def send(self, payload: bytes) -> None:
        self.socket.sendall(wire.text(payload))

    def frame(self) -> tuple[int, bytes]:
        """The opcode and the payload of the next frame. Raises NotAFrame, and EOFError at the end."""
        first, length = self._read(2)
        if first not in (0x81, 0x88, 0x89, 0x8A) or length & 0x80:  # text, close, ping and pong, whole and plain
            raise NotAFrame(bytes([first, length]) + self.incoming.read1(100))
        if length >= 126:
            (length,) = struct.unpack("!H" if length == 126 else "!Q", self._read(2 if length == 126 else 8))
        return first & 0x0F, self._read(length)

    def texts(self) -> Iterator[str]:
        """The texts of the messages that come, whatever else does. Raises NotAFrame."""
        while True:
            opcode, payload = self.frame()
            if opcode == wire.TEXT:
                try:
                    message = json.loads(payload)
                except ValueError:
                    raise NotAFrame(payload[:100]) from None
                if message["type"] == "message":
                    self.heard.append(message["text"])
                    yield message["text"]

    def heard_until(self, last: str) -> list[str]:
        return heard_until(self.texts(), last)

    def discard(self) -> None:
        """Read on, whatever comes."""
        with suppress(OSError):
            while self.socket.recv(65_536):
                pass

    def outcome(self) -> int | str:
        """What comes of what was said: the code of a closing frame, or "message", "error", "no frame" or "end"."""
        try:
            while True:
                opcode, payload = self.frame()
                if opcode == wire.CLOSE:
                    return int.from_bytes(payload[:2], "big")
                if opcode == wire.TEXT and (kind := json.loads(payload)["type"]) in ("message", "error"):
                    return str(kind)
        except NotAFrame:
            return "no frame"
        except (EOFError, ConnectionError):
            return "end"

    def close(self) -> None:
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes who reads
        self.incoming.close()
        self.socket.close()

    def _read(self, size: int) -> bytes:
        data = self.incoming.read(size)
        if len(data) < size:
            raise EOFError
        return data
