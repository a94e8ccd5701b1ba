"""When a claim holds, in words made from its cases."""

from collections.abc import Sequence

from lab.claims.cases import Case, Trial
from lab.plan import shown

AGAINST, WITH, EVERY = " against ", " with ", " every "


THROUGHOUT, NOWHERE, PART = " throughout", " nowhere", "; "


def borne_out(condition: str) -> str:
    """Of a condition where it holds, and no more."""
    parts = [part.removesuffix(THROUGHOUT) for part in condition.split(PART) if NOWHERE not in part]
    return PART.join(parts) if parts else condition


def condition(trials: Sequence[Trial]) -> str:
    """The rest of the sentence "It holds ...", for a claim that holds in some cases."""
    return PART.join(parts(trials))


def parts(trials: Sequence[Trial]) -> list[str]:
    """The same, for each trial."""
    return [" ".join(filter(None, (trial.about, extent(trial)))) for trial in trials]


def extent(trial: Trial) -> str:
    """In which of a trial's cases."""
    groups: dict[str, list[Case]] = {}
    for case in trial.cases:
        groups.setdefault(case.group, []).append(case)
    ranges = {name: reach(cases) for name, cases in groups.items()}
    if all(found == ALL for found in ranges.values()):
        return THROUGHOUT.strip()
    if all(found == NONE for found in ranges.values()):
        return f"{NOWHERE.strip()}{' for sure' * any(case.true is None for case in trial.cases)}"
    without = [name for name, found in ranges.items() if found == NONE]
    whole = [name for name, found in ranges.items() if found == ALL]
    if len(without) + len(whole) == len(ranges) and len(without) < len(whole):
        return f"{trial.to} all but {names(without)}"
    said: dict[str, list[str]] = {}
    for name, found in ranges.items():
        if found != NONE:
            said.setdefault("" if found == ALL else trial.axis.format(found), []).append(name)
    return PART.join(clause(trial.to, names(who), where) for where, who in said.items())


def clause(to: str, who: str, where: str) -> str:
    """`against SSE, a rate of at most 1 a second`; of a line without a name, `for a rate of ...`."""
    return f"{to} {', '.join(filter(None, (who, where)))}" if who else f"for {where}"


ALL, NONE = "all", ""


def reach(cases: Sequence[Case]) -> str:
    """At which of its levels one line's cases are true: `at most 4`, `at least 50`, `1 and 16`."""
    true = [n for n, case in enumerate(cases) if case.true]
    if len(true) in (0, len(cases)):
        return ALL if true else NONE
    levels = [cases[n].level for n in true]
    numbers = [level for level in levels if not isinstance(level, str) and level is not None]
    if len(numbers) < len(levels) or true != list(range(true[0], true[-1] + 1)):
        return listed([shown(level) for level in levels if level is not None])
    if true[0] == 0:
        return f"at most {shown(numbers[-1])}"
    if true[-1] == len(cases) - 1:
        return f"at least {shown(numbers[0])}"
    return shown(numbers[0]) if len(numbers) == 1 else f"{shown(numbers[0])} to {shown(numbers[-1])}"


def names(groups: Sequence[str]) -> str:
    """`WebSocket against short polling every second and long polling`: who is the same is named once."""
    by: dict[str, list[str]] = {}
    for group in groups:
        who, shared, other = group.partition(AGAINST if AGAINST in group else WITH)
        by.setdefault(f"{who}{shared}" if shared else "", []).append(other if shared else who)
    lists = [f"{who}{listed(intervals(others))}" for who, others in by.items()]
    return ", and ".join(filter(None, (", ".join(lists[:-1]), lists[-1]))) if any(" and " in one for one in lists) \
        else listed(lists)  # fmt: skip


def intervals(names: Sequence[str]) -> list[str]:
    """`short polling every second and every 3 s`."""
    said: list[str] = []
    for name in names:
        who, every, often = name.partition(EVERY)
        same = said and every and said[-1].startswith(f"{who}{EVERY}")
        said.append(f"{every[1:]}{often}" if same else name)
    return said


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""
