"""In practice: pages (C7), strangers (C10), faults (C11), and who needs it (C12)."""

from lab.claims.cases import Rule
from lab.claims.judging import Claim
from lab.claims.limits import YES_OR_NO, with_others
from lab.claims.needs import needed
from lab.claims.rules import LONG, OTHERS, SSE, WEBSOCKET
from lab.claims.sightings import harder, needs_a_guard, only
from lab.claims.sources import ARTICLE
from lab.claims.tells import observed
from lab.plan import TITLES

USE_CASES = 8  # chat, tickers, games, editors, sports, notifications, support dashboards, the chat beside a stream
HARDER = 1.5  # times as much to look at: half as much again


def hidden(times: float) -> tuple[Rule, ...]:
    return (harder("debugging", (LONG, SSE, WEBSOCKET), times),)


def in_time(times: float) -> tuple[Rule, ...]:
    """With so many times the wait that an objective allows."""
    return (needed("use-cases", WEBSOCKET, USE_CASES, times),)


C7 = Claim(
    "C7",
    "Only WebSockets give updates without reloading the page.",
    ARTICLE,
    "In a browser, on the same page, what is new is seen without a reload by WebSocket, and by no other transport.",
    YES_OR_NO,
    (only("browser", "seen without reload", WEBSOCKET, OTHERS),),
    "{0:title}; {0:each}.",
    tells=(observed("browser", "delivery delay", list(TITLES), "ms", "Seen on the page after {}."),),
)
C10 = Claim(
    "C10",
    "Open connections must be protected against unauthorised access.",
    ARTICLE,
    "A page of another site reads or writes in its visitor's name at a server without a guard, and does neither at the "
    "one with a guard.",
    YES_OR_NO,
    (needs_a_guard("hijack", list(TITLES)),),
    "{0:title}: {0:each}.",
)
C11 = Claim(
    "C11",
    "Testing and debugging real-time systems is harder.",
    ARTICLE,
    f"With a tool that finds a fault of short polling the same fault is not found, or only after looking at surely "
    f"more than {HARDER:g} times as much.",
    "Not to be found at all is harder by any measure. From how much more to look at it is harder nobody has told: half "
    "as much again is our choice, made when the data had been seen.",
    hidden(HARDER),
    "It is harder in {0:count}.",
    otherwise=with_others(hidden, {"with anything more to look at": 1.0, "with twice as much": 2.0}),
)
C12 = Claim(
    "C12",
    "Chat, tickers, games, editors, sports, notifications and support dashboards all need WebSockets.",
    ARTICLE,
    "WebSocket surely meets the use case's objective, and no other transport does.",
    "Each objective stands with its source, or what is assumed, in loadtests/scenarios.",
    in_time(1.0),
    "{0:title}.",
    otherwise=with_others(in_time, {"with half the time": 0.5, "with twice the time": 2.0}),
)
CLAIMS = (C7, C10, C11, C12)
