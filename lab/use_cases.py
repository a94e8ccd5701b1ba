"""Use cases: who meets the objective of each, at what price, and where polling wins; as rows, and in sentences."""

from collections.abc import Sequence
from typing import NamedTuple

from lab.decisions import Decision, cheapest
from lab.plan import shown
from lab.stats import Estimate
from lab.summary import CellSummary, Summary
from lab.sweep import PRICES
from lab.wording import in_words, text

WORDS = {True: "yes", False: "no", None: "undecided"}
LEAST = dict(zip(PRICES, ("fewest bytes", "least server CPU"), strict=True))
UNITS = dict(zip(PRICES, ("kB per client and hour", "share"), strict=True))
OF = dict(zip(PRICES, ("", " of a CPU"), strict=True))
POLLING = ("short-polling", "long-polling")


class Option(NamedTuple):
    """A row of a use case, and what was decided of it. `least` are the prices in which nobody surely beats it."""

    row: CellSummary
    decision: Decision
    least: tuple[str, ...]

    @property
    def wait(self) -> Estimate:
        return self.row[self.decision.quantity]


class Case(NamedTuple):
    """A use case: the scenario's name, its objective, and a row for each way of delivery."""

    name: str
    objective: str
    options: list[Option]
    best: dict[str, list[CellSummary]]  # by price: the cheapest of those that meet the objective, and who ties with it

    @property
    def percentile(self) -> str:
        return self.objective.partition(" ")[0]

    @property
    def undecided(self) -> dict[str, list[CellSummary]]:
        """Those of whom nobody can say, by the reason."""
        found: dict[str, list[CellSummary]] = {}
        for option in self.options:
            if option.decision.met is None:
                found.setdefault(option.decision.why, []).append(option.row)
        return found

    def of(self, met: bool) -> list[CellSummary]:
        return [option.row for option in self.options if option.decision.met is met]


def cases(summary: Summary) -> list[Case]:
    """The use cases in the order in which they were measured."""
    rows = {row.cell: row for row in summary.cells}
    found = []
    for level in dict.fromkeys(decision.cell.level for decision in summary.decisions):
        own = [decision for decision in summary.decisions if decision.cell.level == level]
        met = [rows[decision.cell] for decision in own if decision.met]
        best = {key: cheapest(met, key) for key in PRICES}
        telling = [key for key in PRICES if len(best[key]) < max(len(met), 2)]  # not where all tie
        options = [
            Option(rows[one.cell], one, tuple(key for key in telling if rows[one.cell] in best[key])) for one in own
        ]
        found.append(Case("" if level is None else shown(level), own[0].objective, options, best))
    return found


def told(summary: Summary) -> list[str]:
    """A sentence or two on each use case, and one on where polling wins."""
    found = cases(summary)
    return [*map(verdict, found), polling(found)] if found else []


def verdict(case: Case) -> str:
    """Who meets the objective, who does not, of whom nobody can say; and the cheapest of those who do."""
    met, missed = case.of(True), case.of(False)
    parts = ["all meet it" if len(met) == len(case.options) else f"{those(met)} meet{'s' * (len(met) == 1)} it" if met
             else "nobody surely meets it"]  # fmt: skip
    parts += [f"{those(missed)} {'does' if len(missed) == 1 else 'do'} not"] if missed else []
    parts += [f"undecided for {those(rows)}: {why}" for why, rows in case.undecided.items()]
    prices = [price(key, best, len(met)) for key, best in case.best.items() if best] if len(met) > 1 else []
    doubted = [row for row in met if not all(map(row.verdict.trusts, PRICES))]
    unseen = [in_words(row) for row in doubted if row.verdict.holds_unseen]
    wrong = [in_words(row) for row in doubted if not row.verdict.holds_unseen]
    prices += [f"Not valid, so in no comparison of prices: {', '.join(wrong)}."] if wrong and prices else []
    prices += [f"Watched for less than a poll is held, so in none: {', '.join(unseen)}."] if unseen and prices else []
    return " ".join([f"{case.name} ({case.objective}): {'; '.join(parts)}.", *prices])


def winners(case: Case, key: str) -> str:
    """`SSE and WebSocket`: the cheapest of those who meet the objective, and who ties with it."""
    best = case.best[key]
    if not best:
        return "nobody can say"
    return those(best) if len(best) < max(len(case.of(True)), 2) else "no detectable difference"


def price(key: str, best: Sequence[CellSummary], of: int) -> str:
    """`Fewest bytes: SSE (12.3 kB per client and hour), and by no detectable difference WebSocket.`"""
    least = f"{LEAST[key][:1].upper()}{LEAST[key][1:]}"
    if len(best) == of:
        return f"{least}: no detectable difference between those who do."
    ties = f", and by no detectable difference {those(best[1:])}" if len(best) > 1 else ""
    return f"{least}: {in_words(best[0])} ({text(best[0][key], UNITS[key])}{OF[key]}){ties}."


def polling(found: Sequence[Case]) -> str:
    """The region in which polling wins: it meets the objective, and nothing that pushes does so for as little."""
    wins = []
    for case in found:
        for key, best in case.best.items():
            trusted = all(row.verdict.trusts(key) for row in case.of(True))
            if best and trusted and all(row.cell.transport in POLLING for row in best):
                wins.append(f"{those(best)} in {case.name} ({LEAST[key]})")
    if not wins:
        return (
            f"Polling surely wins in none of the {len(found)}: where it meets the objective, not every push costs more."
        )
    return f"Polling wins where it meets the objective for less than anything that pushes: {'; '.join(wins)}."


def those(rows: Sequence[CellSummary]) -> str:
    """`long polling, SSE and WebSocket`."""
    names = [in_words(row) for row in rows]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
