"""The sentences that report a verdict, made from the cases and their numbers."""

import math
from collections.abc import Sequence

from lab.claims.cases import YES_OR_NO, Case, Trial
from lab.claims.intervals import told
from lab.stats import Estimate
from lab.wording import count

FEW = 2  # numbers that are told one by one; of more, the least and the most
MANY = 4  # cases in words that are told one by one; of more, one of each kind
WORDS = {True: "as claimed", False: "not as claimed", None: "open"}


def brief(condition: str, doubts: Sequence[str], trials: Sequence[Trial]) -> str:
    """When it holds, or why nobody can say; and the numbers that decide."""
    when = f"It holds {condition}." if condition else ""
    doubt = f"Nobody can say: {'; '.join(doubts)}." if doubts else ""
    return joined(when, doubt, *map(span, trials))


def joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def why(trial: Trial, case: Case) -> str:
    place = trial.place(case)
    return f"{place}: {case.why}" if place else case.why


def left_open(trials: Sequence[Trial]) -> str:
    """In how many of the cases nobody can say, where there is a verdict all the same."""
    open_ = [(trial, case) for trial in trials for case in trial.cases if case.true is None]
    if not open_:
        return ""
    of = sum(len(trial.cases) for trial in trials)
    return f"In {len(open_)} of {count(of, 'case')} nobody can say ({why(*open_[0])})."


def unsure(trials: Sequence[Trial]) -> str:
    """How many of the rows may not be valid."""
    valid = {figure.key[:2]: figure.valid for trial in trials for case in trial.cases for figure in case.figures}
    doubtful = sum(answer is None for answer in valid.values())
    return f"Of {count(len(valid), 'row')} {doubtful} may not be valid: take it with care." if doubtful else ""


def span(trial: Trial) -> str:
    """What was seen in a trial: its numbers, or of many the least and the most."""
    known = [case for case in trial.cases if case.estimate.value is not None and case.unit != YES_OR_NO]
    if not known:
        return in_words(trial)
    if len(known) <= FEW:
        said = "; ".join(with_place(trial, case) for case in known)
    else:
        ordered = sorted(known, key=lambda case: case.estimate.value or 0.0)
        if ordered[0].estimate == ordered[-1].estimate:
            return f"{capital(trial.title)}: {told(ordered[0].estimate, ordered[0].unit)} in all {len(known)} cases."
        said = f"from {with_place(trial, ordered[0])} to {with_place(trial, ordered[-1])}"
    return f"{capital(trial.title)}: {said}."


def with_place(trial: Trial, case: Case) -> str:
    """`95 % (94 to 96; short polling every second)`."""
    number, place = told(finite(case.estimate), case.unit), trial.place(case)
    if not place:
        return number
    return f"{number[:-1]}; {place})" if number.endswith(")") else f"{number} ({place})"


def finite(estimate: Estimate) -> Estimate:
    """The same, where an end without end is none to print."""
    return Estimate(math.inf, math.inf, math.inf) if estimate.value == math.inf else estimate


def in_words(trial: Trial) -> str:
    """Of cases that were seen rather than measured: each; of many, how many there are of a kind, with an example."""
    told = [case for case in trial.cases if case.said]
    if len(told) > MANY:
        kinds = {answer: [case for case in told if case.true is answer] for answer in WORDS}
        said = [f"{WORDS[answer]} {len(cases)} of {len(told)} times, as with {example(trial, cases[0])}"
                for answer, cases in kinds.items() if cases]  # fmt: skip
    else:
        said = [example(trial, case) for case in told]
    return f"{capital(trial.title)}: {'; '.join(said)}." if said else ""


def example(trial: Trial, case: Case) -> str:
    return f"{trial.place(case)} {case.said}".strip()


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
