"""How late a message comes to all of a large room, as `lab compare` measures it, with its verdict."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from lab import joins, manifest, summary
from lab.stats import percentile

SPARE = 1_000  # open files beside those of the clients
ROOM = """
description = "One large room."
participants = {clients}
senders = {senders}
duration_s = {seconds}
warmup_s = 2.0

[workload]
kind = "poisson"
rooms = 1
rate_per_s = {rate}
bytes = 46
"""

# While the generator reads a message for each of a thousand clients it sends none: those that fall due then are late.
# What is late by its own doing counts in full, since latency is from the intended time: the bound holds all the more.
# Any other reason to doubt the figures fails.
LATE = re.compile("generator sent .* late|generator's loop was .* late")

pytestmark = [pytest.mark.prove, pytest.mark.timeout(300)]


@pytest.mark.parametrize(
    ("clients", "senders", "rate", "seconds", "bound"),
    [(1_000, 20, 20.0, 52.0, 100.0), (10_000, 4, 1.0, 60.0, 300.0)],
    ids=["1,000 clients, 20 messages a second", "10,000 clients, a message a second"],
)
def test_a_message_comes_to_a_large_room_in_time(
    clients: int, senders: int, rate: float, seconds: float, bound: float, allow: Callable[[int], None], tmp_path: Path
) -> None:
    """The bound is the p99 of all deliveries, in ms, from when the message was to be sent."""
    allow(clients + SPARE)
    scenario = tmp_path / "room.toml"
    scenario.write_text(ROOM.format(clients=clients, senders=senders, seconds=seconds, rate=rate))
    command = [sys.executable, "-m", "lab", "compare", scenario, "--transports", "websocket", "--repeats", "1"]
    done = subprocess.run(
        [*command, "--no-floor", "--json", "--out", tmp_path], capture_output=True, text=True, timeout=280
    )
    assert done.stdout, done.stderr
    found = msgspec.json.decode(done.stdout, type=summary.Summary)
    (row,) = found.cells
    (folder,) = (path.parent for path in tmp_path.glob("*/manifest.json") if path.parent.name != "latest")
    run = joins.figures(manifest.read(folder).runs[0], joins.read_tables(folder)[0])
    p50, p99, worst = (percentile(run.latencies_ms, q) for q in (0.5, 0.99, 1.0))
    print(
        f"\n{clients:,} clients, {run.sent:,} messages: {run.delivered:,} deliveries of {run.expected:,}, "
        f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, the last {worst:.0f} ms; generator {run.generator_cpu:.0%} of a CPU; "
        f"valid: {row.verdict.valid}, {row.verdict.reasons}"
    )
    assert run.delivered == run.expected == run.sent * clients
    assert run.sent >= 0.8 * rate * seconds
    assert run.duplicates == run.reordered == run.strays == 0
    assert p99 <= bound
    assert not row.verdict.saturated
    assert [reason for reason in row.verdict.reasons if not LATE.search(reason)] == []
