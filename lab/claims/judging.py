"""From a claim's cases to its verdict."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import msgspec

from lab.claims import conditions, sensitivity, sentences
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


class Otherwise(NamedTuple):
    """The same claim put to the test with another limit: `words` say which, `at 50 ms`."""

    words: str
    rules: tuple[Rule, ...]


class Claim(NamedTuple):
    """A claim as data.

    `means` says when we take it to be borne out: what the rules ask. `because` says why with these limits, and by whose
    word; where they are our choice, `otherwise` has others that would do as well. `says` is the template of the
    sentence with the numbers (sentences.Seen); what `briefly` tells follows it, what `tells` tells is for who asks.
    """

    id: str
    statement: str
    source: Source
    means: str
    because: str
    rules: tuple[Rule, ...]
    says: str
    briefly: tuple[Teller, ...] = ()
    tells: tuple[Teller, ...] = ()
    otherwise: tuple[Otherwise, ...] = ()

    @property
    def experiments(self) -> list[str]:
        return list(dict.fromkeys(name for rule in self.rules for name in rule.experiments))


class Elsewhere(msgspec.Struct, frozen=True):
    """The verdict at another limit."""

    words: str
    verdict: Verdict
    condition: str


class Lines(msgspec.Struct, frozen=True):
    """What there is to say of a verdict, a sentence each.

    `where` has no sentences: the parts of what follows "It holds", for a claim that holds in some cases. `doubts` say
    why another is undecided. `measured` are the numbers that decided, `flips` the limits by which the verdict would be
    another; `more` numbers, `same` and `unsure` are for who asks.
    """

    where: list[str]
    doubts: list[str]
    measured: list[str]
    flips: list[str]
    more: list[str]
    same: list[str]
    unsure: list[str]


class Judgement(msgspec.Struct, frozen=True):
    """A claim's verdict by some evidence.

    `condition` is the rest of "It holds ...", `brief` the numbers that decided and the limits by which the verdict
    would be another, `sentence` all there is to say, and `lines` the same apart.
    """

    id: str
    verdict: Verdict
    condition: str
    brief: str
    sentence: str
    lines: Lines
    trials: list[Trial]
    otherwise: list[Elsewhere] = []

    @property
    def cases(self) -> list[Case]:
        return [case for trial in self.trials for case in trial.cases]

    @property
    def figures(self) -> list[Figure]:
        """Each recorded number that it rests on, once."""
        return list({figure.key: figure for case in self.cases for figure in case.figures}.values())


def judge(claim: Claim, evidence: Evidence) -> Judgement:
    trials = [put(rule, evidence) for rule in claim.rules]
    verdict, condition = decided(trials, claim.experiments)
    known = verdict != "undecided"
    elsewhere = [put_otherwise(one, evidence, claim.experiments) for one in claim.otherwise if known]
    lines = Lines(
        where=conditions.parts(trials) if condition else [],
        doubts=[] if known else doubts_of(trials, claim.experiments),
        measured=[sentences.numbers(claim.says, trials), *told(claim.briefly, evidence)] if known else [],
        flips=sensitivity.flips(verdict, elsewhere),
        more=told(claim.tells, evidence),
        same=sensitivity.same(verdict, condition, elsewhere),
        unsure=[one for one in (sentences.left_open(trials) if known else "", sentences.unsure(trials)) if one],
    )
    brief = sentences.joined(sentences.when(condition, lines.doubts), *lines.measured, *lines.flips)
    sentence = sentences.joined(brief, *lines.more, *lines.same, *lines.unsure)
    return Judgement(claim.id, verdict, condition, brief, sentence, lines, trials, elsewhere)


def told(tellers: Sequence[Teller], evidence: Evidence) -> list[str]:
    return [said for tell in tellers if (said := attempted(tell, evidence))]


def decided(trials: Sequence[Trial], experiments: Sequence[str]) -> tuple[Verdict, str]:
    """(verdict, condition)."""
    verdict = verdict_of(trials, experiments)
    return verdict, conditions.condition(trials) if verdict == "holds when" else ""


def put_otherwise(other: Otherwise, evidence: Evidence, experiments: Sequence[str]) -> Elsewhere:
    return Elsewhere(other.words, *decided([put(rule, evidence) for rule in other.rules], experiments))


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


def verdict_of(trials: Sequence[Trial], experiments: Sequence[str]) -> Verdict:
    """Where nothing is known of a trial, or from an experiment, all is open. Otherwise what is known decides.

    An open case keeps a claim from holding throughout, and, with as many more, from failing.
    """
    cases = [case.true for trial in trials for case in trial.cases]
    true, false, unknown = (cases.count(answer) for answer in (True, False, None))
    if silent(experiments, trials) or any(is_open(trial) for trial in trials):
        return "undecided"
    if not true:
        return "fails" if unknown <= false else "undecided"
    return "holds when" if false or unknown else "holds"


def is_open(trial: Trial) -> bool:
    """Whether nothing is known of it."""
    return all(case.true is None for case in trial.cases)


def silent(experiments: Sequence[str], trials: Sequence[Trial]) -> list[str]:
    """The experiments from which nothing is known."""
    known = [case for trial in trials for case in trial.cases if case.true is not None]
    return [name for name in experiments if not any(rests_on(case, name) for case in known)]


def rests_on(case: Case, experiment: str) -> bool:
    return any(figure.experiment == experiment for figure in case.figures)


def doubts_of(trials: Sequence[Trial], experiments: Sequence[str]) -> list[str]:
    """Why there is no verdict: of each trial that is open, then of each experiment that is silent; else of any case."""
    cases = [(trial, case) for trial in trials for case in trial.cases if case.true is None]
    found = [sentences.why(trial, trial.cases[0]) if trial.cases else f"there is no case of {trial.title}"
             for trial in trials if is_open(trial)]  # fmt: skip
    for name in silent(experiments, trials):
        found += [sentences.why(*one) for one in cases if rests_on(one[1], name) or name in one[1].why][:1]
    return list(dict.fromkeys(found or [sentences.why(*one) for one in cases[:1]]))
