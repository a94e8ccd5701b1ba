"""Asking for nothing (C4), and what it takes to say something (C8)."""

from lab.claims.cases import above, less
from lab.claims.figures import CPU, EMPTY, IP_UP, REQUESTS, SOCKET_UP
from lab.claims.judging import Claim
from lab.claims.rules import OTHERS, POLLING, WEBSOCKET, against_each, at_every_level, interval
from lab.claims.sources import ARTICLE

SOME = 0.01  # of the polls

C4 = Claim(
    "C4",
    "Polling sends requests even when there is no new data.",
    ARTICLE,
    f"Surely more than {100 * SOME:g} % of the polls bring nothing.",
    (
        at_every_level("idle", POLLING, above(EMPTY, SOME), "{} s between polls", "in silence", interval),
        at_every_level("poll-interval", POLLING, above(EMPTY, SOME), "{} s between polls", "in a real chat", interval),
        at_every_level("message-rate", POLLING, above(EMPTY, SOME), "a rate of {} a second in each room", "by rate"),
    ),
)
C8 = Claim(
    "C8",
    "Data flows continuously in both directions over one WebSocket.",
    ARTICLE,
    "What a client sends needs no request of its own, and costs surely fewer bytes upstream and less of the server's "
    "CPU than the POST that the others need: SSE has no way up.",
    tuple(
        against_each("upstream", [WEBSOCKET], OTHERS, less(measure), "a rate of {} a second from each client", about)
        for measure, about in (
            (REQUESTS, "in requests"), (SOCKET_UP, "in socket bytes up"), (IP_UP, "in IP bytes up"), (CPU, "in CPU"),
        )
    ),
)  # fmt: skip
CLAIMS = (C4, C8)
