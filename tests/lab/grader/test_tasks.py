"""No program has more processes than it may, whoever runs it: the kernel says no."""

import os
import subprocess
import sys

import pytest

from lab.grader import tasks
from tests.processes import ROOT

NOBODY = 65534
FORKING = """
import os, resource, signal
from lab.grader import tasks
if {user} != os.geteuid():
    os.setuid({user})
tasks.limit()
children = []
try:
    for _ in range(tasks.TASKS + 50):
        if (child := os.fork()) == 0:
            signal.pause()
        children.append(child)
except BlockingIOError:
    pass
print(len(children))
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="this system has no such limits")
@pytest.mark.parametrize("user", ["an ordinary user", "root"])
def test_there_are_so_many_and_no_more(user):
    if user == "root" and os.geteuid():
        pytest.skip("only root can be root")
    if user == "root" and not os.access(tasks.group_of(0).parent, os.W_OK):
        pytest.skip("there is no cgroup here that root may make")
    uid = (os.geteuid() or NOBODY) if user != "root" else 0
    process = subprocess.Popen(
        [sys.executable, "-c", FORKING.format(user=uid)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    said = process.communicate(timeout=60)[0]
    tasks.forget(process.pid)
    assert tasks.TASKS - 10 <= int(said) <= tasks.TASKS
    assert not tasks.group_of(process.pid).exists()
