"""What exercise 12 asks of an answer: of each case its fault, and something that shows it."""

import runpy
import tomllib
from typing import Any, NamedTuple

from lab.grader import Wrong
from lab.grader.stand import Stand

OVERLOOKED = {  # what they did not look at who take one of these for the fault, and are wrong
    "buffering": "not-buffering",
    "stalled-reader": "not-stalled",
    "lost-cursor": "not-lost",
    "no-keep-alive": "kept-alive",
    "no-heartbeat": "not-silence",
    "nothing": "not-well",
}
FAULTS = tuple(OVERLOOKED)


class Case(NamedTuple):
    """A case of this student's: its number, what the student says of it, and what is so."""

    name: str
    given: dict[str, Any]
    right: dict[str, Any]


def names_a_fault_for_each(stand: Stand) -> None:
    """Each of your cases has one of the six, and unless it is nothing, a frame or a metric."""
    cases(stand, stand.answers())


def names_the_right_fault(stand: Stand) -> None:
    """In each case it is the right one."""
    for case in cases(stand, stand.answers()):
        compare(case)


def shows_what_it_says(stand: Stand) -> None:
    """The frame or the metric is one that would not be so if all were well."""
    for case in cases(stand, stand.answers()):
        compare(case)
        expected = f"case {case.name}: one that shows {case.right['fault']}"
        if case.right["fault"] == "nothing":
            continue
        if "frame" in case.given and case.given["frame"] not in case.right["frames"]:
            raise Wrong("wrong-frame", expected, line_of(stand, case, "capture.txt", case.given["frame"]))
        if "metric" in case.given and case.given["metric"] not in case.right["metrics"]:
            raise Wrong("wrong-metric", expected, line_of(stand, case, "metrics.txt", case.given["metric"]))


def cases(stand: Stand, answers: dict[str, Any]) -> list[Case]:
    """The student's, answered; Wrong where one is not, or not so that anybody could say whether it is right."""
    key = tomllib.loads((stand.exercise.folder / "key.toml").read_text(encoding="utf-8"))
    found = []
    for name in runpy.run_path(str(stand.exercise.folder / "task.py"))["drawn"](stand.random):
        given = answers.get(f"case-{name}")
        if not isinstance(given, dict):
            raise Wrong("left-out", f"a table [case-{name}]", "none")
        if given.get("fault") not in FAULTS:
            raise Wrong("no-such-fault", f"case {name}: one of {', '.join(FAULTS)}", given.get("fault", "no fault"))
        shows = isinstance(given.get("frame"), int) or isinstance(given.get("metric"), str)
        if given["fault"] != "nothing" and not shows:
            raise Wrong("no-evidence", f"case {name}: the number of a frame, or the name of a metric", "neither")
        found.append(Case(name, given, key[f"case-{name}"]))
    return found


def compare(case: Case) -> None:
    """Wrong where the fault is another, for what was overlooked."""
    fault = case.given["fault"]
    if fault != case.right["fault"]:
        raise Wrong(OVERLOOKED[fault], f"case {case.name}: another of the six", f"case {case.name}: {fault}")


def line_of(stand: Stand, case: Case, file: str, begins: object) -> str:
    """The line of a case's evidence with this at its beginning."""
    text = (stand.exercise.folder / "evidence" / case.name / file).read_text(encoding="utf-8")
    found = (
        " ".join(line.split()) for line in text.splitlines() if line.replace("{", " ").split()[:1] == [str(begins)]
    )
    return f"case {case.name}: {next(found, f'there is no {begins} in {file}')}"
