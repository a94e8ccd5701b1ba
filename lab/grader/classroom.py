"""Grading a class: every answer in a process of its own, some at a time, resumable; a table, CSV, JUnit XML."""

import csv
import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import typer
from msgspec import Struct
from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from lab.answers import BAD_USE, DONE, FAILED
from lab.errors import BadUse
from lab.grader.exercise import ROOT, Exercise, every
from lab.grader.marking import Report

RECORD = "grades.json"  # in the folder of the class
LIMIT = 120.0  # seconds for an answer: its check has 60, then whatever it started is ended
SIGNS = {"pass": "[green]✓[/green]", "fail": "[red]✗[/red]", "inconclusive": "[yellow]?[/yellow]"}


class Grade(Struct, frozen=True):
    """What a student's answer to an exercise came to. `answer` is a digest of what was graded, and by what."""

    student: str
    exercise: str
    verdict: str  # pass, fail or inconclusive
    passed: int  # checks
    checks: int
    sentence: str
    answer: str
    took_s: float


def grade(folder: Path, to_csv: Path | None, to_junit: Path | None, jobs: int | None, json: bool) -> None:
    """Grade all that is new or has changed since, and show all."""
    if not folder.is_dir():
        raise BadUse(f"There is no folder {folder}: it holds a folder for each student, and in it their answers.")
    work = [
        (student, exercise)
        for student in students(folder)
        for exercise in every()
        if (student / exercise.name).is_dir()
    ]
    if not work:
        raise BadUse(
            f"No answer was found in {folder}: it holds a folder for each student, such as ada/{every()[0].name}."
        )
    record = folder / RECORD
    known = {(one.student, one.exercise, one.answer): one for one in read(record)}
    done, open_ = list[Grade](), list[tuple[Path, Exercise, str]]()
    for student, exercise in work:
        digest = digest_of(student / exercise.name, exercise.folder)
        found = known.get((student.name, exercise.name, digest))
        if found and found.verdict != "inconclusive":
            done.append(found)
        else:
            open_.append((student, exercise, digest))
    with (
        Progress(console=Console(stderr=True), disable=json) as progress,
        ThreadPoolExecutor(jobs or os.cpu_count()) as pool,
    ):
        bar = progress.add_task("grading", total=len(open_))
        for future in as_completed([pool.submit(graded, *one) for one in open_]):
            done.append(future.result())
            record.write_bytes(msgspec.json.format(msgspec.json.encode(ordered(done)), indent=1))
            progress.advance(bar)
    grades = ordered(done)
    if to_csv:
        to_csv.write_text(as_csv(grades), encoding="utf-8")
    if to_junit:
        to_junit.write_text(as_junit(grades), encoding="utf-8")
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(grades), indent=1).decode())
    else:
        show(Console(), grades)
    verdicts = {one.verdict for one in grades}
    raise typer.Exit(FAILED if "fail" in verdicts else BAD_USE if "inconclusive" in verdicts else DONE)


def students(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def digest_of(*folders: Path) -> str:
    """Of all that is in them; links are not followed."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def graded(student: Path, exercise: Exercise, digest: str) -> Grade:
    """By a process of its own, whose last word is the verdict: what an answer prints never gets here."""
    own = [sys.executable, "-m", "lab", "exercise", "check", exercise.name, "--json", "--student", student.name,
           "--dir", str((student / exercise.name).resolve())]  # fmt: skip
    try:
        ended = subprocess.run(
            own, cwd=ROOT, capture_output=True, timeout=LIMIT, check=False, start_new_session=os.name == "posix"
        )
        report = msgspec.json.decode(ended.stdout, type=Report)
    except subprocess.TimeoutExpired:
        return Grade(
            student.name, exercise.name, "fail", 0, 0, f"It kept the grader busy for {LIMIT:g} s.", digest, LIMIT
        )
    except msgspec.DecodeError:
        said = f"It ended the grader (exit code {ended.returncode})."
        return Grade(student.name, exercise.name, "fail", 0, 0, said, digest, 0.0)
    bad = report.first_bad
    sentence = f"{bad.title} {bad.why or bad.seen}" if bad else ""
    verdict = {True: "pass", False: "fail", None: "inconclusive"}[report.passed]
    return Grade(
        student.name, exercise.name, verdict, report.passes, len(report.checks), sentence, digest, report.took_s
    )


def ordered(grades: Iterable[Grade]) -> list[Grade]:
    return sorted(grades, key=lambda one: (one.student, one.exercise))


def read(record: Path) -> list[Grade]:
    """Of an earlier grading; nothing if it cannot be read."""
    try:
        return msgspec.json.decode(record.read_bytes(), type=list[Grade])
    except (OSError, msgspec.DecodeError):
        return []


def show(console: Console, grades: list[Grade]) -> None:
    """A row for each student, a column for each exercise; then a sentence for each answer that did not pass."""
    exercises = sorted({one.exercise for one in grades})
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("student")
    for name in exercises:
        table.add_column(name[:2], justify="center")
    table.add_column("passed", justify="right")
    for student in sorted({one.student for one in grades}):
        own = {one.exercise: one for one in grades if one.student == student}
        cells = [SIGNS[own[name].verdict] if name in own else "·" for name in exercises]
        table.add_row(student, *cells, str(sum(one.verdict == "pass" for one in own.values())))
    console.print(table)
    for one in grades:
        if one.verdict != "pass":
            console.print(f"{one.student}, {one.exercise}: {one.sentence}", highlight=False, markup=False)


def as_csv(grades: list[Grade]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["student", "exercise", "verdict", "checks_passed", "checks", "sentence"])
    writer.writerows([one.student, one.exercise, one.verdict, one.passed, one.checks, one.sentence] for one in grades)
    return text.getvalue()


def as_junit(grades: list[Grade]) -> str:
    """A suite for each student, a case for each exercise, as CI systems and learning platforms read it."""
    root = ElementTree.Element("testsuites")
    for student in sorted({one.student for one in grades}):
        own = [one for one in grades if one.student == student]
        counts = {"failures": "fail", "skipped": "inconclusive"}
        counted = {name: str(sum(one.verdict == verdict for one in own)) for name, verdict in counts.items()}
        suite = ElementTree.SubElement(root, "testsuite", {"name": student, "tests": str(len(own))} | counted)
        for one in own:
            case = ElementTree.SubElement(
                suite, "testcase", classname=student, name=one.exercise, time=f"{one.took_s:.3f}"
            )
            if one.verdict != "pass":
                kind = "failure" if one.verdict == "fail" else "skipped"
                ElementTree.SubElement(case, kind, message=one.sentence)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
