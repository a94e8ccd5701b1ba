"""Where a learner works: answers/NN-slug, made from the starter, and what hints they have had."""

import json
import random
import runpy
import shutil
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

from lab.errors import BadUse
from lab.grader.exercise import HINTS, Exercise

ANSWERS = Path("answers")
HAD = ".hints.json"
LOOK = 0.5  # seconds between two looks at the files


def start(exercise: Exercise, student: str = "") -> Path:
    """Copy the starter. BadUse if there is an answer already: nothing is overwritten.

    An exercise whose numbers differ from student to student has a task.py, whose `task(random)` gives them as Markdown.
    """
    folder = ANSWERS / exercise.name
    if folder.exists():
        raise BadUse(f"{folder} is there already: go on in it, or move it away to begin anew.")
    shutil.copytree(exercise.starter, folder)
    if text := task(exercise, seed(student)):
        (folder / "TASK.md").write_text(text, encoding="utf-8")
    return folder


def task(exercise: Exercise, seed: int) -> str:
    """What a student with this seed is asked, or nothing if all are asked the same."""
    file = exercise.folder / "task.py"
    if not file.exists():
        return ""
    return str(runpy.run_path(str(file))["task"](random.Random(seed)))


def seed(student: str) -> int:
    """A number that is everybody's own, and the same on every machine."""
    return zlib.crc32(student.strip().lower().encode()) if student else 1


def hint(exercise: Exercise, level: int | None) -> tuple[int, str] | None:
    """The hint of a level, or the next one that was not asked for; None after the last."""
    file = ANSWERS / HAD
    had = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    so_far = had.get(exercise.name, 0)
    shown = level or so_far + 1
    if shown > HINTS:
        return None
    ANSWERS.mkdir(exist_ok=True)
    file.write_text(json.dumps(had | {exercise.name: max(shown, so_far)}), encoding="utf-8")
    return shown, exercise.hints[shown - 1].strip()


def changes(folder: Path) -> Iterator[None]:
    """Yield at once, and again whenever a file of the folder was saved."""
    before: object = None
    while True:
        now = sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file())
        if now != before:
            before = now
            yield
        time.sleep(LOOK)
