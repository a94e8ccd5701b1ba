"""loadtests/merge.py: the records of workers whose clocks differ, put on one."""

from pathlib import Path
from types import SimpleNamespace

import msgspec
import polars as pl

from loadtests import merge, records
from loadtests.records import Clock, Worker
from tests.loadtests.test_records import INFO

AHEAD = 1_000_000  # of worker 1's clock, in ns
CLOCKS = ["here", "there", "here"]  # of the two workers, and of the master
MARKS = SimpleNamespace(
    begin_ns=0, end_ns=100, publish_end_ns=100, collected_ns=200, server_cpu_begin_ns=7, server_cpu_end_ns=9
)


def part(folder: Path, number: int, offset_ns: int | None, bound_ns: int) -> Path:
    """Worker 0's user publishes at 40 and worker 1's receives at 50, each on its own clock; both open connection 3."""
    recorder = records.Recorder()
    if number == 0:
        recorder.published("room", "id", 0, 5, 40, -1)
    else:
        recorder.delivered(1, 3, "room", "id", "e", 1, 50 + AHEAD)
    recorder.request_began(3, number, "socket", 30 + number * AHEAD, True)
    recorder.tables["generator"].append(60 + number * AHEAD, 100, 200, -1, -1, -1.0)
    clock = None if offset_ns is None else Clock((0, 0), (offset_ns, offset_ns), bound_ns)
    worker = Worker(worker=number, host=number, users=1, cpu=None, generator_cpu_ns_window=5, clock=clock)
    info = msgspec.structs.replace(
        INFO, errors={"a": 1, f"b{number}": 2}, skipped_polls=1, workers=[worker], limits={"descriptors": 4 - number}
    )
    records.write_part(folder, info, recorder.tables)
    return folder


def merged(folder: Path, clocks: list[str], offsets: tuple[int | None, int | None], own: Clock | None) -> Path:
    parts = [part(folder / str(n), n, offset_ns, 10 + n) for n, offset_ns in enumerate(offsets)]
    master = records.Recorder()
    master.tables["server"].append(70, 1, 1, 1, 1)
    master.limits = {"descriptors": 9, "server_descriptors": 7}
    merge.merge(parts, clocks, own, MARKS, master, folder / "run")
    return folder / "run"


def column(run: Path, table: str, name: str) -> list[int | None]:
    return records.scan(run, table).collect()[name].to_list()


def test_moments_become_the_servers_and_spans_stay(tmp_path: Path) -> None:
    run = merged(tmp_path, CLOCKS, (500, 500 - AHEAD), Clock((0, 0), (500, 500), 20))
    assert column(run, "publishes", "intended_ns") == [540]
    assert column(run, "publishes", "sent_ns") == [None]
    assert column(run, "deliveries", "received_ns") == [550]
    assert column(run, "generator", "at_ns") == [560, 560]
    assert column(run, "generator", "lag_ns") == [100, 100]
    assert column(run, "generator", "cpu_ns") == [200, 200]
    assert column(run, "server", "at_ns") == [570]
    info = records.read_info(run)
    assert (info.window_begin_ns, info.window_end_ns, info.collected_ns) == (500, 600, 700)
    assert info.clock_error_bound_ns == {"0-1": 10 + 11}


def test_who_shares_a_clock_shares_its_best_estimate(tmp_path: Path) -> None:
    run = merged(tmp_path, CLOCKS, (400, 500 - AHEAD), Clock((0, 0), (500, 500), 1))
    assert column(run, "publishes", "intended_ns") == [540]  # by the master's estimate, which is the better one
    assert records.read_info(run).clock_error_bound_ns == {"0-1": 1 + 11}


def test_on_one_clock_nothing_is_converted_and_nothing_is_in_doubt(tmp_path: Path) -> None:
    run = merged(tmp_path, ["here"] * 3, (None, None), None)
    assert column(run, "publishes", "intended_ns") == [40]
    assert column(run, "deliveries", "received_ns") == [50 + AHEAD]
    assert records.read_info(run).clock_error_bound_ns == {"0-1": 0}


def test_clocks_that_were_not_compared_are_said_to_be_so(tmp_path: Path) -> None:
    assert records.read_info(merged(tmp_path, CLOCKS, (None, None), None)).clock_error_bound_ns == {"0-1": None}


def test_connections_and_workers_are_told_apart_and_sums_are_sums(tmp_path: Path) -> None:
    run = merged(tmp_path, ["here"] * 3, (None, None), None)
    assert column(run, "requests", "connection") == [6, 7]
    assert column(run, "deliveries", "connection") == [7]
    assert column(run, "generator", "worker") == [0, 1]
    info = records.read_info(run)
    assert info.errors == {"a": 2, "b0": 2, "b1": 2}
    assert (info.skipped_polls, info.generator_cpu_ns_window, info.server_cpu_end_ns) == (2, 10, 9)
    assert [worker.worker for worker in info.workers] == [0, 1]
    assert info.limits == {"descriptors": 3, "server_descriptors": 7}  # the least of the workers', and the server's own


def test_a_drifting_clock_is_followed(tmp_path: Path) -> None:
    clock = Clock((0, 1_000), (0, 100), 5)
    table = pl.LazyFrame({"at_ns": [0, 500, 1_000, None]})
    assert merge.converted(table, 0, 1, clock).collect()["at_ns"].to_list() == [0, 550, 1_100, None]
