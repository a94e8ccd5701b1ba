"""An exercise: a folder exercises/NN-slug with a README, exercise.toml, hints.toml, check.py, starter/ and wrong/."""

import re
import tomllib
from functools import cache
from pathlib import Path

import msgspec
from msgspec import Struct

from lab.errors import BadUse
from lab.grader.faults import MISHAPS, Cause

ROOT = Path(__file__).parents[2]
EXERCISES, LESSONS = ROOT / "exercises", ROOT / "lessons"
TITLE = re.compile(r"^title: (.+?) *$", re.MULTILINE)  # in the front matter of a page
HINTS = 3  # levels: where to look, what to use, nearly the answer


class Described(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """exercise.toml. `file` is the one that a learner writes; `wrong` gives each known mistake its cause, or
    its causes, joined by "or"."""

    title: str
    asks: str
    lesson: str
    core: bool = False
    minutes: int
    file: str
    causes: dict[str, Cause]
    wrong: dict[str, str]


class Exercise(Struct, frozen=True):
    """One exercise, read from its folder."""

    folder: Path
    described: Described

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def starter(self) -> Path:
        return self.folder / "starter"

    @property
    def lesson(self) -> str:
        """The title of its lesson, with the number: 9 Nothing lost."""
        page = (LESSONS / f"{self.described.lesson}.md").read_text(encoding="utf-8")
        found = TITLE.search(page)
        assert found, self.described.lesson
        return found[1]

    @property
    def hints(self) -> list[str]:
        return list(tomllib.loads((self.folder / "hints.toml").read_text(encoding="utf-8"))["hints"])

    def cause(self, name: str) -> Cause:
        return self.described.causes.get(name) or MISHAPS[name]


@cache
def every() -> tuple[Exercise, ...]:
    """All of them, in lesson order."""
    return tuple(read(path.parent) for path in sorted(EXERCISES.glob("*/exercise.toml")))


def read(folder: Path) -> Exercise:
    text = (folder / "exercise.toml").read_text(encoding="utf-8")
    return Exercise(folder, msgspec.convert(tomllib.loads(text), Described))


def find(name: str) -> Exercise:
    """By its number or its name, such as 3, 03 or 03-sse-resume. BadUse if there is none."""
    number = name.zfill(2) if name.isdigit() else name
    found = [one for one in every() if number in (one.name, one.name[:2], one.name[3:])]
    if not found:
        raise BadUse(f"There is no exercise {name}: lab exercise list shows them all.")
    return found[0]
