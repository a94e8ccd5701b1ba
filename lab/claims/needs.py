"""The rule over use cases: who meets the objective that each was given."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lab.claims.cases import YES_OR_NO, Case, Rule, Trial
from lab.claims.conditions import listed
from lab.claims.evidence import Evidence, Missing, Row
from lab.claims.figures import CPU, IP_HOUR, Measure, figures, quantity
from lab.claims.figures import NAMES as QUANTITIES
from lab.claims.intervals import told
from lab.claims.rules import NAMES
from lab.decisions import Decision, decide
from lab.errors import BadUse
from lab.objective import read_objective
from lab.plan import TITLES, Cell, shown
from lab.wording import in_words, text

Decided = dict[Cell, Decision]


def needed(experiment: str, who: str, of: int, times: float = 1.0) -> Rule:
    """That of so many use cases each has an objective that `who` meets, and nobody else: at so many times the wait."""

    def put(evidence: Evidence) -> Trial:
        rows = [row for transport in TITLES for row in evidence.rows(experiment, transport)]
        found = decided(evidence, experiment, rows, times)
        levels = list(dict.fromkeys(cell.level for cell in found))
        cases = [met([row for row in rows if row.level == level], found, who) for level in levels]
        if len(levels) < of:
            cases.append(Case(None, "", why=f"{experiment} has {len(levels)} of the {of} use cases"))
        return Trial(f"who meets the objective: {tally(rows, found)} of {len(levels)}", tuple(cases))

    return Rule((experiment,), "", put)


def decided(evidence: Evidence, experiment: str, rows: Sequence[Row], times: float) -> Decided:
    """What was decided of each row."""
    try:
        scenarios = evidence.manifest(experiment).scenarios
        decisions = decide([row.cell for row in rows], {name: allowing(one, times) for name, one in scenarios.items()})
    except BadUse as error:
        raise Missing(f"{experiment}: {str(error).rstrip('.')}") from None
    if {one.cell for one in decisions} != {row.cell.cell for row in rows}:
        raise Missing(f"not every scenario of {experiment} has an objective")
    if unknown := [one.objective for one in decisions if one.quantity not in QUANTITIES]:
        raise Missing(f"{experiment} has the objective {unknown[0]}, which no quantity tells")
    return {one.cell: one for one in decisions}


def allowing(scenario: Mapping[str, Any], times: float) -> Mapping[str, Any]:
    """The scenario with so many times the wait that its objective allows."""
    text = scenario.get("objective", "")
    if times == 1 or not text:
        return scenario
    wanted = read_objective(text)
    return {**scenario, "objective": f"{wanted.percentile} < {times * wanted.limit_ms:g}ms"}


def tally(rows: Sequence[Row], found: Decided) -> str:
    """`WebSocket in 8, SSE in 7`: short polling by whichever of its intervals does best."""
    met = {(row.cell.cell.transport, row.level) for row in rows if found[row.cell.cell].met}
    counts = Counter(transport for transport, _ in met)
    return ", ".join(f"{NAMES[name]} in {counts[name]}" for name in reversed(TITLES))


def met(rows: Sequence[Row], found: Decided, who: str) -> Case:
    """One use case."""
    own = [found[row.cell.cell].met for row in rows if row.cell.cell.transport == who]
    others = [found[row.cell.cell].met for row in rows if row.cell.cell.transport != who]
    true = False if own == [False] or True in others else True if own == [True] and {*others} == {False} else None
    why = "" if true is not None else next((f"{in_words(row.cell)}: {found[row.cell.cell].why}" for row in rows
                                           if found[row.cell.cell].met is None), "it compares too few")  # fmt: skip
    used = [figure for row in rows for measure in (wait(found[row.cell.cell]), IP_HOUR, CPU)
            for figure in figures(row, measure)]  # fmt: skip
    return Case(
        true, words(rows, found), unit=YES_OR_NO, why=why, group=shown(rows[0].level or ""), figures=tuple(used)
    )


def wait(decision: Decision) -> Measure:
    return quantity(decision.quantity)


def words(rows: Sequence[Row], found: Decided) -> str:
    """`p95 < 100 ms: SSE (3.00 ms, 69.4 kB an hour, 212 µs) and WebSocket (...); not short polling (950 ms)`."""
    meets = [f"{in_words(row.cell)} ({price(row, found[row.cell.cell])})" for row in rows if found[row.cell.cell].met]
    misses = [f"{in_words(row.cell)} ({missed(row, found[row.cell.cell])})" for row in rows
              if found[row.cell.cell].met is False]  # fmt: skip
    objective = found[rows[0].cell.cell].objective
    return f"{objective}: {listed(meets) or 'nobody'}{f'; not {listed(misses)}' if misses else ''}"


def price(row: Row, decision: Decision) -> str:
    """The wait, and what it costs."""
    costs = ((decision.quantity, "ms"), ("ip_bytes_hour", "kB an hour"), ("server_cpu", "µs"))
    return ", ".join(text(row.cell[key], unit) for key, unit in costs)


def missed(row: Row, decision: Decision) -> str:
    """The wait; of what never came, that."""
    return decision.why or told(row.cell[decision.quantity], "ms").replace(" (", ", ").rstrip(")")
