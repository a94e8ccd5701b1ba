"""The link's process as a run starts, tells and ends it."""

import os
import socket

import pytest

from lab.children import RunFailed, stop
from lab.link import Link
from lab.proxy import LOG, Proxy, read_report
from loadtests.records import LinkReport


@pytest.fixture
def proxy(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        link = Link("proxy", 2, 1, cut_at_s=(60.0, 61.0))
        made = Proxy(link, f"http://127.0.0.1:{server.getsockname()[1]}", 1, None, tmp_path)
        yield made
        stop(made.process)


def test_it_leaves_its_report_in_the_runs_part(proxy, tmp_path):
    host, port = proxy.address().removeprefix("http://").split(":")
    socket.create_connection((host, int(port))).close()
    for event in ("connected", "window", "window-end", "collected"):
        proxy.hear(event)
    proxy.stop()
    assert proxy.process.returncode == 0
    assert read_report(tmp_path).cpu_ns > 0


def test_one_that_is_killed_fails_the_run_and_leaves_a_report_of_nothing_known(proxy, tmp_path):
    proxy.address()
    proxy.process.kill()
    proxy.process.wait()
    with pytest.raises(RunFailed, match="the link ended in mid-run: it said nothing"):
        proxy.hear("window")
    proxy.stop()
    assert read_report(tmp_path) == LinkReport()


def test_one_that_cannot_start_says_why(tmp_path):
    made = Proxy(Link("proxy"), "http://no-such-host.invalid", 1, None, tmp_path)
    with pytest.raises(RunFailed, match=r"the link did not start: loadtests: .*no-such-host\.invalid"):
        made.address()
    made.stop()
    assert (tmp_path / LOG).exists()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not pin processes")
def test_it_is_pinned(tmp_path):
    cpu = min(os.sched_getaffinity(0))
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = Proxy(Link("proxy"), f"http://127.0.0.1:{server.getsockname()[1]}", 1, cpu, tmp_path)
        made.address()
        assert os.sched_getaffinity(made.process.pid) == {cpu}
        made.stop()
