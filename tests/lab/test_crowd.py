"""Two thousand receivers, 15,000 deliveries a second, two processors, believed: `make prove`, on an idle machine."""

import os
import subprocess
import sys

import msgspec
import pytest

from lab import summary

RECEIVERS, RATE = 2_000, 15_000


@pytest.fixture
def two_cpus():
    """This process and its children have two, however many the machine has."""
    before = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(before) < 2:
        reason = "no two processors to pin to. It takes Linux, and: taskset --cpu-list 0,1 make prove"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    os.sched_setaffinity(0, before[:2])
    yield
    os.sched_setaffinity(0, before)


@pytest.mark.prove
@pytest.mark.usefixtures("two_cpus")
def test_two_thousand_receivers_get_fifteen_thousand_deliveries_a_second_and_the_row_is_valid(tmp_path):
    command = [sys.executable, "-m", "lab", "compare", "crowd", "--transports", "websocket", "--repeats", "1"]
    done = subprocess.run(
        [*command, "--no-floor", "--json", "--out", tmp_path], capture_output=True, text=True, timeout=100
    )
    (row,) = msgspec.json.decode(done.stdout, type=summary.Summary).cells
    figures = {key: row[key].value for key in ("delivered_rate", "latency_p50", "latency_p99", "generator_cpu",
                                               "server_load", "send_lag_p99", "generator_lag_p99")}  # fmt: skip
    print(figures, row.verdict)
    assert row.counts["delivered"] == row.counts["expected"] == row.counts["sent"] * RECEIVERS // 20
    assert row.counts["duplicates"] == row.counts["reordered"] == row.counts["strays"] == 0
    assert row["delivered_rate"].value >= RATE
    assert row.verdict.valid is not False and not row.verdict.saturated, row.verdict.reasons
    assert done.returncode == 0, done.stderr
