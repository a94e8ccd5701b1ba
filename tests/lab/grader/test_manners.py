"""Whatever a program does, the grader gives a sentence, no points, and comes back."""

import os
import time

import psutil
import pytest

from lab.grader import landlock, marking, program
from lab.grader.exercise import find
from lab.grader.faults import MISHAPS
from lab.grader.marking import mark
from tests.lab.grader.conftest import SOLUTION
from tests.processes import ROOT

FIRST = "import os, sys, time\n"
ILL = {
    "it has an error in its first line": ("import no_such_thing", "crashed", "No module named 'no_such_thing'"),
    "it cannot be read": ("def send(:", "crashed", "SyntaxError"),
    "it ends at once": ("pass", "ended", "nothing printed"),
    "it never listens": (f"{FIRST}time.sleep(60)", "not-listening", "nothing"),
    "it floods its output": (f"{FIRST}while True: print('all is well ' * 100)", "flooded", "all is well"),
    "it starts processes in a loop": (
        f"{FIRST}\nfor _ in range(500):\n    if os.fork() == 0: time.sleep(60)\ntime.sleep(60)",
        "forked",
        "",
    ),
    "it takes all memory": (f"{FIRST}hoard = bytearray(b'x') * (700 << 20)\ntime.sleep(60)", "too-big", ""),
    "it takes more than there may be": (
        f"{FIRST}hoard = bytearray(b'x') * (4 << 30)\ntime.sleep(60)",
        "crashed",
        "MemoryError",
    ),
    "it kills its parent": (f"{FIRST}os.kill(os.getppid(), 9)\ntime.sleep(60)", "crashed", "PermissionError"),
    "it writes a verdict on stdout": (
        'print(\'{"exercise": "01-cursor", "passed": true, "checks": []}\')',
        "ended",
        "passed",
    ),
}
posix = pytest.mark.skipif(os.name != "posix", reason="this system has no fork and no such limits")
confined = pytest.mark.skipif(
    not landlock.version(), reason="this kernel has no Landlock: programs are not kept in here"
)


@posix
def test_who_forks_for_ever_is_stopped(marked):
    report = marked(f"{FIRST}while True: os.fork()")
    assert report.passed is False and report.causes == ["forked"]


@posix
@pytest.mark.parametrize("does", ILL)
def test_it_gets_a_sentence_and_no_points(does, marked, monkeypatch):
    text, cause, seen = ILL[does]
    if "kills" in does and landlock.version() < 6:
        pytest.skip("this kernel lets a program signal its parent: see test_classroom.py")
    monkeypatch.setattr(program, "START_TIME", 3.0)
    report = marked(text)
    assert report.passed is False and report.causes == [cause], report
    [bad] = [check for check in report.checks if check.cause]
    assert bad.why == MISHAPS[cause].why and bad.next and seen in bad.seen


def test_who_does_not_answer_is_asked_once(marked):
    text = SOLUTION.replace("def receive(room):\n", "def receive(room):\n    __import__('time').sleep(60)\n")
    report = marked(text)
    assert report.causes == ["silent"] and report.took_s < 30


def test_an_exception_in_a_handler_is_named(marked):
    report = marked(SOLUTION.replace("    log = rooms.get(room, [])\n", "    log = rooms[after]\n"))
    assert report.causes[0] == "error-500"


@posix
def test_what_it_leaves_behind_is_ended(marked, tmp_path):
    stray = "[sys.executable, '-c', 'import time; time.sleep(300)']"
    leave = f"import subprocess, sys\nsubprocess.Popen({stray}, start_new_session=True)\n"
    before = {one.pid for one in psutil.Process().children(recursive=True)}
    assert marked(leave + SOLUTION).passed is True
    assert {one.pid for one in psutil.Process().children(recursive=True)} <= before


@confined
@pytest.mark.parametrize(
    "deed",
    [
        f"open({str(ROOT / 'instructor/01-cursor/solution/chat.py')!r}).read()",
        f"open({str(ROOT / 'exercises/01-cursor/check.py')!r}, 'a')",
        "open('/tmp/polls-apart-was-here', 'w')",
        "__import__('os').listdir(__import__('os').path.expanduser('~root'))",
    ],
)
def test_it_stays_in_its_folder(deed, marked):
    report = marked(f"{deed}\n{SOLUTION}")
    assert report.causes == ["crashed"] and "PermissionError" in report.checks[0].seen


def test_it_may_write_in_its_folder(marked):
    assert marked(f"open('notes.txt', 'w').write('hello')\nprint(open('notes.txt').read())\n{SOLUTION}").passed is True


def test_its_folder_is_left_as_it_was(answer):
    folder = answer(f"open('notes.txt', 'w').write('hello')\n{SOLUTION}")
    assert mark(find("1"), folder).passed is True
    assert [path.name for path in folder.iterdir()] == ["chat.py"]


def test_a_machine_that_stood_still_is_no_fault_of_the_learners(marked, monkeypatch):
    monkeypatch.setattr(marking, "LAG", -1.0)
    report = marked(SOLUTION.replace("log[after:]", "log"))
    assert report.passed is None and "stood still" in next(
        check.seen for check in report.checks if check.passed is None
    )


def test_a_machine_that_was_busy_for_a_moment_gets_a_second_try(marked, monkeypatch):
    class BusyOnce(marking.Lag):
        times = iter((1.0,))

        def __exit__(self, *_):
            super().__exit__()
            self.most = next(self.times, 0.0)

    monkeypatch.setattr(marking, "Lag", BusyOnce)
    monkeypatch.setattr(marking, "checks", lambda _, every=marking.checks: every(find("1"))[2:])
    report = marked(SOLUTION.replace("log[after:]", "log"))
    assert report.passed is False and report.causes[0] == "gets-all-again"


def test_a_check_that_goes_on_for_ever_is_ended(marked, monkeypatch):
    monkeypatch.setattr(marking, "LIMIT", 1.5)
    begun = time.monotonic()
    report = marked(SOLUTION.replace("def receive(room):\n", "def receive(room):\n    __import__('time').sleep(60)\n"))
    assert report.causes == ["too-long"] and time.monotonic() - begun < 20


def test_its_environment_has_no_more_than_it_needs(marked, monkeypatch):
    monkeypatch.setenv("A_SECRET", "s3cret")
    assert (
        marked(f"import os\nassert 'A_SECRET' not in os.environ and 'PYTHONPATH' not in os.environ\n{SOLUTION}").passed
        is True
    )


def test_an_exception_is_told_with_its_line(marked):
    report = marked(SOLUTION.replace("    log = rooms.get(room, [])\n", "    log = rooms[after]\n"))
    line = 1 + SOLUTION.splitlines().index("    log = rooms.get(room, [])")
    assert f"It printed: chat.py, line {line}: KeyError: 0" in next(
        check.seen for check in report.checks if check.cause
    )
