"""The sentences that report a verdict, made from the cases and their numbers."""

import math
from collections.abc import Callable, Sequence

from msgspec import structs

from lab.claims.cases import YES_OR_NO, Case, Trial
from lab.claims.conditions import AGAINST
from lab.claims.intervals import told
from lab.stats import Estimate
from lab.wording import count

MANY = 4  # cases in words that are told one by one; of more, one of each kind
WORDS = {True: "as claimed", False: "not as claimed", None: "open"}
UNKNOWN = "what nobody knows"
NUMBERS = 3  # that a claim's template may ask for: more is read by nobody


class Seen:
    """What was seen in a trial, as a claim's template asks for it.

    `{0:most}` is the greatest number of the first trial and where it was seen, `{0:least}` the smallest, `{0:range}`
    both; `{0:max}` and `{0:min}` are the numbers alone. `{0:each}` tells the cases in words, `{0:count}` how many of
    them are true, and `{0:title}` is its title.
    """

    def __init__(self, trial: Trial) -> None:
        self.trial = trial

    def __format__(self, asked: str) -> str:
        tell: dict[str, Callable[[], str]] = {
            "least": self.least, "most": self.most, "range": self.range, "min": self.min, "max": self.max,
            "each": self.each, "count": self.count, "title": lambda: self.trial.title,
        }  # fmt: skip
        return tell[asked]()

    def numbers(self) -> list[Case]:
        """The cases with a number, in order; those that decide, where there are such."""
        known = [case for case in self.trial.cases if case.estimate.value is not None and case.unit != YES_OR_NO]
        decided = [case for case in known if case.true is not None]
        return sorted(decided or known, key=lambda case: case.estimate.value or 0.0)

    def at(self, place: int) -> str:
        found = self.numbers()
        if not found:
            return UNKNOWN
        alike = len(found) > 1 and found[0].estimate == found[-1].estimate
        return number(found[0]) if alike else located(self.trial, found[place])

    def least(self) -> str:
        return self.at(0)

    def most(self) -> str:
        return self.at(-1)

    def min(self) -> str:
        return number(self.numbers()[0]) if self.numbers() else UNKNOWN

    def max(self) -> str:
        return number(self.numbers()[-1]) if self.numbers() else UNKNOWN

    def range(self) -> str:
        least, most, of = self.least(), self.most(), len(self.numbers())
        return f"from {least} to {most}" if least != most else f"{least} in all {of} cases" if of > 1 else least

    def each(self) -> str:
        """Of many, how many there are of a kind, with an example."""
        said = [case for case in self.trial.cases if case.said]
        if len(said) <= MANY:
            return "; ".join(example(self.trial, case) for case in said)
        kinds = {answer: [case for case in said if case.true is answer] for answer in WORDS}
        return "; ".join(f"{WORDS[answer]} {len(cases)} of {len(said)} times, as with {example(self.trial, cases[0])}"
                         for answer, cases in kinds.items() if cases)  # fmt: skip

    def count(self) -> str:
        """`9 of 15 cases, in 4 not, in 2 nobody can say`."""
        true, false, unknown = (sum(case.true is answer for case in self.trial.cases) for answer in WORDS)
        rest = [f"in {false} not"] * (false > 0) + [f"in {unknown} nobody can say"] * (unknown > 0)
        return ", ".join([f"{true} of {count(len(self.trial.cases), 'case')}", *rest])


def numbers(template: str, trials: Sequence[Trial]) -> str:
    """A claim's template with what was seen in its trials."""
    return capital(template.format(*map(Seen, trials)))


def when(condition: str, doubts: Sequence[str]) -> str:
    """When it holds, or why nobody can say."""
    return f"It holds {condition}." if condition else f"Nobody can say: {'; '.join(doubts)}." if doubts else ""


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
    """How many of the rows are not valid, and how many may not be."""
    valid = {figure.key[:2]: figure.valid for trial in trials for case in trial.cases for figure in case.figures}
    wrong, doubtful = (sum(answer is kind for answer in valid.values()) for kind in (False, None))
    said = [f"{wrong} {'is' if wrong == 1 else 'are'} not valid"] * (wrong > 0)
    said += [f"{doubtful} may not be{'' if wrong else ' valid'}"] * (doubtful > 0)
    return f"Of {count(len(valid), 'row')} {' and '.join(said)}: take it with care." if said else ""


def located(trial: Trial, case: Case) -> str:
    """`95 % (94 to 96) for short polling every second at a rate of 1/s`, `0.824 times what SSE does`."""
    if case.group and trial.to == AGAINST.strip():
        at = trial.place(structs.replace(case, group=""))
        return f"{number(case)} what {case.group} does{f' at {at}' if at else ''}"
    place = trial.place(case, ", " if isinstance(case.level, str) else " at ")
    return f"{number(case)} {trial.to if case.group else 'at'} {place}" if place else number(case)


def number(case: Case) -> str:
    """An end without end is none to print."""
    estimate = Estimate(math.inf, math.inf, math.inf) if case.estimate.value == math.inf else case.estimate
    return told(estimate, case.unit)


def example(trial: Trial, case: Case) -> str:
    return f"{trial.place(case)} {case.said}".strip()


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
