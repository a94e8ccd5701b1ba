"""What stays open: connections after an answer (C2), and what keeping them open saves (C3)."""

from collections.abc import Iterator, Sequence

from lab.claims.cases import Case, Rule, Trial, above, less
from lab.claims.evidence import Evidence, Missing
from lab.claims.figures import IP, OPENED, P50, RATE, SOCKET, Measure, figures, per, ratio
from lab.claims.intervals import multiplied, told
from lab.claims.judging import Claim
from lab.claims.rules import (
    NAMES,
    POLLING,
    SSE,
    WEBSOCKET,
    against_each,
    at_every_level,
    attempted,
    between_levels,
    case,
    together,
)
from lab.claims.sources import ARTICLE
from lab.claims.tells import growth
from lab.wording import in_words

CLOSES = 0.5  # connections for each request: nearer to one than to none

C2 = Claim(
    "C2",
    "After a standard web response the connection closes.",
    ARTICLE,
    f"More than {CLOSES:g} connections are opened for each request.",
    (
        at_every_level(
            "keep-alive", POLLING, above(per(OPENED, RATE, "connections opened for each request", ""), CLOSES),
            "keep-alive {}",
        ),
    ),
    (
        growth("keep-alive", POLLING, [("ip_bytes", "IP bytes"), ("server_cpu", "server CPU")],
               "To close costs {}, for each message."),
    ),
)  # fmt: skip


def against_closing(who: Sequence[str], measure: Measure) -> Rule:
    """Against polling that closes: the ratio to polling kept open, times that of kept open to closed."""

    def put(evidence: Evidence) -> Trial:
        cases: list[Case] = []
        for polling in POLLING:
            cases += attempted(f"{NAMES[polling]} that closes", compared(evidence, polling))
        return Trial(measure.title, tuple(cases))

    def compared(evidence: Evidence, polling: str) -> Iterator[Case]:
        rows = evidence.rows("keep-alive", polling)
        both = {(row.level, row.interval): row for row in rows}
        for row in evidence.rows("irc-room", polling):
            kept, closed = both.get(("on", row.interval)), both.get(("off", row.interval))
            for name in who if kept and closed else ():
                assert kept is not None and closed is not None
                held = evidence.rows("irc-room", name)[0]
                found = multiplied(ratio(measure, held, row), ratio(measure, kept, closed))
                used = [figure for one in (held, row, kept, closed) for figure in figures(one, measure)]
                group = f"{NAMES[name]} against {in_words(row.cell)} that closes"
                yield case(found, less(measure), "times", told(found, "times"), group, None, *used)
        if not any(level == "off" for level, _ in both):
            raise Missing("keep-alive has no level 'off'")

    return Rule(("keep-alive", "irc-room"), "", put)


def kept_open(measure: Measure, about: str) -> Rule:
    """Less of something by keeping a connection open: the same polling, and what never asks."""
    return together(
        (
            between_levels("keep-alive", POLLING, ("on", "off"), less(measure), "{} kept open against closed"),
            against_each("irc-room", [SSE, WEBSOCKET], POLLING, less(measure)),
            against_closing([SSE, WEBSOCKET], measure),
        ),
        f"{measure.title}, compared", about,
    )  # fmt: skip


C3 = Claim(
    "C3",
    "A connection that is kept open reduces overhead and improves response speed.",
    ARTICLE,
    "Surely fewer bytes for each message, at the socket and as packets, and surely a shorter median wait: of polling "
    "kept open against polling that closes, and of SSE and WebSocket against either.",
    (kept_open(SOCKET, "in socket bytes"), kept_open(IP, "in IP bytes"), kept_open(P50, "in the wait")),
)
CLAIMS = (C2, C3)
