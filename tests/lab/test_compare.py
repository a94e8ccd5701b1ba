"""The main job on real servers and real generators: short, but whole.

`started` is the command in a process of its own, for what signals, environments and full disks do to it; `lab` is the
same command in this one.
"""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from lab import compare, folder, manifest, summary
from lab.compare import Options, with_quick
from lab.errors import BadUse
from lab.execution import duration
from lab.link import LIMITS, Link
from lab.plan import Cell, PlannedRun
from tests.processes import until

TINY = """
description = "Two rooms."
participants = 2
senders = 2
duration_s = 0.6
warmup_s = 0.2
poll_intervals = [0.2]
[workload]
kind = "poisson"
rooms = 2
rate_per_s = 10.0
bytes = 20
"""


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


def started(*arguments, **more):
    return subprocess.Popen(
        [sys.executable, "-m", "lab", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    )  # fmt: skip


def test_it_measures_every_cell_in_every_block_and_leaves_a_whole_folder(tiny, tmp_path):
    out = tmp_path / "runs"
    done = started("compare", tiny, "--repeats", 2, "--transports", "short-polling,websocket", "--out", out, "--json")
    printed, errors = done.communicate(timeout=110)
    assert done.returncode in (0, 2), errors  # 2: a busy machine, on which no row was valid
    found = msgspec.json.decode(printed, type=summary.Summary)
    assert [row.cell.name for row in found.cells] == ["short-polling 0.2s", "websocket"]
    assert [row.cell.name for row in found.floor] == ["null short-polling 0.2s", "null websocket"]
    for row in found.floor:
        assert row.runs == 1 and row.counts["delivered"] == row.counts["expected"] > 0
    for row in found.cells:
        assert row.runs == 2 and row.counts["expected"] > 0
        assert (row.counts["lost"], row.counts["duplicates"], row.counts["reordered"], row.counts["strays"]) == (
            0,
            0,
            0,
            0,
        )
    where = (out / "latest").resolve()
    names = {path.name for path in where.iterdir()}
    assert names == {"manifest.json", "summary.json", "summary.csv", "figures", "report.html"} | {
        f"{table}.parquet"
        for table in ("publishes", "deliveries", "receivers", "connections", "requests", "server", "generator")
    }
    assert ":" not in where.name
    record = manifest.read(where)
    assert record.state == "complete" and all(run.verdict is not None for run in record.runs)
    assert record.files == folder.checksums(where)
    assert {"cpu", "cpus", "memory_bytes", "kernel", "sysctls"} <= set(record.machine)


ONE_RUN = ("--repeats", 1, "--transports", "sse", "--no-floor")


def test_several_generators_share_one_load(tiny, tmp_path, lab):
    code, printed, errors = lab("compare", tiny, *ONE_RUN, "--generators", 2, "--out", tmp_path, "--json")
    assert code in (0, 2), errors
    counts = msgspec.json.decode(printed, type=summary.Summary).cells[0].counts
    assert counts["delivered"] == counts["expected"] > 0 and counts["strays"] == 0
    record = manifest.read(tmp_path / "latest")
    assert record.generators == len(record.runs[0].info.workers) == 2
    assert "Generator processes" in (tmp_path / "latest" / "report.html").read_text()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.mark.prove
def test_generators_of_other_hosts_come_to_the_address_and_stay_for_every_run(tiny, tmp_path, lab):
    """Here it is this host's own, so that nothing but loopback is needed."""
    port = free_port()
    command = [sys.executable, "-m", "loadtests.worker", "--master-port", str(port), "--stay"]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        options = ("--address", f"127.0.0.1:{port}", "--transports", "sse,websocket", "--no-floor", "--out", tmp_path)
        _, printed, errors = lab("compare", tiny, "--repeats", 1, *options, "--json")
    finally:
        worker.terminate()
        _, said = worker.communicate()
    assert said == ""
    found = msgspec.json.decode(printed, type=summary.Summary)
    assert [row.counts["delivered"] == row.counts["expected"] > 0 for row in found.cells] == [True, True], errors


def test_more_generators_than_users_are_refused(tiny):
    with pytest.raises(BadUse, match="5 generators cannot share 4 users"):
        compare.compare(Options(scenario=str(tiny), generators=5), None)


def test_generators_take_the_cpus_that_the_server_leaves(monkeypatch):
    monkeypatch.setattr(compare.machine, "allowed_cpus", lambda: [2, 5, 7])
    setup = compare.with_generators(compare.setup_of("irc-room"), 3)
    assert (setup.server_cpu, setup.worker_cpus, setup.generators) == (2, (5, 7), 3)
    assert compare.with_generators(compare.setup_of("irc-room"), 1).worker_cpus == ()
    monkeypatch.setattr(compare.machine, "allowed_cpus", lambda: [2])
    assert compare.with_generators(compare.setup_of("irc-room"), 2).worker_cpus == ()


def test_a_server_that_writes_errors_is_not_trusted_and_its_log_is_kept(tiny, tmp_path):
    out = tmp_path / "runs"
    chatty = os.environ | {"PYTHONPROFILEIMPORTTIME": "1"}  # every Python process writes to stderr what it imports
    done = started("compare", tiny, *ONE_RUN, "--out", out, "--json", env=chatty)
    printed, errors = done.communicate(timeout=110)
    assert done.returncode in (0, 2), errors
    (row,) = msgspec.json.decode(printed, type=summary.Summary).cells
    assert row.verdict.valid is not True
    assert "lines of errors (logs/000-server.log)" in "; ".join(row.verdict.reasons)
    assert "import time" in (out / "latest/logs/000-server.log").read_text()
    assert not (out / "latest/parts").exists()


def test_a_round_trip_is_waited_for_and_everything_says_so(tiny, tmp_path, lab):
    out = tmp_path / "runs"
    code, printed, errors = lab("compare", tiny, *ONE_RUN, "--rtt", 60, "--out", out, "--json")
    assert code in (0, 2), errors  # 2: a busy machine, on which no row was valid
    found = msgspec.json.decode(printed, type=summary.Summary)
    assert "Everything went through a link of 60 ms round trip." in found.notices
    for row in found.cells:
        assert row.counts["expected"] > row.counts["lost"] == 0
        assert row["latency_p50"].value >= 60  # half of it to the server, half of it from there
    record = manifest.read(out / "latest")
    assert record.link == Link("proxy", 60.0)
    for run in record.runs:
        assert run.link.connections > 0 and run.link.late_p99_ms is not None
    page = " ".join((out / "latest" / "report.html").read_text(encoding="utf-8").split())
    assert "a link of 60 ms round trip (proxy)" in page and LIMITS["proxy"].replace("'", "&#39;") in page


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signal that ends a process in order")
@pytest.mark.parametrize(("name", "options"), [("SIGINT", []), ("SIGTERM", ["--rtt", 10])])
def test_an_interrupt_in_mid_run_keeps_what_was_measured_and_reports_it(tiny, tmp_path, name, options):
    out = tmp_path / "runs"
    running = started("compare", tiny, "--repeats", 50, "--transports", "sse", "--out", out, *options)
    assert running.stderr is not None
    assert "1 of 51" in running.stderr.readline()  # one is the floor; the second is under way
    children = psutil.Process(running.pid).children(recursive=True)
    running.send_signal(getattr(signal, name))
    printed, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert "Interrupted" in errors and "Traceback" not in errors
    where = (out / "latest").resolve()
    assert "The report:" in printed and (where / "report.html").exists()
    assert manifest.read(where).state == "interrupted"
    assert summary.read(where).runs == 1
    _, alive = psutil.wait_procs(children, timeout=30)  # one that was being started hears that its parent has gone
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no child hears that its parent was killed")
def test_a_comparison_that_is_killed_leaves_no_process_behind(tiny, tmp_path):
    running = started("compare", tiny, "--repeats", 50, "--transports", "sse", "--no-floor", "--out", tmp_path / "runs")
    assert running.stderr is not None
    assert "1 of 50" in running.stderr.readline()
    of = psutil.Process(running.pid)
    until(lambda: len(of.children(recursive=True)) >= 2)  # the server and the generator, or the next server
    children = of.children(recursive=True)
    running.kill()
    running.communicate()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


def test_a_full_disk_is_a_sentence(tiny, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "none", str(small)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk can be had by root on Linux only")
    try:
        running = started("compare", tiny, *ONE_RUN, "--repeats", 2, "--out", small / "runs")
        _, errors = running.communicate(timeout=60)
        assert running.returncode == 2
        last = errors.strip().splitlines()[-1]
        assert "full: free some of it, or measure with --out on another." in last and "Traceback" not in errors
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signal that ends a process in order")
def test_an_interrupt_after_the_last_run_is_said_and_loses_nothing(tiny, tmp_path, lab):
    out = tmp_path / "runs"
    running = started("compare", tiny, *ONE_RUN, "--out", out)
    assert running.stderr is not None
    assert "1 of 1" in running.stderr.readline()  # the last run is over; tables, figures and report are to come
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 2, errors
    assert "Interrupted" in errors and "Traceback" not in errors
    code, printed, errors = lab("report", out / "latest")
    assert code in (0, 2) and "The report:" in printed, errors
    assert summary.read(out / "latest").runs == 1


def test_a_server_that_cannot_start_is_a_sentence_and_leaves_no_process(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "servers").mkdir()
    (tmp_path / "servers" / "__init__.py").write_text("")
    (tmp_path / "servers" / "__main__.py").write_text("raise SystemExit('servers: it would not start.')")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "lab", "compare", str(tiny), "--out", str(tmp_path / "runs")],
        capture_output=True, text=True, timeout=60, cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "the server did not start: servers: it would not start." in done.stderr
    assert "No run was completed" in done.stderr and "Traceback" not in done.stderr


def test_quick_is_one_short_block_with_one_poll_interval_unless_said_otherwise():
    quick = with_quick(Options(quick=True))
    assert (quick.repeats, quick.poll_intervals, quick.floor) == (1, (1.0,), False)
    assert with_quick(Options(quick=True, repeats=2)).repeats == 2
    assert with_quick(Options()) == Options()


def test_without_a_second_cpu_nothing_is_pinned(monkeypatch):
    monkeypatch.setattr(compare.machine, "allowed_cpus", lambda: [3])
    assert compare.setup_of("irc-room").server_cpu is None
    monkeypatch.setattr(compare.machine, "allowed_cpus", lambda: [2, 5, 7])
    setup = compare.setup_of("irc-room")
    assert (setup.server_cpu, setup.generator_cpu, setup.link_cpu) == (2, 5, 7)
    monkeypatch.setattr(compare.machine, "allowed_cpus", lambda: [2, 5])
    assert compare.setup_of("irc-room").link_cpu == 5


def test_the_first_estimate_counts_every_part_of_a_run():
    setup = compare.setup_of("irc-room")
    slow = duration(PlannedRun(0, 0, Cell("short-polling", 3.0), 1), setup)
    assert slow > duration(PlannedRun(0, 0, Cell("sse"), 1), setup) > setup.duration_s + setup.warmup_s


def test_the_floor_takes_the_same_load_for_a_shorter_time():
    setup = compare.setup_of(Options().scenario)
    floor = compare.of_floor(setup)
    assert floor == msgspec.structs.replace(setup, duration_s=2.0, changes={"duration_s": 2.0})
    assert compare.of_floor(msgspec.structs.replace(setup, duration_s=1.0)).duration_s == 1.0


def test_an_engine_that_does_not_exist_is_named():
    with pytest.raises(BadUse, match="choose from gevent, threads"):
        compare.compare(Options(engine="twisted"), None)
