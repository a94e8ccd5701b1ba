"""lab/fault.py on a real process with a child."""

import subprocess
import sys

import psutil
import pytest

from lab.fault import stall
from tests.processes import until

PARENT = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); sys.stdin.read()"


@pytest.fixture
def family():
    """A process and its child."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        yield psutil.Process(parent.pid), child
        child.kill()
        parent.communicate()


def stopped(processes):
    return [process.status() == psutil.STATUS_STOPPED for process in processes]


def test_a_process_and_its_child_stand_still_and_go_on_when_the_time_is_up(family):
    with stall(family[0].pid, 0.01, 1.0) as begin:
        begin()
        until(lambda: all(stopped(family)))
        until(lambda: not any(stopped(family)))


def test_they_go_on_when_the_run_is_over_before_the_stall(family):
    with stall(family[0].pid, 0.01, 600) as begin:
        begin()
        until(lambda: all(stopped(family)))
    assert not any(stopped(family))


def test_without_a_stall_and_without_a_beginning_nothing_happens(family):
    with stall(family[0].pid, 0, 0) as begin:
        begin()
    with stall(family[0].pid, 0, 600):
        pass
    assert not any(stopped(family))


def test_a_process_that_has_ended_is_no_fault_of_the_stall(family, capfd):
    family[1].kill()
    family[0].kill()
    until(lambda: family[0].status() == psutil.STATUS_ZOMBIE)
    with stall(999_999_999, 0, 600) as begin:
        begin()
    assert capfd.readouterr().err == ""
