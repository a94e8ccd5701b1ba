"""Slow motion: what is a race happens, and what is none goes well."""

import subprocess
import sys

import pytest

from lab.grader.slowly import slowly

ADDS = """
import threading

total, lock = 0, threading.Lock()

def add():
    global total
    for _ in range(5):
        {step}

threads = [threading.Thread(target=add) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
"""


@pytest.fixture
def printed(tmp_path):
    """`printed(text)` is what a program with this text prints in slow motion."""

    def of(text):
        (tmp_path / "adds.py").write_text(text)
        command = slowly([sys.executable, "adds.py"])
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    return of


def test_a_look_and_a_step_come_apart_though_they_stand_in_one_line(printed):
    assert int(printed(ADDS.format(step="total = total + 1"))) < 40


def test_what_is_done_under_a_lock_stays_whole(printed):
    assert printed(ADDS.format(step="with lock: total = total + 1")) == "40"


def test_an_exception_has_its_place(tmp_path):
    (tmp_path / "fails.py").write_text("import threading\n\nraise KeyError('a')\n")
    command = slowly([sys.executable, "fails.py"])
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert f'File "{tmp_path.resolve()}/fails.py", line 3' in ended.stderr and ended.returncode == 1
