"""What it weighs: bytes in silence and under load (C5), headers then (L1), now (L7), and compressed (L8)."""

from lab.claims.cases import Rule, at_least, less
from lab.claims.figures import IP, IP_HOUR, PAYLOAD, SOCKET, quantity
from lab.claims.figures import less as without
from lab.claims.intervals import ALIKE
from lab.claims.judging import Claim, Otherwise
from lab.claims.limits import LESS, with_margins, with_others
from lab.claims.rules import LONG, OTHERS, POLLING, RATE, SHORT, SSE, WEBSOCKET, against_each
from lab.claims.sightings import framed, outweighs, shrinks, weighs
from lab.claims.sources import ARTICLE, GRIGORIK, HPACK, KAAZING
from lab.claims.tells import extrapolated, value

POLL, FRAME = 871, 2  # B of headers, as Kaazing counts them
MANY, THEIRS = 100_000, (665.0, 1.526)  # clients, and their Mbps
LEAST, MOST = 500.0, 800.0  # B of headers
FIRST, SECOND = "HTTP/1.1", "HTTP/2"


def lighter(alike: float) -> tuple[Rule, ...]:
    return (
        against_each("idle", [WEBSOCKET], OTHERS, less(IP_HOUR, alike), about="in silence"),
        against_each("message-rate", [WEBSOCKET], OTHERS, less(IP, alike), RATE, "for each message"),
    )


def heavier(times: float) -> tuple[Rule, ...]:
    """In headers alone, as they count; and in all that is not text."""
    socket, ip = (without(layer, PAYLOAD, f"{name} bytes beside the text") for layer, name in
                  ((SOCKET, "socket"), (IP, "IP")))  # fmt: skip
    return (
        outweighs("headers", "browser", SHORT, WEBSOCKET, times, "in headers"),
        against_each("kaazing", [SHORT], [WEBSOCKET], at_least(socket, times), "{} clients", "at the socket"),
        against_each("kaazing", [SHORT], [WEBSOCKET], at_least(ip, times), "{} clients", "as packets"),
    )


def headers(least: float, most: float) -> tuple[Rule, ...]:
    return (weighs("headers", ("browser", "bare"), POLLING, least, most),)


def compressed(alike: float) -> tuple[Rule, ...]:
    return (shrinks("proxies", SECOND, FIRST, (SHORT, LONG), alike),)


C5 = Claim(
    "C5",
    "WebSockets send only when there is something to send, and so use less bandwidth.",
    ARTICLE,
    "Surely fewer IP bytes than each other transport: for each client in an hour of silence, and for each message at "
    "every rate.",
    LESS,
    lighter(ALIKE),
    "In silence WebSocket takes at most {0:most} in IP bytes; for each message {1:most}.",
    tells=(value("idle", WEBSOCKET, IP_HOUR, "The heartbeats of an hour of silence are {} for each client."),),
    otherwise=with_margins(lighter),
)
L1 = Claim(
    "L1",
    f"For each message polling needs {POLL} B of headers, WebSocket {FRAME} B: {POLL // FRAME} to 1.",
    KAAZING,
    f"The headers of a browser's poll and its answer are surely more than {POLL / FRAME:g} times those of a frame; and "
    "so is all that is not the text of messages, in polling each second, at the socket and as packets.",
    f"{POLL} to {FRAME} is their own. A frame has 2 B of header up to 125 B of content, and 4 B beyond.",
    heavier(POLL / FRAME),
    "Polling to WebSocket: in headers {0:max}; the text of the messages left out, at the socket {1:max} and as packets "
    "{2:max}.",
    tells=(extrapolated("kaazing", MANY, quantity("socket_bytes_hour"), THEIRS),),
    otherwise=with_others(heavier, {"with half of that": POLL / FRAME / 2, "with a tenth of that": POLL / FRAME / 10}),
)
L7 = Claim(
    "L7",
    f"Each HTTP/1.x transfer carries {LEAST:g} to {MOST:g} B of headers.",
    GRIGORIK,
    f"The headers of a poll and of its answer are surely from {LEAST:g} to {MOST:g} B together.",
    "Both ends are the book's own.",
    headers(LEAST, MOST),
    "A poll and its answer have {0:range}.",
    otherwise=(Otherwise("with a tenth more room at either end", headers(0.9 * LEAST, 1.1 * MOST)),),
)
L8 = Claim(
    "L8",
    "HTTP/2's header compression shrinks polling's overhead.",
    HPACK,
    "Behind the same proxy the headers of a poll and of its answer are surely fewer bytes by HTTP/2 than by HTTP/1.1.",
    f"{LESS} Of SSE, which does not poll, an event has no headers: what frames it is told beside this.",
    compressed(ALIKE),
    "HTTP/2 to HTTP/1.1: {0:range}.",
    tells=(framed("proxies", (FIRST, SECOND), SSE, "What frames an event of SSE is {} by HTTP/1.1, {} by HTTP/2."),),
    otherwise=with_margins(compressed),
)
CLAIMS = (C5, L1, L7, L8)
