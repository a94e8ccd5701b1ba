"""What stays open: connections after an answer (C2), and what keeping them open saves (C3)."""

from collections.abc import Iterator

from msgspec import structs

from lab.claims.cases import Case, Rule, Trial, above, less
from lab.claims.conditions import WITH
from lab.claims.evidence import Evidence, Missing
from lab.claims.figures import IP, OPENED, P50, RATE, SOCKET, Measure, figures, per, ratio
from lab.claims.intervals import ALIKE, multiplied, told
from lab.claims.judging import Claim
from lab.claims.limits import LESS, with_margins, with_others
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
STREAMS = (SSE, WEBSOCKET)
MEASURES = (SOCKET, IP, P50._replace(title="the wait"))


def closes(connections: float) -> tuple[Rule, ...]:
    opened = per(OPENED, RATE, "connections opened for each request", "")
    return (at_every_level("keep-alive", POLLING, above(opened, connections), "keep-alive {}"),)


def against_closing(measure: Measure, alike: float) -> Rule:
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
            for name in STREAMS if kept and closed else ():
                assert kept is not None and closed is not None
                held = evidence.rows("irc-room", name)[0]
                found = multiplied(ratio(measure, held, row), ratio(measure, kept, closed))
                used = [figure for one in (held, row, kept, closed) for figure in figures(one, measure)]
                group = f"{NAMES[name]} against {in_words(row.cell)} that closes"
                yield case(found, less(measure, alike), "times", told(found, "times"), group, None, *used)
        if not any(level == "off" for level, _ in both):
            raise Missing("keep-alive has no level 'off'")

    return Rule(("keep-alive", "irc-room"), "", put)


def of(measure: Measure, rule: Rule) -> Rule:
    """The rule's cases, each named by what is measured too."""

    def put(evidence: Evidence) -> Trial:
        trial = rule.put(evidence)
        cases = [structs.replace(one, group=f"{measure.title}{WITH}{one.group}") for one in trial.cases]
        return structs.replace(trial, cases=tuple(cases))

    return rule._replace(put=put)


def saves(alike: float) -> tuple[Rule, ...]:
    """Less by keeping a connection open: of the same polling, and of what never asks."""
    kept = [
        of(measure, between_levels("keep-alive", POLLING, ("on", "off"), less(measure, alike), "{}"))
        for measure in MEASURES
    ]
    streams = [
        of(measure, rule)
        for measure in MEASURES
        for rule in (
            against_each("irc-room", STREAMS, POLLING, less(measure, alike)),
            against_closing(measure, alike),
        )
    ]
    return (
        together(kept, "kept open to closed", "of polling kept open", "in"),
        together(streams, "SSE and WebSocket to polling", "of SSE and WebSocket", "in"),
    )


C2 = Claim(
    "C2",
    "After a standard web response the connection closes.",
    ARTICLE,
    f"More than {CLOSES:g} connections are opened for each request.",
    "Where each response closes it would be one, where none does none: half is nearer to neither.",
    closes(CLOSES),
    "Connections opened for each request: at most {0:most}.",
    tells=(
        growth("keep-alive", POLLING, [("ip_bytes", "IP bytes"), ("server_cpu", "server CPU")],
               "To close costs {}, for each message."),
    ),
    otherwise=with_others(closes, {"with a quarter of a connection": 0.25, "with three quarters": 0.75}),
)  # fmt: skip
C3 = Claim(
    "C3",
    "A connection that is kept open reduces overhead and improves response speed.",
    ARTICLE,
    "Surely fewer bytes for each message, at the socket and as packets, and surely a shorter median wait: of polling "
    "kept open against polling that closes, and of SSE and WebSocket against either.",
    LESS,
    saves(ALIKE),
    "Kept open, polling takes from {0:min} to {0:max} what it takes closed; SSE and WebSocket take at most {1:max} "
    "what polling does.",
    otherwise=with_margins(saves),
)
CLAIMS = (C2, C3)
