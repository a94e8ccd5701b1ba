"""What a process and its children take."""

import subprocess
import sys
from contextlib import contextmanager

from lab.grader.family import Family
from tests.processes import until

SLEEPS = "import threading\nprint('ready', flush=True)\nthreading.Event().wait()"
LOOKS = "import threading, time\nprint('ready', flush=True)\n{}\nthreading.Event().wait()"
IN_A_THREAD = "def look():\n    while True: time.sleep(0.005)\nthreading.Thread(target=look).start()"
LOOP = "'import time\\nwhile True: time.sleep(0.005)'"
IN_A_CHILD = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {LOOP}])"


@contextmanager
def running(text):
    """The family of a program with this text, which is ready."""
    with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        family = Family(process.pid)
        try:
            yield family
        finally:
            for member in family.members:
                member.kill()


def test_who_looks_now_and_then_is_woken_and_who_sleeps_is_not():
    looking = LOOKS.format(IN_A_THREAD), LOOKS.format(IN_A_CHILD)
    with running(SLEEPS) as sleeping, running(looking[0]) as one, running(looking[1]) as other:
        before = sum(sleeping.sleeps().values())
        for family in (one, other):
            until(lambda family=family: family.woken(0.05) > 5)
        assert sum(sleeping.sleeps().values()) <= before + 1


def test_memory_and_children_are_counted_together():
    with running(SLEEPS) as alone, running(LOOKS.format(IN_A_CHILD)) as parent:
        until(lambda: len(parent.members) == 2)
        assert parent.memory() > alone.memory() and len(parent.children) == 1
        until(lambda: parent.computed() > 0)


def test_nobody_is_left_of_a_family_that_has_ended():
    with running(SLEEPS) as family:
        pass
    assert family.members == [] and family.children == [] and family.memory() == 0 and family.sleeps() == {}
