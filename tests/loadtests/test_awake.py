"""loadtests/awake.py: what keeps a CPU awake is in nobody's way, and gone when it should be."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from loadtests import awake
from tests.processes import PATIENCE

pytestmark = pytest.mark.skipif(
    not awake.supported(), reason="this system has no SCHED_IDLE, and nothing is kept awake"
)
LAST = max(os.sched_getaffinity(0)) if awake.supported() else 0


def own_children():
    return {child.pid for child in psutil.Process().children()}


def until(what):
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_stays_on_its_cpu_at_the_lowest_policy_and_ends_with_the_block():
    before = own_children()
    with awake.kept_awake([LAST]) as kept:
        (pid,) = own_children() - before
        assert kept
        until(lambda: os.sched_getscheduler(pid) == os.SCHED_IDLE)
        assert os.sched_getaffinity(pid) == {LAST}
        used = psutil.Process(pid).cpu_times().user
        until(lambda: sum(psutil.Process(pid).cpu_times()[:2]) > used)
    assert own_children() == before


def test_without_a_cpu_of_its_own_nothing_is_started():
    before = own_children()
    with awake.kept_awake([]) as kept:
        assert not kept and own_children() == before


def test_where_the_system_has_no_such_policy_nothing_is_started(monkeypatch):
    monkeypatch.delattr(os, "SCHED_IDLE")
    before = own_children()
    with awake.kept_awake([LAST]) as kept:
        assert not kept and own_children() == before


def test_it_ends_by_itself_when_its_parent_was_killed():
    program = f"from loadtests import awake; import time; print(awake.start({LAST}).pid, flush=True); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
