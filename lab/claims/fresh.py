"""A claim's experiments measured once more, on this machine, and held against what is recorded."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from lab import observations
from lab.children import tied
from lab.claims.evidence import Evidence, name_of
from lab.claims.figures import Figure
from lab.claims.intervals import overlap
from lab.claims.judging import Claim, Judgement, judge
from lab.errors import BadUse
from lab.manifest import NAME as MANIFEST
from lab.stats import Estimate

COMPARISONS = ("irc-room",)  # of the recorded runs, those that `lab compare` makes; the others are experiments
Measure = Callable[[Sequence[str]], Path]  # measures by a command of ours, and returns the run's folder


class Agreement(msgspec.Struct, frozen=True):
    """A figure as it is recorded, and as it was found here. `agrees` is None where one has no interval."""

    experiment: str
    where: str
    what: str
    unit: str
    recorded: Estimate
    here: Estimate
    agrees: bool | None


class Repetition(msgspec.Struct, frozen=True):
    """A claim judged by both. `decided` is what was put to the test where that is a ratio or a difference, which a
    slower machine leaves more as it is than the figures it was made of; those are `rows`."""

    recorded: Judgement
    here: Judgement
    rows: list[Agreement]
    decided: list[Agreement] = []
    folders: dict[str, str] = {}  # of what was measured here

    @property
    def same(self) -> bool | None:
        """Whether the verdict is; None where one of the two is open."""
        if "undecided" in (self.recorded.verdict, self.here.verdict):
            return None
        return self.recorded.verdict == self.here.verdict


def held_against(recorded: Judgement, here: Judgement) -> Repetition:
    """What agrees within both intervals, and what does not: every figure that the verdict rests on."""
    own = {figure.key: figure for figure in here.figures}
    rows = [agreement(figure, own.get(figure.key)) for figure in recorded.figures]
    known = {figure.key for figure in recorded.figures}
    only_here = [agreement(Figure(*figure.key, figure.unit, NOT_THERE), figure) for figure in here.figures
                 if figure.key not in known]  # fmt: skip
    return Repetition(recorded, here, rows + only_here, compared(recorded, here))


def compared(recorded: Judgement, here: Judgement) -> list[Agreement]:
    """What was made of several figures and put to the test, case by case."""
    found = {(n, case.group, case.level): case.estimate
             for n, trial in enumerate(here.trials) for case in trial.cases}  # fmt: skip
    return [
        Agreement("", trial.place(case), trial.title, case.unit, case.estimate, own, overlap(case.estimate, own))
        for n, trial in enumerate(recorded.trials)
        for case in trial.cases
        if len(case.figures) > 1
        for own in [found.get((n, case.group, case.level), NOT_HERE)]
    ]


NOT_THERE = Estimate(None, note="not recorded")
NOT_HERE = Estimate(None, note="not measured")


def agreement(recorded: Figure, here: Figure | None) -> Agreement:
    found = NOT_HERE if here is None else here.estimate
    agrees = overlap(recorded.estimate, found)
    return Agreement(*recorded.key, recorded.unit, recorded.estimate, found, agrees)


def again(claim: Claim, evidence: Evidence, measure: Measure) -> Repetition:
    """Measure what the claim rests on, and judge it by that."""
    folders = {name: measure(command(name)) for name in claim.experiments}
    found = held_against(judge(claim, evidence), judge(claim, Evidence(folders, "what was measured here")))
    return msgspec.structs.replace(found, folders={name: str(folder) for name, folder in folders.items()})


def command(experiment: str) -> list[str]:
    """What of `lab` makes such a run."""
    return ["compare" if experiment in COMPARISONS else "experiment", experiment]


def measured(arguments: Sequence[str], out: Path) -> Path:
    """Run `lab` with these arguments; its progress is seen. Returns the folder that it wrote. BadUse when none."""
    begun = time.time()
    code = run([sys.executable, "-m", "lab", *arguments, "--out", str(out)])
    name = Path(arguments[1]).stem
    written = [path for path in out.glob("*") if name_of(path) == name and last_written(path) >= begun]
    if not written:
        raise BadUse(f"`lab {' '.join(arguments)}` wrote no run folder (exit code {code}): it says above why.")
    return max(written, key=last_written)


def run(command: Sequence[str]) -> int:
    """Wait for a command to its end, after Ctrl-C too: it hears that as well, and keeps what it has measured."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, **tied()) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise BadUse("Interrupted. The same command goes on with an experiment where it was.") from None


def last_written(folder: Path) -> float:
    """When a run folder's manifest was, or its observations; 0 where there is neither."""
    paths = [folder / name for name in (MANIFEST, observations.NAME)]
    return max((path.stat().st_mtime for path in paths if path.exists()), default=0.0)
