"""loadtests/processes.py: what a server's processes cost, seen from outside."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from loadtests import processes, records

BUSY = """
import time
print("ready", flush=True)
while time.process_time() < 0.35:
    pass
input()
"""


@pytest.fixture
def busy() -> subprocess.Popen[str]:
    """A process that uses 0.35 s of CPU time and then waits."""
    with subprocess.Popen(
        [sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        yield process
        process.kill()


@pytest.mark.parametrize("clock", ["process clock", "psutil"])
def test_the_cpu_time_of_another_process_is_read(
    busy: subprocess.Popen[str], clock: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if clock == "psutil":
        monkeypatch.setattr(processes.sys, "platform", "elsewhere")
    process = psutil.Process(busy.pid)
    while processes.cpu_ns(process) < 300_000_000:  # the test's time-out is the limit
        time.sleep(0.01)
    assert processes.cpu_ns(process) < 10_000_000_000


def test_a_server_that_ends_ends_its_samples_and_nothing_else(busy: subprocess.Popen[str]) -> None:
    table = records.Table(records.TABLES["server"])
    tree = processes.ServerTree(busy.pid)
    tree.sample(table)
    assert len(table) == 1 and tree.cpu_ns() is not None
    busy.kill()
    busy.wait()
    tree.sample(table)
    assert len(table) == 1
    assert tree.cpu_ns() is None


def test_a_limit_that_cannot_be_raised_is_told() -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert processes.raise_descriptor_limit(soft) is None
        if hard != resource.RLIM_INFINITY:
            assert processes.raise_descriptor_limit(hard + 1) == hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_where_a_process_cannot_be_pinned_it_is_said_and_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    assert processes.pin([0]) is False
