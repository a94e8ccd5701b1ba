"""What a notebook begins with: recorded runs, found by the name of their experiment; and tables of what it computes.

Where there is no such run, all that is asked of it is answered with a sentence that says how to make one.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lab import experiments, manifest, showing, summary, sweep, wording
from lab.claims.evidence import name_of
from lab.errors import BadUse
from lab.numbers import number
from lab.recording import Recording, recorded
from lab.showing import Shown
from lab.signature import break_even, kaazing, knee
from lab.signature.source import Source

if TYPE_CHECKING:
    import polars as pl

RESULTS = Path(__file__).parent.parent / "results"
SIGNATURES: dict[str, tuple[str, Callable[..., str]]] = {
    "knee": ("Where long polling's knee is", knee.draw),
    "kaazing": ("A famous ratio, layer by layer", kaazing.draw),
    "break-even": ("Where polling carries more than a push", break_even.draw),
}
RUNS = {"reference": RESULTS / "reference", "latest": RESULTS / "runs"}  # what a reader may write as RUN


def find(name: str, run: str = "reference") -> Recording:
    """The run of that experiment: the recorded one, or with `latest` the newest of the reader's own."""
    where = root(run)
    folder = where / name if run == "reference" else newest(name, where)
    if folder is None or not (folder / summary.NAME).exists():
        return Recording(name, where, missing=absent(name, run))
    return recorded(name, folder)


def root(run: str) -> Path:
    """The folder of runs. BadUse when it is neither of the two."""
    if run not in RUNS:
        raise BadUse(f'RUN is {run!r}: write "reference" for the recorded runs, or "latest" for your own newest.')
    return RUNS[run]


def newest(name: str, where: Path) -> Path | None:
    """The newest run of an experiment that was measured to its end."""
    made = [path.parent for path in where.glob(f"*/{summary.NAME}") if not path.parent.is_symlink()]
    own = [path for path in made if name_of(path) == name and manifest.read(path).state == "complete"]
    return max(own, default=None)


def absent(name: str, run: str) -> str:
    """Why there is nothing to see, and what makes it."""
    where = "It is not among the recorded runs yet" if run == "reference" else "You have not measured it yet"
    if name not in sweep.known():
        return f"No run of {name}. {where}: `.venv/bin/lab compare {name}` makes one of your own."
    wanted = sweep.load(name)
    minutes = max(1, round(experiments.takes(wanted) / 60))
    return (f"No run of {name}. {where}: `.venv/bin/lab experiment {name}` makes one of your own "
            f"in about {wording.count(minutes, 'minute')}; set RUN = \"latest\" to see it.")  # fmt: skip


def signature(name: str, *runs: Recording) -> Shown:
    """One of the course's three signature figures: knee, kaazing or break-even, drawn from the experiments it takes."""
    title, draw = SIGNATURES[name]
    if missing := [run for run in runs if not run.theory]:
        return missing[0].nothing()
    sources = [Source(run.folder, run.record, run.sweep, run.summary, run.theory)  # type: ignore[arg-type]
               for run in runs]  # fmt: skip
    try:
        return showing.figure(draw(*sources), title, [run.source for run in runs])
    except BadUse as error:
        return showing.sentence(str(error))


def show(frame: "pl.DataFrame", run: Recording) -> Shown:
    """What was computed of a run, as a table."""
    if run.missing:
        return run.nothing()
    rows = [[written(value) for value in row] for row in frame.iter_rows()]
    return showing.table(frame.columns, rows, [f"Computed in this notebook. {run.source}"])


def written(value: object) -> str:
    if value is None:
        return wording.DASH
    return number(float(value)) if isinstance(value, (int, float)) else str(value)
