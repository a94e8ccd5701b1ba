"""Negative controls on a real run: a receiver from whom deliveries are kept back, and one to whom some come twice.

The faults are on the wire, between a real server and the real generator; the relay's own ledger says how many.
"""

import json
import math
import sys
from collections import Counter

import polars as pl
import pytest

from lab import answers, cli, runs, summary, verdicts

ROOM = """
description = "One room of ten, in which two write."
participants = 10
senders = 2
duration_s = 1.5
warmup_s = 0.0
collect_s = 0.3
[workload]
kind = "poisson"
rooms = 1
rate_per_s = 25.0
bytes = 20
"""


@pytest.mark.parametrize("transport", ["sse", "websocket"])
def test_what_one_receiver_never_got_and_another_got_twice_is_counted_and_fails(
    transport, tmp_path, monkeypatch, capsys
):
    (tmp_path / "room.toml").write_text(ROOM)
    ledger, out = tmp_path / "ledger.json", tmp_path / "runs"
    monkeypatch.setattr(runs, "module_of", lambda cell, setup: ["tests.lab.unfaithful", cell.transport, str(ledger)])
    command = ["lab", "compare", tmp_path / "room.toml", "--transports", transport, "--repeats", 1, "--no-floor"]
    monkeypatch.setattr(sys, "argv", [*map(str, command), "--out", str(out)])
    monkeypatch.setattr(verdicts, "faults", lambda run: [])  # however busy this machine is, what was counted stands
    monkeypatch.setattr(verdicts, "LAG", math.inf)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()

    truth = json.loads(ledger.read_text())
    lost, twice = len(truth["lost"]), len(truth["repeated"])
    assert lost > 0 and twice > 0
    (row,) = summary.read(out / "latest").cells
    counts = {name: row.counts[name] for name in ("lost", "duplicates", "reordered", "strays")}
    assert counts == {"lost": lost, "duplicates": twice, "reordered": 0, "strays": 0}
    assert row.counts["expected"] == 10 * row.counts["sent"] == row.counts["delivered"] + lost
    assert not row.verdict.saturated  # fewer than 1 in 100, which nothing excuses
    assert ended.value.code == answers.FAILED
    title = row.title
    assert f"lab: {title}: {lost} deliveries were lost." in said.err
    assert f"lab: {title}: {twice} deliveries were duplicates." in said.err
    assert f"{lost} / {twice} / 0" in said.out
    assert f"{lost} / {twice} / 0" in (out / "latest" / "report.html").read_text()

    deliveries = pl.read_parquet(out / "latest" / "deliveries.parquet")
    heard = Counter(zip(deliveries["receiver"], deliveries["id"], strict=True))
    assert sorted(id for (_, id), times in heard.items() if times == 2) == sorted(truth["repeated"])
    by_receiver = deliveries.group_by("receiver").agg(pl.col("id").n_unique())["id"].sort().to_list()
    assert by_receiver == [row.counts["sent"] - lost] + 9 * [row.counts["sent"]]  # it was one receiver, and no other
