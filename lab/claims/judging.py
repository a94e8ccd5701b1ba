"""From a claim's cases to its verdict."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import msgspec

from lab.claims import conditions, sentences
from lab.claims.cases import Case, Rule, Trial
from lab.claims.evidence import Evidence, Missing
from lab.claims.figures import Figure

Verdict = Literal["holds", "holds when", "fails", "undecided"]
Teller = Callable[[Evidence], str]  # a sentence with numbers beside those of the rules; raises Missing for want of them


class Source(msgspec.Struct, frozen=True):
    """Who says so, and what we quote of it."""

    author: str
    title: str
    year: int | None  # None: it does not say
    quoted: str

    @property
    def words(self) -> str:
        return ", ".join(filter(None, (self.author, self.title, str(self.year or ""))))


class Claim(NamedTuple):
    """A claim as data. `means` says when we take it to be borne out: what the rules ask."""

    id: str
    statement: str
    source: Source
    means: str
    rules: tuple[Rule, ...]
    tells: tuple[Teller, ...] = ()

    @property
    def experiments(self) -> list[str]:
        return list(dict.fromkeys(name for rule in self.rules for name in rule.experiments))


class Judgement(msgspec.Struct, frozen=True):
    """A claim's verdict by some evidence. `condition` is the rest of "It holds ..."; `sentence` has the numbers."""

    id: str
    verdict: Verdict
    condition: str
    sentence: str
    trials: list[Trial]

    @property
    def cases(self) -> list[Case]:
        return [case for trial in self.trials for case in trial.cases]

    @property
    def figures(self) -> list[Figure]:
        """Each recorded number that it rests on, once."""
        return list({figure.key: figure for case in self.cases for figure in case.figures}.values())


def judge(claim: Claim, evidence: Evidence) -> Judgement:
    trials = [put(rule, evidence) for rule in claim.rules]
    verdict = verdict_of(trials)
    condition = conditions.condition(trials) if verdict == "holds when" else ""
    told = [sentence for tell in claim.tells if (sentence := attempted(tell, evidence))]
    return Judgement(claim.id, verdict, condition, sentences.report(verdict, condition, trials, told), trials)


def put(rule: Rule, evidence: Evidence) -> Trial:
    """The rule's trial; where there is nothing to put it to, one open case that says why."""
    try:
        return rule.put(evidence)
    except Missing as error:
        return Trial("", (Case(None, "", why=str(error)),), about=rule.about)


def attempted(tell: Teller, evidence: Evidence) -> str:
    try:
        return tell(evidence)
    except Missing:  # the rule that needs the same says so
        return ""


def verdict_of(trials: Sequence[Trial]) -> Verdict:
    """A trial of which nothing is known leaves all open. Otherwise what is known decides: an open case keeps a claim
    from holding throughout, and from failing where it is one of more than half."""
    cases = [case.true for trial in trials for case in trial.cases]
    true, false, unknown = (cases.count(answer) for answer in (True, False, None))
    if any(all(case.true is None for case in trial.cases) for trial in trials):
        return "undecided"
    if not true:
        return "fails" if unknown <= false else "undecided"
    return "holds when" if false or unknown else "holds"
