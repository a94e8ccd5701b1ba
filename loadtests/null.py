"""The null server: the least that speaks a transport's wire protocol, and so the floor of the instrument.

    python -m loadtests.null sse --port 0

What it shows of latency, CPU and bytes is the generator's, the kernel's and the protocol's own. One epoll loop,
hand-made answers, rooms in memory. It trusts its clients: it refuses nothing, judges no cursor, forgets nothing,
holds a poll without end and sends no heartbeat, so a run of it may be quiet for a minute at most.

The first line says where it listens. SIGTERM ends it in order: its FINs go first, then it waits for the clients'.
"""

import argparse
import base64
import contextlib
import hashlib
import re
import selectors
import signal
import socket
import time
from collections import defaultdict
from typing import NoReturn

from loadtests.null_answers import CLOSE, EPOCH, READY, STREAM, TEXT, UPGRADE, Room, ack, answer, frame
from loadtests.records import TRANSPORTS

ROUTE = re.compile(rb"(GET|POST) /rooms/([a-z0-9-]+)/(?:messages|events|socket)(?:\?after=(\d+))?")
FIELD = re.compile(rb"\r\n(content-length|sec-websocket-key|if-none-match|last-event-id): *([^\r]*)", re.IGNORECASE)
PATIENCE = 2.0  # seconds that clients have to close their side
SEGMENT = 1460  # bytes: that of an Ethernet, as at the client's end
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3


class Connection:
    """A client, with the bytes that are not yet whole and those that are not yet written."""

    def __init__(self, server: "Server", sock: socket.socket) -> None:
        self.server, self.sock, self.room = server, sock, Room()
        self.incoming = self.outgoing = b""
        self.take = self.take_request
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def write(self, data: bytes = b"") -> None:
        """Write what the kernel takes; the rest when it has room again."""
        self.outgoing += data
        with contextlib.suppress(OSError):  # a client that has gone is noticed by reading
            self.outgoing = self.outgoing[self.sock.send(self.outgoing) :]
        self.server.watch(self)

    def read(self) -> None:
        """Take each request or frame that is whole now. A client's FIN, or any fault, ends the connection."""
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            return self.server.forget(self)
        self.incoming += data
        while self.incoming and self.take():
            pass

    def take_request(self) -> bool:
        """Answer the first request; False when it is not whole."""
        head, separator, rest = self.incoming.partition(b"\r\n\r\n")
        fields = {name.lower(): value for name, value in FIELD.findall(head)}
        length = int(fields.get(b"content-length", 0))
        if not separator or len(rest) < length:
            return False
        self.incoming = rest[length:]
        if not (route := ROUTE.match(head)):
            self.write(answer(b"404", b""))
            return True
        method, name, after = route.groups()
        self.room = self.server.rooms[name]
        if method == b"POST":
            _, seq = self.room.append(rest[:length])
            self.write(answer(b"201", b'{"seq":%d,"epoch":"%s"}' % (seq, EPOCH)))
            self.server.deliver(self.room)
        else:
            self.subscribe(fields, int(fields.get(b"last-event-id", b"").rpartition(b"-")[2] or after or 0))
        return True

    def subscribe(self, fields: dict[bytes, bytes], cursor: int) -> None:
        """Answer a poll at once, or begin to wait for what comes after the cursor."""
        if self.server.transport == "short-polling":
            etag = b'"%s-%d"' % (EPOCH, len(self.room.messages))
            field = b"ETag: %s\r\n" % etag
            known = fields.get(b"if-none-match") == etag
            return self.write(b"HTTP/1.1 304 \r\n%s\r\n" % field if known else self.room.page(cursor, field))
        if self.server.transport == "sse":
            self.write(STREAM)
        elif self.server.transport == "websocket":
            accept = base64.b64encode(hashlib.sha1(fields[b"sec-websocket-key"] + MAGIC).digest())
            self.write(UPGRADE + accept + b"\r\n\r\n" + frame(READY % (EPOCH, cursor)))
            self.take = self.take_frame
        self.room.waiting[self] = cursor
        self.deliver()

    def take_frame(self) -> bool:
        """Take the first frame (RFC 6455 section 5.2); False when it is not whole."""
        data = self.incoming
        if len(data) < 2:
            return False
        length, start = data[1] & 0x7F, 2
        if length >= 126:
            start = 4 if length == 126 else 10
            length = int.from_bytes(data[2:start], "big")
        end = start + 4 + length
        if len(data) < end:
            return False
        self.incoming = data[end:]
        mask = int.from_bytes((data[start : start + 4] * (length // 4 + 1))[:length], "big")
        content = (int.from_bytes(data[start + 4 : end], "big") ^ mask).to_bytes(length, "big")
        if data[0] == TEXT:
            self.write(frame(ack(*self.room.append(content))))
            self.server.deliver(self.room)
        elif data[0] == CLOSE:
            self.write(frame(content, CLOSE))
            self.server.finish(self)
        return True

    def deliver(self) -> None:
        """Send what came after the cursor, in the transport's form."""
        cursor, count = self.room.waiting[self], len(self.room.messages)
        if cursor >= count:
            return
        if self.server.transport == "long-polling":
            del self.room.waiting[self]
            return self.write(self.room.page(cursor))
        self.room.waiting[self] = count
        news = self.room.messages[cursor:]
        if self.server.transport == "websocket":
            self.write(b"".join(frame(b'{"type":"message",' + message[1:]) for message in news))
        else:
            events = enumerate(news, start=cursor + 1)
            self.write(b"".join(b"id: %s-%d\ndata: %s\n\n" % (EPOCH, seq, data) for seq, data in events))


class Server:
    """The loop, and all there is in it."""

    def __init__(self, transport: str, host: str, port: int) -> None:
        self.transport = transport
        self.rooms: defaultdict[bytes, Room] = defaultdict(Room)
        self.connections: set[Connection] = set()
        self.selector = selectors.DefaultSelector()
        self.listener = socket.create_server((host, port), backlog=4_096)
        self.listener.setblocking(False)
        if hasattr(socket, "TCP_MAXSEG"):
            with contextlib.suppress(OSError):  # macOS allows it only on a connected socket
                self.listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT)
        self.selector.register(self.listener, selectors.EVENT_READ)

    def turn(self, patience_s: float | None = None) -> None:
        """Wait for whatever happens next, and see to it."""
        for key, events in self.selector.select(patience_s):
            if key.data is None:
                self.accept()
            elif events & selectors.EVENT_WRITE:
                key.data.write()
            else:
                key.data.read()

    def accept(self) -> None:
        connection = Connection(self, self.listener.accept()[0])
        self.connections.add(connection)
        self.selector.register(connection.sock, selectors.EVENT_READ, connection)

    def watch(self, connection: Connection) -> None:
        """Hear of it when a connection that was full can be written to again."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.outgoing else 0)
        if self.selector.get_key(connection.sock).events != events:
            self.selector.modify(connection.sock, events, connection)

    def deliver(self, room: Room) -> None:
        for connection in list(room.waiting):
            connection.deliver()

    def finish(self, connection: Connection) -> None:
        """Send our FIN; the client's own ends the connection."""
        connection.room.waiting.pop(connection, None)
        with contextlib.suppress(OSError):
            connection.sock.shutdown(socket.SHUT_WR)

    def forget(self, connection: Connection) -> None:
        connection.room.waiting.pop(connection, None)
        self.connections.discard(connection)
        self.selector.unregister(connection.sock)
        connection.sock.close()

    def drain(self) -> None:
        """End in order: our FINs first, then the clients'."""
        self.selector.unregister(self.listener)
        self.listener.close()
        for connection in self.connections:
            self.finish(connection)
        deadline = time.monotonic() + PATIENCE
        while self.connections and time.monotonic() < deadline:
            self.turn(0.05)


def stop(*_: object) -> NoReturn:
    raise SystemExit


def main() -> None:
    parser = argparse.ArgumentParser("loadtests.null", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("transport", choices=TRANSPORTS)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server = Server(options.transport, options.host, options.port)
    print(f"listening on http://{options.host}:{server.listener.getsockname()[1]}", flush=True)
    try:
        while True:
            server.turn()
    except SystemExit:
        server.drain()


if __name__ == "__main__":
    main()
