"""In practice: pages (C7), strangers (C10), faults (C11), and who needs it (C12)."""

from lab.claims.judging import Claim
from lab.claims.needs import needed
from lab.claims.rules import LONG, OTHERS, SSE, WEBSOCKET
from lab.claims.sightings import HARDER, harder, needs_a_guard, only
from lab.claims.sources import ARTICLE
from lab.claims.tells import observed
from lab.plan import TITLES

USE_CASES = 8  # chat, tickers, games, editors, sports, notifications, support dashboards, the chat beside a stream

C7 = Claim(
    "C7",
    "Only WebSockets give updates without reloading the page.",
    ARTICLE,
    "In a browser, on the same page, what is new is seen without a reload by WebSocket, and by no other transport.",
    (only("browser", "seen without reload", WEBSOCKET, OTHERS),),
    (observed("browser", "delivery delay", list(TITLES), "ms", "Seen on the page after {}."),),
)
C10 = Claim(
    "C10",
    "Open connections must be protected against unauthorised access.",
    ARTICLE,
    "A page of another site reads or writes in its visitor's name at a server without a guard, and does neither at the "
    "one with a guard.",
    (needs_a_guard("hijack", list(TITLES)),),
)
C11 = Claim(
    "C11",
    "Testing and debugging real-time systems is harder.",
    ARTICLE,
    f"With a tool that finds a fault of short polling the same fault is not found, or only after looking at surely "
    f"more than {HARDER:g} times as much.",
    (harder("debugging", (LONG, SSE, WEBSOCKET)),),
)
C12 = Claim(
    "C12",
    "Chat, tickers, games, editors, sports, notifications and support dashboards all need WebSockets.",
    ARTICLE,
    "WebSocket surely meets the use case's objective, and no other transport does.",
    (needed("use-cases", WEBSOCKET, USE_CASES),),
)
CLAIMS = (C7, C10, C11, C12)
