"""Marking: every check of an exercise carried out on a copy of an answer, and what came of each."""

import importlib.util
import inspect
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from lab.grader.exercise import Exercise
from lab.grader.family import adopting
from lab.grader.faults import Unsure, Wrong
from lab.grader.stand import Stand, command_of
from lab.grader.story import Step

LIMIT = 60.0  # seconds for all checks of an exercise together
TICK, LAG = 0.05, 0.5  # seconds: how often the machine's own delay is looked at, and how much of it spoils a check
FATAL = ("not-listening", "silent", "too-long", "flooded", "forked", "too-big")  # nothing more can be learnt after it
ENDED = ("crashed", "ended")  # nor after one of these, in the first check
COMMENTS = ("#", "//", '"""', "'''", "--")

Check = Callable[[Stand], None]


class Marked(Struct, frozen=True):
    """What came of one check. `passed` is None where nobody can say, and `seen` then says why."""

    title: str
    passed: bool | None
    cause: str = ""
    expected: str = ""
    seen: str = ""
    why: str = ""
    next: str = ""
    steps: list[Step] = []


class Report(Struct, frozen=True):
    """What came of an answer. `passed` is None when a check was inconclusive and none failed."""

    exercise: str
    passed: bool | None
    took_s: float
    checks: list[Marked]

    @property
    def causes(self) -> list[str]:
        return [marked.cause for marked in self.checks if marked.cause]

    @property
    def passes(self) -> int:
        """How many of its checks passed."""
        return sum(marked.passed is True for marked in self.checks)

    @property
    def first_bad(self) -> Marked | None:
        """The first check that failed; if none did, the first of which nobody can say."""
        bad = [marked for marked in self.checks if marked.passed is not True]
        return next((marked for marked in bad if marked.passed is False), bad[0] if bad else None)


def checks(exercise: Exercise) -> list[Check]:
    """The functions of check.py that take a stand, in their order. What it imports from its own folder is `.name`."""
    name, folder = f"check_{exercise.name}", exercise.folder
    for before in [module for module in sys.modules if module.startswith(f"{name}.")]:
        del sys.modules[before]  # with what it remembers of another answer
    spec = importlib.util.spec_from_file_location(name, folder / "check.py", submodule_search_locations=[str(folder)])
    assert spec and spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    own = [found for found in vars(module).values() if getattr(found, "__module__", "") == module.__name__]
    return [found for found in own if inspect.isfunction(found) and [*inspect.signature(found).parameters] == ["stand"]]


def mark(
    exercise: Exercise, answer: Path, command: Sequence[str] = (), seed: int = 1, exit_first: bool = False
) -> Report:
    """Carry out all checks on a copy of the folder `answer`; those after a program that does not start are left out.

    With `exit_first` those after the first that fails are left out too.
    """
    begun = time.monotonic()
    if all(map(empty, answer.rglob("*") if command else [answer / exercise.described.file])):
        wrong = Wrong("no-file", f"{exercise.described.file} with something in it", "nothing but comments, or no file")
        return Report(exercise.name, False, 0.0, [failed(exercise, f"{exercise.described.file} is there", wrong, [])])
    with tempfile.TemporaryDirectory(prefix="answer-") as copy, adopting():
        folder = Path(copy).resolve() / exercise.name
        shutil.copytree(answer, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
        stand = Stand(exercise, folder, list(command) or command_of(exercise), seed)
        try:
            found = carry_out(exercise, stand, exit_first)
        finally:
            stand.close()
    verdicts = {marked.passed for marked in found}
    passed = False if False in verdicts else None if None in verdicts else True
    return Report(exercise.name, passed, time.monotonic() - begun, found)


def carry_out(exercise: Exercise, stand: Stand, exit_first: bool) -> list[Marked]:
    """All checks, one after another, in a thread of their own, lest one of them never ends."""
    found, errors, todo = list[Marked](), list[BaseException](), checks(exercise)

    def run() -> None:
        try:
            for check in todo:
                stand.renew()
                marked = one(exercise, check, stand)
                if marked.passed is None:  # what kept the machine busy may be over
                    stand.renew()
                    marked = one(exercise, check, stand)
                found.append(marked)
                useless = marked.cause in FATAL or (marked.cause in ENDED and len(found) == 1)
                if useless or (exit_first and marked.passed is False):
                    break
        except BaseException as error:  # a fault of ours, in a check
            errors.append(error)

    work = threading.Thread(target=run, daemon=True)
    work.start()
    work.join(LIMIT)
    if errors:
        raise errors[0]
    if work.is_alive():
        late = Wrong("too-long", f"an end within {LIMIT:g} s", "none")
        return [*found, failed(exercise, title(todo[len(found)]), late, stand.story.until_now())]
    return found


def one(exercise: Exercise, check: Check, stand: Stand) -> Marked:
    """One check, and what it came to; a machine that stood still meanwhile is no learner's fault."""
    with Lag() as lag:
        try:
            check(stand)
            return Marked(title(check), True)
        except Unsure as doubt:
            return Marked(title(check), None, seen=str(doubt), steps=stand.story.until_now())
        except Wrong as wrong:
            if wrong.cause == "error-500" and (error := stand.error()):
                wrong.seen = f"{wrong.seen}. It printed: {error}"
            marked = failed(exercise, title(check), wrong, stand.story.until_now())
        finally:
            stand.done()
    if lag.most > LAG:
        busy = f"This machine stood still for {lag.most:.1f} s: close what keeps it busy, and check again."
        return Marked(title(check), None, seen=busy, steps=marked.steps)
    return marked


def title(check: Check) -> str:
    """The first line of its docstring."""
    return (check.__doc__ or "").strip().split("\n")[0]


def failed(exercise: Exercise, title: str, wrong: Wrong, steps: list[Step]) -> Marked:
    told = exercise.cause(wrong.cause)
    return Marked(title, False, wrong.cause, wrong.expected, wrong.seen, told.why, told.next, steps)


def empty(file: Path) -> bool:
    """Whether there is nothing in it but blank lines and comments, or it is no file."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return True
    return all(not line.strip() or line.strip().startswith(COMMENTS) for line in lines)


class Lag:
    """How late a thread that sleeps a little wakes, at most, while it looks: `most`, in seconds."""

    def __enter__(self) -> "Lag":
        self.most, self.over = 0.0, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()
        return self

    def look(self) -> None:
        before = time.monotonic()
        while not self.over.wait(TICK):
            now = time.monotonic()
            self.most, before = max(self.most, now - before - TICK), now

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
