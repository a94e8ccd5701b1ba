"""What it weighs: bytes in silence and under load (C5), headers then (L1), now (L7), and compressed (L8)."""

from lab.claims.cases import at_least, less
from lab.claims.figures import IP, IP_HOUR, PAYLOAD, SOCKET, quantity
from lab.claims.figures import less as without
from lab.claims.judging import Claim
from lab.claims.rules import LONG, OTHERS, POLLING, SHORT, SSE, WEBSOCKET, against_each
from lab.claims.sightings import shrinks, weighs
from lab.claims.sources import ARTICLE, GRIGORIK, HPACK, KAAZING
from lab.claims.tells import extrapolated, value

POLL, FRAME = 871, 2  # B of headers, as Kaazing counts them
MANY, THEIRS = 100_000, (665.0, 1.526)  # clients, and their Mbps
LEAST, MOST = 500.0, 800.0  # B of headers
FIRST, SECOND = "HTTP/1.1", "HTTP/2"

C5 = Claim(
    "C5",
    "WebSockets send only when there is something to send, and so use less bandwidth.",
    ARTICLE,
    "Surely fewer IP bytes than each other transport: for each client in an hour of silence, and for each message at "
    "every rate.",
    (
        against_each("idle", [WEBSOCKET], OTHERS, less(IP_HOUR), about="in silence"),
        against_each("message-rate", [WEBSOCKET], OTHERS, less(IP), "a rate of {} a second in each room",
                     "for each message"),
    ),
    (value("idle", WEBSOCKET, IP_HOUR, "The heartbeats of an hour of silence are {} for each client."),),
)  # fmt: skip
L1 = Claim(
    "L1",
    f"For each message polling needs {POLL} B of headers, WebSocket {FRAME} B: {POLL // FRAME} to 1.",
    KAAZING,
    f"What is not the text of messages is surely more than {POLL / FRAME:g} times as much in polling each second, at "
    "the socket and as packets.",
    tuple(
        against_each("kaazing", [SHORT], [WEBSOCKET], at_least(without(layer, PAYLOAD, f"{name} bytes beside the text"),
                                                               POLL / FRAME), "{} connected", about)
        for layer, name, about in ((SOCKET, "socket", "at the socket"), (IP, "IP", "as packets"))
    ),
    (extrapolated("kaazing", MANY, quantity("socket_bytes_hour"), THEIRS),),
)  # fmt: skip
L7 = Claim(
    "L7",
    f"Each HTTP/1.x transfer carries {LEAST:g} to {MOST:g} B of headers.",
    GRIGORIK,
    f"The headers of a poll and of its answer are surely from {LEAST:g} to {MOST:g} B together.",
    (weighs("headers", ("browser", "bare"), POLLING, LEAST, MOST),),
)
L8 = Claim(
    "L8",
    "HTTP/2's header compression shrinks polling's overhead.",
    HPACK,
    "Behind the same proxy the headers of a transfer are surely fewer bytes by HTTP/2 than by HTTP/1.1.",
    (shrinks("proxies", SECOND, FIRST, (SHORT, LONG, SSE)),),
)
CLAIMS = (C5, L1, L7, L8)
