"""Measured again: what agrees within both intervals, row by row, and whether the verdict is the same."""

import io
import json
from collections import Counter

import pytest
from rich.console import Console

from lab import sweep
from lab.claims import answers, entries, fresh, repetition
from lab.claims.cases import below
from lab.claims.evidence import Evidence, recorded
from lab.claims.figures import P50
from lab.claims.judging import Claim, judge
from lab.claims.rules import at_every_level
from lab.claims.sources import ARTICLE
from lab.errors import BadUse
from tests.lab.claims import otherwise
from tests.lab.claims.flips import FAILS, FLIPS, HOLDS, UNDECIDED, WHEN

C2 = entries.named("C2")
TINY = """
title = "Tiny"
question = "Is it at once?"
scenario = "steady"
varies = "workload.rooms"
axis = "rooms"
levels = [1]
transports = ["sse", "websocket"]
repeats = 2
changes = { duration_s = 0.4, warmup_s = 0.2, "workload.rate_per_s" = 30.0 }

[[charts]]
name = "latency"
title = "The wait"
y = "latency_p50"
"""


def twice(tmp_path, first, second, claim=C2):
    """A claim's data as recorded, and as measured here."""
    for name, verdict in (("reference", first), ("here", second)):
        FLIPS[claim.id][verdict](tmp_path / name)
    return fresh.again(claim, recorded(tmp_path / "reference"), lambda command: tmp_path / "here" / command[-1])


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (WHEN, WHEN, True),
        (WHEN, FAILS, False),
        (HOLDS, FAILS, False),
        (WHEN, UNDECIDED, None),
        (UNDECIDED, FAILS, None),
    ],
)
def test_the_verdict_is_the_same_another_or_open(tmp_path, first, second, same):
    found = twice(tmp_path, first, second)
    assert found.same is same
    assert (found.recorded.verdict, found.here.verdict) == (first, second)


def test_every_figure_that_the_verdict_rests_on_is_held_against_the_recorded_one(tmp_path):
    found = twice(tmp_path, WHEN, FAILS)
    rows = {(row.where, row.what): row.agrees for row in found.rows}
    assert len(rows) == len(found.rows) == 8  # two transports kept open or not, connections and requests
    assert rows["long-polling at off", "connections_in_window"] is False
    assert rows["long-polling at off", "requests_per_client_minute"] is True
    assert Counter(row.agrees for row in found.rows) == {True: 6, False: 2}


def test_so_is_each_comparison_that_was_put_to_the_test(tmp_path):
    found = twice(tmp_path, HOLDS, FAILS, entries.named("L2"))
    assert {row.unit for row in found.decided} == {"ms"}  # by how much later
    assert {row.where for row in found.decided} >= {"a round trip of 100 ms"}
    assert len(found.rows) == 2 * len(found.decided)  # long polling's and WebSocket's
    assert False in {row.agrees for row in found.decided}
    assert {row.agrees for row in twice(tmp_path / "again", HOLDS, HOLDS, entries.named("L2")).decided} == {True}


def test_what_is_in_one_of_the_two_only_is_shown_as_lacking(tmp_path):
    otherwise.keep_alive(tmp_path / "reference")
    whole = judge(C2, recorded(tmp_path / "reference"))
    none = judge(C2, Evidence({}))
    assert {row.here.note for row in fresh.held_against(whole, none).rows} == {"not measured"}
    assert {row.recorded.note for row in fresh.held_against(none, whole).rows} == {"not recorded"}


@pytest.mark.parametrize("width", [80, 120])
def test_it_is_printed_row_by_row_with_both_verdicts(tmp_path, width):
    console = Console(file=io.StringIO(), width=width)
    repetition.show(console, C2, twice(tmp_path, WHEN, FAILS))
    text = console.file.getvalue()
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width
    told = " ".join(text.split())
    assert "6 of 8 figures agree within both intervals, 2 do not." in told
    assert "per client" in told and "and minute" in told
    assert f"measured here: {tmp_path / 'here' / 'keep-alive'}".replace(" ", "") in "".join(text.split())
    assert "recorded: holds when" in told and "here: fails" in told and "The verdict is another." in told


def test_each_run_is_made_by_the_command_that_made_it():
    assert [fresh.command(name) for name in entries.named("C3").experiments] == [
        ["experiment", "keep-alive"], ["compare", "irc-room"]
    ]  # fmt: skip


def test_every_experiment_that_a_claim_rests_on_is_one():
    names = {name for claim in entries.CLAIMS for name in claim.experiments} - set(fresh.COMPARISONS)
    assert names - set(sweep.known()) <= {"browser", "hijack", "debugging", "headers", "proxies"}


@pytest.mark.parametrize(("second", "code"), [(WHEN, 0), (FAILS, 1), (UNDECIDED, 2)])
def test_the_exit_code_says_whether_the_verdict_is_the_same(tmp_path, monkeypatch, lab, second, code):
    for name, verdict in (("reference", WHEN), ("here", second)):
        FLIPS["C2"][verdict](tmp_path / name)
    asked = []

    def measured(arguments, extra, out):
        asked.append([*arguments, *extra, str(out)])
        return tmp_path / "here" / arguments[-1]

    monkeypatch.setattr(answers, "measured", measured)
    options = ("--from", tmp_path / "reference", "--out", tmp_path / "runs", "--repeats", 2, "--json")
    said = lab("claims", "C2", "--fresh", *options)
    assert (said.code, asked) == (code, [["experiment", "keep-alive", "--repeats", "2", str(tmp_path / "runs")]])
    assert json.loads(said.out)["here"]["verdict"] == second


def test_a_command_that_makes_no_run_is_said(tmp_path, capfd):
    with pytest.raises(BadUse, match=r"`lab experiment no-such` wrote no run folder \(exit code 2\)"):
        fresh.measured(["experiment", "no-such"], tmp_path)
    assert "There is no experiment 'no-such'" in capfd.readouterr().err


@pytest.mark.prove
def test_a_small_experiment_is_really_measured_again(tmp_path):
    """Twice the same few messages on loopback. Busy, a row may not be valid; no row takes a second."""
    (tmp_path / "tiny.toml").write_text(TINY)
    rule = at_every_level("tiny", ["websocket", "sse"], below(P50, 1_000.0), "{} rooms")
    claim = Claim("T1", "It is at once.", ARTICLE, "It takes less than a second.", "So we say.", (rule,), "{0:most}.")
    command = ["experiment", str(tmp_path / "tiny.toml")]
    first = fresh.measured(command, tmp_path / "runs")
    found = fresh.again(claim, Evidence({"tiny": first}), lambda _: fresh.measured(command, tmp_path / "runs"))
    assert {found.recorded.verdict, found.here.verdict} <= {"holds", "holds when", "undecided"}
    assert [(row.where, row.what) for row in found.rows] == [
        ("websocket at 1", "latency_p50"), ("sse at 1", "latency_p50")
    ]  # fmt: skip
    assert all(row.here.value is not None and row.here != row.recorded for row in found.rows)
    assert len([path for path in (tmp_path / "runs").iterdir() if not path.is_symlink()]) == 2
