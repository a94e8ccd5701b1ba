"""lab/behind.py: nginx started, reached and ended; what is missing is a sentence."""

import os
import urllib.request

import psutil
import pytest

from lab import behind, compare, doctor, manifest
from lab.behind import Nginx
from lab.children import RunFailed
from lab.compare import Options
from lab.errors import BadUse
from lab.link import Link
from tests.lab.test_compare import TINY


@pytest.fixture
def program(tool):
    tool("openssl")
    return tool("nginx")


@pytest.fixture
def start_nginx(program, running, tmp_path):
    """`start_nginx(**options)` is one before a server, and its two processes, which serve."""
    started = []

    def start(**options):
        nginx = Nginx(running("sse").url, tmp_path / "log", **options)
        started.append(nginx)
        with urllib.request.urlopen(f"{nginx.plain}/health") as answer:
            assert answer.status == 200
        master = psutil.Process(nginx.process.pid)
        return nginx, [master, *master.children()]

    yield start
    for nginx in started:
        nginx.stop()


def test_it_is_gone_with_its_workers_and_its_folder_when_it_is_stopped(start_nginx):
    nginx, processes = start_nginx()
    assert len(processes) == 2 and nginx.where.is_dir()
    nginx.stop()
    assert not any(process.is_running() for process in processes) and not nginx.where.exists()


def test_it_writes_nowhere_but_into_its_own_folder_and_the_log(start_nginx, tmp_path):
    nginx, processes = start_nginx()
    written = {file.path for process in processes for file in process.open_files() if file.mode != "r"}
    assert written <= {str(tmp_path / "log"), str(nginx.where / "nginx.pid")}
    assert {"body", "proxy", "fastcgi", "uwsgi", "scgi"} <= {path.name for path in nginx.where.iterdir()}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not pin processes")
def test_it_is_pinned_with_its_workers(start_nginx):
    cpu = min(os.sched_getaffinity(0))
    _, processes = start_nginx(cpu=cpu)
    assert [os.sched_getaffinity(process.pid) for process in processes] == [{cpu}, {cpu}]


def test_one_that_cannot_start_says_why_and_leaves_nothing(program, tmp_path):
    with pytest.raises(RunFailed, match=r'nginx did not start: .*"proxy_read_timeout" directive invalid value'):
        Nginx("http://127.0.0.1:9", tmp_path / "log", read_timeout="never")


def test_without_nginx_or_openssl_it_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "which", lambda name: None)
    with pytest.raises(BadUse, match=r"There is no nginx here.*apt-get install nginx-light"):
        behind.check("nginx")
    monkeypatch.setattr(behind, "find", lambda: "nginx")
    with pytest.raises(BadUse, match=r"There is no openssl here.*apt-get install openssl"):
        behind.check("nginx+tls")
    behind.check("direct")


def test_the_command_says_it_before_anything_is_measured(monkeypatch, tmp_path, lab):
    monkeypatch.setattr(doctor, "which", lambda name: None)
    said = lab("compare", "--behind", "nginx", "--out", tmp_path / "runs")
    assert said.code == 2 and said.err == f"lab: {behind.MISSING}\n"
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"behind": "nginx", "address": "127.0.0.1"}, "leave --address out, or --behind"),
        ({"behind": "nginx", "link": Link("netem")}, "leave --link netem out, or --behind"),
    ],
)
def test_what_it_does_not_go_with_is_refused(program, monkeypatch, options, words):
    monkeypatch.setattr(compare.netem, "check", lambda link: None)
    with pytest.raises(BadUse, match=words):
        compare.compare(Options(**options), None)


def test_an_unknown_way_is_told_what_there_is(lab):
    assert "There is no way 'caddy': choose from direct, nginx" in lab("compare", "--behind", "caddy").err


@pytest.mark.prove
def test_a_comparison_behind_it_delivers_everything_also_over_a_link(program, tmp_path, lab):
    (tmp_path / "tiny.toml").write_text(TINY)
    options = ("--repeats", 1, "--no-floor", "--rtt", 2, "--out", tmp_path / "runs", "--json")
    said = lab("compare", tmp_path / "tiny.toml", "--behind", "nginx+tls", *options)
    assert said.code in (0, 2), said.err  # 2: a busy machine
    where = tmp_path / "runs" / "latest"
    record = manifest.read(where)
    assert record.behind == "nginx+tls" and record.packages["nginx"] == behind.version()
    assert len(record.runs) == 4
    for run in record.runs:
        assert run.state == "complete" and run.info.errors == {} and run.info.url.startswith("https://")
    page = (where / "report.html").read_text()
    assert "nginx (by TLS and HTTP/1.1), whose CPU time is among the server&#39;s" in page
