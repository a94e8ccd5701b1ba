"""What exercise 12 asks of an answer: of each case its fault, and something that shows it."""

import runpy
import tomllib
from typing import Any

from lab.grader import Wrong
from lab.grader.stand import Stand

OVERLOOKED = {  # what who takes one of these for the fault, and is wrong, did not look at
    "buffering": "not-buffering",
    "stalled-reader": "not-stalled",
    "lost-cursor": "not-lost",
    "no-keep-alive": "kept-alive",
    "no-heartbeat": "not-silence",
    "nothing": "not-well",
}


def names_a_fault_for_each(stand: Stand) -> None:
    """Each of your cases has one of the six, and unless it is nothing, a frame or a metric."""
    answers = stand.answers()
    for name in drawn(stand):
        given = answers.get(f"case-{name}")
        if not isinstance(given, dict):
            raise Wrong("left-out", f"a table [case-{name}]", "none")
        if given.get("fault") not in OVERLOOKED:
            raise Wrong("no-such-fault", f"case {name}: one of {', '.join(OVERLOOKED)}", given.get("fault", "no fault"))
        shows = isinstance(given.get("frame"), int) or isinstance(given.get("metric"), str)
        if given["fault"] != "nothing" and not shows:
            raise Wrong("no-evidence", f"case {name}: the number of a frame, or the name of a metric", "neither")


def names_the_right_fault(stand: Stand) -> None:
    """In each case it is the right one."""
    for name, given, right in answered(stand):
        if given["fault"] != right["fault"]:
            raise Wrong(OVERLOOKED[given["fault"]], f"case {name}: another of the six", f"case {name}: {given['fault']}")


def shows_what_it_says(stand: Stand) -> None:
    """The frame or the metric is one that would not be so if all were well."""
    for name, given, right in answered(stand):
        if right["fault"] == "nothing" or given["fault"] != right["fault"]:
            continue
        expected = f"case {name}: one that shows {right['fault']}"
        if "frame" in given and given["frame"] not in right["frames"]:
            raise Wrong("wrong-frame", expected, line_of(stand, name, "capture.txt", str(given["frame"])))
        if "metric" in given and given["metric"] not in right["metrics"]:
            raise Wrong("wrong-metric", expected, line_of(stand, name, "metrics.txt", given["metric"]))


def drawn(stand: Stand) -> list[str]:
    """The cases of this student."""
    return list(runpy.run_path(str(stand.exercise.folder / "task.py"))["drawn"](stand.random))


def answered(stand: Stand) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Of each case its number, what the student says of it, and what is so. What is not answered is left out."""
    key = tomllib.loads((stand.exercise.folder / "key.toml").read_text(encoding="utf-8"))
    answers = stand.answers()
    named = [(name, answers.get(f"case-{name}"), key[f"case-{name}"]) for name in drawn(stand)]
    return [one for one in named if isinstance(one[1], dict) and one[1].get("fault") in OVERLOOKED]


def line_of(stand: Stand, case: str, file: str, begins: str) -> str:
    """The line of a case's evidence with this at its beginning."""
    text = (stand.exercise.folder / "evidence" / case / file).read_text(encoding="utf-8")
    found = (" ".join(line.split()) for line in text.splitlines() if line.replace("{", " ").split()[:1] == [begins])
    return f"case {case}: {next(found, f'there is no {begins} in {file}')}"
