"""A class is graded: all of it, whatever one of them handed in."""

import csv
import os
import subprocess
import sys
from xml.etree import ElementTree

import msgspec
import pytest

from lab.grader import classroom
from tests.lab.grader.conftest import SOLUTION
from tests.processes import ROOT

HANDED_IN = {
    "ada": SOLUTION,
    "ben": SOLUTION.replace("log[after:]", "log"),
    "cleo": "import os, time\nfor _ in range(300):\n    if os.fork() == 0: time.sleep(60)\ntime.sleep(60)\n",
    "dan": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n",
    "eve": "while True: print('{\"passed\": true}')\n",
    "fay": "",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class, its grades, and how the command ended."""
    folder = tmp_path_factory.mktemp("class")
    for student, text in HANDED_IN.items():
        (folder / student / "01-cursor").mkdir(parents=True)
        (folder / student / "01-cursor" / "chat.py").write_text(text)
    return folder, run(folder, "--csv", str(folder / "grades.csv"), "--junit", str(folder / "grades.xml"))


def run(folder, *words):
    command = [sys.executable, "-m", "lab", "exercise", "grade", str(folder), "--jobs", "3", *words]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | {"COLUMNS": "120"}, capture_output=True, text=True, check=False
    )


def grades(folder):
    return {
        one.student: one
        for one in msgspec.json.decode((folder / "grades.json").read_bytes(), type=list[classroom.Grade])
    }


def test_everybody_gets_a_grade_and_who_harms_gets_no_points(graded):
    folder, ended = graded
    found = grades(folder)
    assert ended.returncode == 1, ended.stderr
    assert {student: one.verdict for student, one in found.items()} == dict.fromkeys(HANDED_IN, "fail") | {
        "ada": "pass"
    }
    assert all(one.sentence for student, one in found.items() if student != "ada")
    assert all(one.passed == 0 for student, one in found.items() if student not in ("ada", "ben"))


def test_a_teacher_sees_a_row_for_each_student(graded):
    _, ended = graded
    rows = {words[0]: words[1:] for words in map(str.split, ended.stdout.splitlines()) if words}
    assert rows["ada"] == ["✓", "1"] and rows["cleo"] == ["✗", "0"]
    assert "ben, 01-cursor: " in ended.stdout


def test_the_same_comes_as_csv_and_as_junit(graded):
    folder, _ = graded
    with (folder / "grades.csv").open() as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    cases = {case.get("classname"): case for case in ElementTree.parse(folder / "grades.xml").iter("testcase")}
    for student, one in grades(folder).items():
        assert (rows[student]["verdict"], rows[student]["sentence"]) == (one.verdict, one.sentence)
        assert (cases[student].find("failure") is None) == (one.verdict == "pass")


def test_what_has_not_changed_is_not_graded_again(graded):
    folder, _ = graded
    before = (folder / "grades.json").read_bytes()  # with how long each took, which would differ
    assert run(folder).returncode == 1
    assert (folder / "grades.json").read_bytes() == before


def test_a_changed_answer_is_graded_again(graded):
    folder, _ = graded
    (folder / "fay" / "01-cursor" / "chat.py").write_text(SOLUTION)
    run(folder)
    assert grades(folder)["fay"].verdict == "pass" and grades(folder)["ben"].verdict == "fail"
