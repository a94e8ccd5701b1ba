"""What Chromium sends by HTTP/2: a server that keeps the length and the fields of every request's header frame."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from hyperframe.frame import Frame, HeadersFrame

from lab.authority import Authority
from tests.loadtests.answering import answering

PREFACE = 24  # bytes before a client's first frame (RFC 9113 section 3.4)
FRAME_HEADER = 9
BODIES = {"/": (b"text/html", b"hi"), "/rooms/r/events": (b"text/event-stream", b"retry: 10\nid: e-5\ndata: x\n\n")}
OTHERWISE = (b"application/json", b"{}")


class Asked(NamedTuple):
    """A request: the length of its header frame, and what it said."""

    length: int
    fields: list[tuple[str, str]]

    def __getitem__(self, name: str) -> str:  # type: ignore[override]
        return dict(self.fields)[name]


class Frames:
    """Cuts what a client sends into frames."""

    def __init__(self) -> None:
        self.rest, self.skip = b"", PREFACE

    def header_lengths(self, data: bytes) -> Iterator[int]:
        """The length of each header frame that these bytes complete."""
        self.rest += data
        skipped = min(self.skip, len(self.rest))
        self.rest, self.skip = self.rest[skipped:], self.skip - skipped
        while len(self.rest) >= FRAME_HEADER:
            frame, length = Frame.parse_frame_header(memoryview(self.rest[:FRAME_HEADER]))
            if len(self.rest) < FRAME_HEADER + length:
                return
            self.rest = self.rest[FRAME_HEADER + length :]
            if isinstance(frame, HeadersFrame):
                yield length


@contextmanager
def keeping(asked: list[Asked], authority: Authority) -> Iterator[str]:
    """A server by TLS and HTTP/2, at the host that is yielded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate, authority.key)
    context.set_alpn_protocols(["h2"])

    def answer(plain: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(plain, server_side=True) as sock:
            connection, frames = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8")), Frames()
            connection.initiate_connection()
            while True:
                sock.sendall(connection.data_to_send())
                if not (data := sock.recv(65_536)):
                    return
                lengths = list(frames.header_lengths(data))
                for event in connection.receive_data(data):
                    if isinstance(event, events.RequestReceived):
                        one = Asked(lengths.pop(0), [(str(name), str(value)) for name, value in event.headers])
                        asked.append(one)
                        kind, body = BODIES.get(one[":path"].partition("?")[0], OTHERWISE)
                        connection.send_headers(event.stream_id, [(":status", "200"), ("content-type", kind)])
                        connection.send_data(event.stream_id, body, end_stream=True)

    with answering(answer) as (host, port):
        yield f"{host}:{port}"
