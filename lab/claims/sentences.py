"""The sentences that report a verdict, made from the cases and their numbers."""

import math
from collections.abc import Sequence

from lab.claims.cases import YES_OR_NO, Case, Trial
from lab.claims.intervals import told
from lab.stats import Estimate
from lab.wording import count

FEW = 2  # cases that are told one by one; of more, the least and the most


def report(verdict: str, condition: str, trials: Sequence[Trial], more: Sequence[str]) -> str:
    """What was found, in sentences."""
    openings = {"holds when": f"It holds {condition}.", "undecided": f"Nobody can say: {reasons(trials)}."}
    spans = [span(trial) for trial in trials]
    return " ".join(part for part in (openings.get(verdict), *spans, *more, left_open(verdict, trials)) if part)


def reasons(trials: Sequence[Trial]) -> str:
    """Why nobody can say, of each trial that knows nothing; else of the first open case."""
    unknown = [trial for trial in trials if all(case.true is None for case in trial.cases)] or list(trials)
    found = [why(trial, case) for trial in unknown for case in [next(c for c in (*trial.cases, NO_CASE) if c.why)]]
    return "; ".join(dict.fromkeys(found))


NO_CASE = Case(None, "", why="there is no case to decide by")


def why(trial: Trial, case: Case) -> str:
    place = trial.place(case)
    return f"{place}: {case.why}" if place else case.why


def left_open(verdict: str, trials: Sequence[Trial]) -> str:
    """In how many of the cases nobody can say, where the verdict stands all the same."""
    open_ = [(trial, case) for trial in trials for case in trial.cases if case.true is None]
    if verdict == "undecided" or not open_:
        return ""
    of = sum(len(trial.cases) for trial in trials)
    return f"In {len(open_)} of {count(of, 'case')} nobody can say ({why(*open_[0])})."


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
    """Of cases that were seen rather than measured."""
    said = [f"{trial.place(case)} {case.said}".strip() for case in trial.cases if case.said]
    return f"{capital(trial.title)}: {'; '.join(said)}." if said else ""


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
