"""Several generator processes, on this host: master and workers as their users start them."""

import os
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from itertools import takewhile
from pathlib import Path

import polars as pl
import psutil
import pytest

from loadtests import schedule
from loadtests.scenario import Scenario, load, warmed
from tests.loadtests.generator import Part, generator, run, small
from tests.processes import Server

WORKERS = 2
SECOND = 1_000_000_000


def scheduled(scenario: Scenario) -> list[tuple[int, int, int]]:
    """What one process would send: sender, ns after the window's begin, bytes."""
    sends = {user: schedule.sends(scenario, 1, *divmod(user, scenario.participants)) for user in range(scenario.users)}
    begin_s, horizon_s = scenario.warmup_s, scenario.warmup_s + scenario.duration_s
    return sorted(
        (user, round(offset_s * SECOND) - round(begin_s * SECOND), len(text.encode()))
        for user, plan in sends.items()
        for offset_s, text in takewhile(lambda send: send[0] < horizon_s, plan)
    )


def workers_of(master: int) -> list[psutil.Process]:
    return psutil.Process(master).children()


@pytest.mark.parametrize("transport", ["short-polling", "websocket"])
def test_what_one_worker_sends_the_others_receive(start: Callable[..., Server], tmp_path: Path, transport: str) -> None:
    """Each message reaches everybody in its room once, and the run says so as that of one process would."""
    path = small(tmp_path)
    part = run(start(transport), transport, path, tmp_path / "out", "--workers", WORKERS)
    said = part.publishes.select("sender", pl.col("intended_ns") - part.info.window_begin_ns, "bytes")
    interval_s = part.info.poll_interval_s or 0.0
    assert sorted(said.rows()) == scheduled(warmed(load(str(path)), interval_s))
    numbers = schedule.shared_out(load(str(path)), 1, WORKERS)
    worker_of = {user: worker for worker, users in enumerate(numbers) for user in users}
    assert part.publishes.height >= part.info.offered > 0
    assert part.publishes["id"].is_unique().all() and (part.publishes["status"] == 201).all()
    assert part.deliveries.height == part.publishes.height * part.share
    assert part.deliveries.select("receiver", "id").is_unique().all()
    ways = part.deliveries.join(part.publishes, on=["room", "id"]).select(
        pl.col("sender").replace_strict(worker_of), pl.col("receiver").replace_strict(worker_of)
    )
    assert len(ways.unique()) == WORKERS**2  # from each worker to each, itself included
    assert sorted(part.receivers["receiver"]) == list(range(part.info.users))
    assert part.connections["connection"].is_unique().all() and part.connections["complete"].all()
    assert set(part.deliveries["connection"]) <= set(part.connections["connection"])
    by_connection = part.deliveries.join(part.connections, on="connection")
    assert (by_connection["receiver"] == by_connection["user"]).all()
    assert set(part.generator["worker"]) == set(range(WORKERS))
    assert [worker.users for worker in part.info.workers] == [len(users) for users in numbers]
    assert part.info.clock_error_bound_ns == {"0-1": 0}
    assert part.server.height > 0 and part.info.server_cpu_end_ns > part.info.server_cpu_begin_ns


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signal that ends a process in order")
def test_an_interrupt_keeps_what_all_workers_measured(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start("sse")
    options = ("--transport", "sse", "--scenario", small(tmp_path), "--out", tmp_path / "out", "--duration", 60)
    with generator(server.url, *options, "--workers", 2) as process:
        process.wait_for("window")
        children = workers_of(process.process.pid)
        process.interrupt()
        assert [event["event"] for event in process.events()] == ["written"]
        assert process.end() == (130, "")
    assert not [child for child in children if child.is_running()]
    part = Part(tmp_path / "out")
    assert part.info.window_begin_ns and part.info.window_end_ns is None
    assert part.receivers.height == part.info.users
    assert set(part.connections["user"]) == set(range(part.info.users))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
def test_a_worker_that_dies_ends_the_run_with_a_sentence(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start("sse")
    options = ("--transport", "sse", "--scenario", small(tmp_path), "--out", tmp_path / "out", "--duration", 60)
    with generator(server.url, *options, "--workers", 2) as process:
        process.wait_for("window")
        children = workers_of(process.process.pid)
        os.kill(children[-1].pid, signal.SIGKILL)
        list(process.events())
        code, errors = process.end()
    assert code == 2
    assert errors.startswith("loadtests: Worker 1 ended in mid-run") and errors.count("\n") == 1
    assert not [child for child in children if child.is_running()]
    assert (tmp_path / "out" / "run.json").read_text() == ""  # so that nobody takes it for a run


@pytest.mark.prove
@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGKILL")
def test_workers_do_not_outlive_their_master(start: Callable[..., Server], tmp_path: Path) -> None:
    server = start("sse")
    options = ("--transport", "sse", "--scenario", small(tmp_path), "--out", tmp_path / "out", "--duration", 60)
    with generator(server.url, *options, "--workers", 2) as process:
        process.wait_for("window")
        children = workers_of(process.process.pid)
        process.process.kill()
    psutil.wait_procs(children, timeout=60)
    assert not [child for child in children if child.is_running()]


def test_bad_use_of_several_processes_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, ExitStack() as stack:
        port = taken.getsockname()[1]
        cases = [
            (("--workers", "0"), "'0'"),
            (("--workers", "13"), "12 users"),
            (("--workers", "2", "--cpu", "x"), "'x'"),
            (("--workers", "2", "--cpu", "0,9999"), "9999"),  # the second worker finds out
            (("--master", "--master-port", port), str(port)),
            (("--master", "--master-host", "203.0.113.1"), "203.0.113.1"),
        ]
        started = []
        for case, (options, named) in enumerate(cases):
            common = ("--transport", "sse", "--scenario", small(tmp_path), "--out", tmp_path / str(case))
            started.append((named, stack.enter_context(generator("http://127.0.0.1:9", *common, *options))))
        for named, process in started:
            list(process.events())  # to its end, however long two workers take to start
            code, errors = process.end()
            assert code == 2, named
            assert named in errors and errors.count("\n") == 1 and errors.endswith(".\n"), errors
