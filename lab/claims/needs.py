"""The rule over use cases: who meets the objective that each was given."""

import contextlib
from collections import Counter
from collections.abc import Sequence

from lab.capacity import Objective, read_objective
from lab.claims.cases import YES_OR_NO, Case, Rule, Trial, open_case
from lab.claims.conditions import listed
from lab.claims.evidence import USE_CASES, Evidence, Missing, Row
from lab.claims.figures import CPU, IP, P50, P95, P99, Measure, figures
from lab.claims.intervals import below, told
from lab.claims.rules import NAMES
from lab.errors import BadUse
from lab.plan import TITLES
from lab.wording import in_words, text

MEASURES = {0.5: P50, 0.95: P95, 0.99: P99}


def needed(who: str, of: int) -> Rule:
    """That of so many use cases each has an objective that `who` meets, and nobody else."""

    def put(evidence: Evidence) -> Trial:
        names = list(evidence.use_cases())
        cases = [attempted(evidence, name, who) for name in names]
        if len(names) < of:
            lacking = f"{len(names)} of the {of} use cases are recorded"
            cases.append(Case(None, "", why=f"only {lacking}" if names else f"none of the {of} use cases is recorded"))
        return Trial(f"who meets the objective: {tally(evidence, names)}", tuple(cases))

    return Rule((USE_CASES,), "", put)


def tally(evidence: Evidence, names: Sequence[str]) -> str:
    """`WebSocket in 8, SSE in 7 of 8`: short polling by its best interval."""
    found: Counter[str] = Counter()
    known = 0
    for name in names:
        with contextlib.suppress(Missing):
            rows, meets = judged(evidence, name)[2:]
            known += 1
            found.update({row.cell.cell.transport for row in rows if meets[row.cell.cell.name]})
    return f"{', '.join(f'{NAMES[one]} in {found[one]}' for one in reversed(TITLES))} of {known}"


def attempted(evidence: Evidence, name: str, who: str) -> Case:
    group = name.removeprefix(f"{USE_CASES}/")
    try:
        return met(evidence, name, group, who)
    except Missing as error:
        return Case(None, "", why=str(error), group=group)


def met(evidence: Evidence, name: str, group: str, who: str) -> Case:
    """One use case."""
    objective, measure, rows, found = judged(evidence, name)
    own = next((found[row.cell.cell.name] for row in rows if row.cell.cell.transport == who), False)
    others = [found[row.cell.cell.name] for row in rows if row.cell.cell.transport != who]
    if len(others) in (0, len(rows)):
        raise Missing(f"{name} does not compare {TITLES[who]} with others")
    true = False if own is False or True in others else None if None in (own, *others) else True
    why = "" if true is not None else unclear(rows, measure, objective, found)
    used = tuple(figure for row in rows for one in (measure, IP, CPU) for figure in figures(row, one))
    return Case(true, words(objective, measure, rows, found), unit=YES_OR_NO, why=why, group=group, figures=used)


def judged(evidence: Evidence, name: str) -> tuple[Objective, Measure, list[Row], dict[str, bool | None]]:
    """The objective, what it is about, and which row meets it."""
    objective, measure = read(str(evidence.manifest(name).scenario.get("objective", "")), name)
    rows = rows_of(evidence, name)
    return objective, measure, rows, {row.cell.cell.name: below(measure.of(row), objective.limit_ms) for row in rows}


def read(text: str, name: str) -> tuple[Objective, Measure]:
    try:
        objective = read_objective(text)
    except BadUse as error:
        raise Missing(f"{name}: {str(error).rstrip('.')}") from None
    if objective.share not in MEASURES:
        raise Missing(f"{name} has the objective {objective}, and p50, p95 and p99 are what is recorded")
    return objective, MEASURES[objective.share]


def rows_of(evidence: Evidence, name: str) -> list[Row]:
    """All that were compared."""
    found = []
    for transport in TITLES:
        try:
            found += evidence.rows(name, transport)
        except Missing:
            if not evidence.summary(name).cells:
                raise
    return found


def words(objective: Objective, measure: Measure, rows: Sequence[Row], found: dict[str, bool | None]) -> str:
    """`p95 < 100 ms: SSE (3.00 ms, 694 B, 212 µs) and WebSocket (...); not short polling every second (950 ms)`."""
    meets = [f"{in_words(row.cell)} ({', '.join(text(one.of(row), one.unit) for one in (measure, IP, CPU))})"
             for row in rows if found[row.cell.cell.name]]  # fmt: skip
    misses = [f"{in_words(row.cell)} ({told(measure.of(row), measure.unit)})"
              for row in rows if found[row.cell.cell.name] is False]  # fmt: skip
    return f"{objective}: {listed(meets) or 'nobody'}{f'; not {listed(misses)}' if misses else ''}"


def unclear(rows: Sequence[Row], measure: Measure, objective: Objective, found: dict[str, bool | None]) -> str:
    row = next(row for row in rows if found[row.cell.cell.name] is None)
    return f"{in_words(row.cell)}: {open_case(measure.of(row), f'below {objective.limit_ms:g} ms')}"
