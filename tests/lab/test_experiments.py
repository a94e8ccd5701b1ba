"""lab/experiments.py: begun, interrupted, gone on with; on real servers and generators."""

import os
import signal
import subprocess
import sys

import polars as pl
import pytest

from lab import experiments, folder, machine, manifest, sweep
from lab.errors import BadUse
from lab.plan import blocks

TINY = """
title = "Tiny"
question = "Does it go on?"
varies = "workload.rate_per_s"
axis = "messages a second"
levels = [5, 10, 20]
transports = ["sse"]
repeats = 1
changes = { "workload.rooms" = 2, duration_s = 0.5, warmup_s = 0.1 }
[[charts]]
name = "latency"
title = "The wait"
y = "latency_p50"
"""


@pytest.fixture
def tiny(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


def started(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "lab", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signal that ends a process in order")
def test_interrupted_it_goes_on_where_it_was_without_a_cell_twice_or_missing(tiny, tmp_path, lab):
    out = tmp_path / "runs"
    running = started("experiment", tiny, "--out", out)
    assert "1 of 3" in running.stderr.readline()  # the first run is over; the second is under way
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 2 and "Interrupted" in errors, errors
    (where,) = [path.parent for path in out.glob(f"*-tiny*/{manifest.NAME}") if not path.parent.is_symlink()]
    assert manifest.read(where).state == "interrupted"

    _, printed, errors = lab("experiment", tiny, "--out", out)
    assert "2 of 2" in errors and "3 of" not in errors  # the one that was over was not made again
    record = manifest.read(where)
    planned = blocks(sweep.load(str(tiny)).cells(), 1, 1)
    assert record.state == "complete"
    assert [(run.run, run.cell) for run in record.runs] == [(plan.run, plan.cell) for plan in planned]
    assert all(run.state == "complete" for run in record.runs)
    assert sorted(pl.read_parquet(where / "publishes.parquet")["run"].unique()) == [0, 1, 2]
    assert not (where / folder.PARTS).exists()
    assert (where / "figures" / "latency.svg").exists() and (where / "report.html").exists()
    assert "The wait" not in errors and "delivery latency p50" in printed
    found = experiments.unfinished(out, sweep.load(str(tiny)), 1)
    assert found is None  # a complete one is not gone on with


def test_another_seed_or_another_file_is_another_experiment(tiny, tmp_path):
    where = folder.create(tmp_path, "tiny")
    wanted = sweep.load(str(tiny))
    manifest.write(where, experiments.begun(wanted, 1))
    assert experiments.unfinished(tmp_path, wanted, 1) == where
    assert experiments.unfinished(tmp_path, wanted, 2) is None
    tiny.write_text(TINY.replace("20]", "40]"))
    assert experiments.unfinished(tmp_path, sweep.load(str(tiny)), 1) is None


def test_a_folder_of_an_older_schema_is_left_alone(tiny, tmp_path):
    where = folder.create(tmp_path, "tiny")
    (where / manifest.NAME).write_text('{"schema_version": 0}')
    assert experiments.unfinished(tmp_path, sweep.load(str(tiny)), 1) is None
    assert (where / manifest.NAME).read_text() == '{"schema_version": 0}'


def test_more_clients_than_descriptors_are_refused_before_anything_is_measured(tiny, monkeypatch):
    monkeypatch.setattr(machine, "descriptor_limit", lambda: 60)
    with pytest.raises(BadUse, match=r"SSE at 5 has 8 clients, which need 80 open files.*60 here.*prlimit"):
        experiments.experiment(experiments.Options(name=str(tiny)), None)
