"""What one poll, one event or one message costs on a connection that is warm, and what the first one costs.

    python -m loadtests.transfers https://127.0.0.1:5443 long-polling --ca ca.pem --http 2

The server is one of all four transports. It prints one line of JSON (Transfers, below). One client asks as Chromium
does. Between two transfers it pauses for longer than an acknowledgement may be held back, since polls are seconds apart
and their acknowledgements find nothing to ride along with.

short-polling        polls that find nothing new, which are answered 304
short-polling-news   polls that each find a message
long-polling         polls that are held until there is a message
sse                  events of one stream
send                 messages posted
websocket            messages pushed through a WebSocket, which is HTTP/1.1's
"""

import argparse
import sys
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import gevent
import msgspec

from loadtests import headers, tls
from loadtests.command import BadUse, Parser, certificate, web_address
from loadtests.event_stream import EventStream
from loadtests.sockets import MeteredSocket, look_up
from loadtests.talks import Http1, Http2, Tally, WebSocket

PAUSE = 0.06  # seconds; Linux holds an acknowledgement back for 40 ms at most
COLD = 3  # transfers after which a connection is warm: every field that repeats is in its table
TEXT = "x" * 60
NAMES = {"1.1": "http/1.1", "2": "h2"}  # in TLS (RFC 7301)


class Page(msgspec.Struct, frozen=True):
    """What a poll brought, of which only the cursor matters here."""

    cursor: int
    epoch: str


class Transfers(msgspec.Struct, frozen=True):
    """What it cost to open the connection, the first transfer, and a later one on average."""

    opened: Tally
    first: Tally
    warm: Tally


class Client:
    """Whoever asks, in a room of its own; beside it somebody writes there, by HTTP/1.1."""

    def __init__(self, url: str, ca: str, http: str) -> None:
        parts = urlsplit(url)
        self.authority, self.host, self.ca, self.http = parts.netloc, parts.hostname or "", ca, http
        self.address = look_up(self.host, parts.port or 443)
        self.fields = headers.prepare("browser", parts.netloc, f"{parts.scheme}://{parts.netloc}")
        self.room = f"rooms/chat-{uuid.uuid4().hex[:8]}"
        self.writer = Http1(self.open("1.1"))

    def talk(self) -> Http1 | Http2:
        """A new connection to ask on."""
        if self.http == "1.1":
            return Http1(self.open("1.1"))
        talk = Http2(self.open("2"), self.authority)
        gevent.sleep(PAUSE)  # for the last acknowledgements
        return talk

    def open(self, http: str) -> MeteredSocket:
        sock = tls.opener(self.ca, self.host, NAMES[http])(self.address, 0, "both", 0)
        sock.connect()
        if tls.agreed(sock) not in ("", NAMES[http]):
            raise ConnectionError(f"the server does not speak HTTP/{http}")
        if http == "1.1":
            gevent.sleep(PAUSE)
            sock.idle()  # what TLS has to say after its handshake, tickets for the next time, is not the first answer's
        return sock

    def publish(self, talk: Http1 | Http2) -> None:
        """Write a message into the room."""
        body = msgspec.json.encode({"id": uuid.uuid4().hex, "sender": "Ada", "text": TEXT})
        fields = headers.fill(self.fields["fetch-post"], length=str(len(body)))
        talk.ask("POST", f"/sse/{self.room}/messages", fields, body)
        if (status := talk.head().status_code) != 201:
            raise ConnectionError(f"a message was answered {status}")
        while talk.piece():
            pass


def short_polling(client: Client) -> Iterator[Tally]:
    return polls(client, "short-polling", lambda: None, lambda: None)


def short_polling_news(client: Client) -> Iterator[Tally]:
    return polls(client, "short-polling", lambda: client.publish(client.writer), lambda: None)


def long_polling(client: Client) -> Iterator[Tally]:
    return polls(client, "long-polling", lambda: None, lambda: client.publish(client.writer))


def polls(client: Client, mount: str, before: Callable[[], None], meanwhile: Callable[[], None]) -> Iterator[Tally]:
    """What had crossed when the connection was open, and when each poll was answered; so for the other kinds."""
    talk = client.talk()
    query, asked, etag = "?after=0", "", ""
    while True:
        yield talk.tally()
        before()
        target = f"/{mount}/{client.room}/messages{query}"
        talk.ask("GET", target, headers.fill(client.fields["fetch-get"], etag=etag if target == asked else ""))
        meanwhile()
        head = talk.head()
        body = b"".join(iter(talk.piece, b""))
        if head.status_code == 200:
            page = msgspec.json.decode(body, type=Page)
            query = f"?after={page.cursor}&epoch={page.epoch}"
        asked, etag = target, dict(head.headers).get(b"etag", b"").decode() or etag


def sse(client: Client) -> Iterator[Tally]:
    """The first transfer is the stream's opening."""
    talk, stream = client.talk(), EventStream()
    yield talk.tally()
    talk.ask("GET", f"/sse/{client.room}/events?after=0", headers.fill(client.fields["eventsource"]))
    talk.head()
    stream.feed(talk.piece())
    while True:
        yield talk.tally()
        client.publish(client.writer)
        while not stream.feed(talk.piece()):
            pass


def send(client: Client) -> Iterator[Tally]:
    talk = client.talk()
    while True:
        yield talk.tally()
        client.publish(talk)


def websocket(client: Client) -> Iterator[Tally]:
    """The first transfer is the handshake."""
    talk = WebSocket(client.open("1.1"))
    yield talk.tally()
    fields = [field for field in client.fields["websocket"] if field[0] != "Sec-WebSocket-Extensions"]
    talk.shake_hands(f"/websocket/{client.room}/socket?after=0", fields)
    talk.text()
    while True:
        yield talk.tally()
        client.publish(client.writer)
        talk.text()


KINDS: dict[str, Callable[[Client], Iterator[Tally]]] = {
    "short-polling": short_polling,
    "short-polling-news": short_polling_news,
    "long-polling": long_polling,
    "sse": sse,
    "send": send,
    "websocket": websocket,
}


def measure(client: Client, kind: str, count: int) -> Transfers:
    """The first transfer, and the mean of `count` later ones."""
    tallies = []
    for tally in KINDS[kind](client):
        tallies.append(tally)
        if len(tallies) > COLD + count:
            break
        gevent.sleep(PAUSE)
    opened, first, *_ = tallies
    return Transfers(opened, first.since(opened), tallies[-1].since(tallies[COLD], count))


def read_command() -> argparse.Namespace:
    parser = Parser("loadtests.transfers", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("url", type=web_address, help="where the server is, such as https://127.0.0.1:5443")
    add("kind", choices=KINDS)
    add("--ca", type=certificate, metavar="FILE", help="whom to trust (whom the system trusts)")
    add("--http", choices=["1.1", "2"], default="1.1", help="its version (%(default)s)")
    add("--count", type=int, default=20, help="transfers on the warm connection (%(default)s)")
    return parser.parse_args()


def main() -> int:
    """Returns 0 when done, 2 when nothing could be measured."""
    try:
        args = read_command()
        found = measure(Client(args.url, args.ca or "", args.http), args.kind, args.count)
    except (BadUse, OSError) as error:
        print(f"loadtests: {error}", file=sys.stderr)
        return 2
    print(msgspec.json.encode(found).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
