"""What the three transports that use HTTP have in common, whatever its version."""

import socket
from collections.abc import Callable

import msgspec

from loadtests import headers
from loadtests.load import Load
from loadtests.users import http1, http2
from loadtests.users.base import DEAF_BUFFER, Draft, Message, Participant, Position, Refused
from loadtests.users.http1 import Answer

RETRY = (408, 425, 429, 500, 502, 503, 504)  # answers to a publish that may be different the next time (RFC 9110)
Connection = http1.HttpConnection | http2.Http2Connection
PAIRS: dict[str, Callable[[Load, int], tuple[Connection, Connection]]] = {"1.1": http1.pair, "2": http2.pair}


class Page(msgspec.Struct, frozen=True):
    """The answer to a poll."""

    messages: list[Message]
    cursor: int
    epoch: str


class HttpParticipant(Participant):
    """A participant that listens on one connection and posts its messages on another, as a browser's page would.

    By HTTP/2 both are the same connection.
    """

    abstract = True

    def on_start(self) -> None:
        super().on_start()
        self.incoming, self.outgoing = PAIRS[self.load.http](self.load, self.number)

    def leave(self) -> None:
        self.incoming.close()
        self.outgoing.close()

    def listen_no_more(self) -> None:
        """Ask, where that has not been done, and leave the answer unread."""
        if self.incoming.sock is None or self.incoming.fresh:
            fields = headers.fill(self.load.headers["fetch-get"])
            self.incoming.ask("poll", "GET", self.path("messages") + self.query(), fields)
        assert self.incoming.sock is not None
        self.incoming.sock.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, DEAF_BUFFER)

    def post(self, draft: Draft, row: int) -> None:
        """Publish with a request of its own."""
        body = msgspec.json.encode(draft)
        fields = headers.fill(self.load.headers["fetch-post"], length=str(len(body)))
        self.outgoing.open().payload_up += len(draft.text.encode())
        answer = self.outgoing.request("send", "POST", self.path("messages"), fields, body)
        if answer.status in RETRY:
            raise Refused(f"a publish was answered {answer.status}")
        self.answered(row, answer.status, answer.received_ns)

    def read_page(self, answer: Answer) -> None:
        """Take what a poll brought."""
        match answer.status:
            case 200:
                page = msgspec.json.decode(answer.body, type=Page)
                for message in page.messages:
                    self.deliver(answer.sock, message, page.epoch, answer.received_ns)
                self.epoch, self.cursor = page.epoch, page.cursor
                self.load.log.request_carried(answer.row, len(page.messages))
            case 304:
                pass
            case 409 | 410:
                self.reset(msgspec.json.decode(answer.body, type=Position))
            case status:
                raise Refused(f"a poll was answered {status}")
