"""Recorded runs as evidence: what is missing or damaged is a sentence, and leaves a claim open."""

import json

import pytest

from lab.claims import entries
from lab.claims.evidence import Missing, recorded
from lab.claims.figures import P50, ratio
from lab.claims.judging import judge
from lab.errors import BadUse
from lab.plan import Cell
from tests.lab.claims import otherwise, world
from tests.lab.claims.made_up import sweep

C1 = entries.named("C1")


@pytest.fixture
def root(tmp_path):
    otherwise.rtt(tmp_path)
    otherwise.rate(tmp_path)
    return tmp_path


def test_a_folder_of_runs_is_read_by_the_names_of_its_experiments(root):
    (root / "notes.txt").write_text("no run")
    (root / "empty").mkdir()
    assert sorted(recorded(root).folders) == ["message-rate", "rtt"]


def test_of_runs_that_were_made_here_the_newest_of_each_name_counts(tmp_path):
    for stamp, delay in (("2026-01-01T000000Z", 1.0), ("2026-01-02T000000Z", 2.0)):
        sweep(tmp_path, "rtt", otherwise.flat(latency_p50=delay)).rename(tmp_path / f"{stamp}-rtt")
    sweep(tmp_path, "rtt", otherwise.flat(latency_p50=3.0)).rename(tmp_path / "2026-01-02T000000Z-rtt-2")
    assert recorded(tmp_path).summary("rtt").cells[0]["latency_p50"].value == 3.0


@pytest.mark.parametrize("there", ["nowhere", "."])
def test_where_there_are_no_runs_that_is_said(tmp_path, there):
    with pytest.raises(BadUse, match=r"There is no folder|holds no run folder"):
        recorded(tmp_path / there)


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("summary.json", None, "has no summary.json: `lab report .*rtt` makes it"),
        ("summary.json", '{"scenario": "rtt"', "summary.json was cut short or edited"),
        ("manifest.json", '{"schema_version": 1', "manifest.json was cut short or edited"),
        ("manifest.json", '{"schema_version": 99}', "has schema 99"),
    ],
)
def test_what_is_damaged_or_missing_leaves_the_claim_open_and_is_named(root, file, text, said):
    path = root / "rtt" / file
    path.unlink() if text is None else path.write_text(text)
    found = judge(C1, recorded(root))
    assert found.verdict == "undecided"
    with pytest.raises(Missing, match=said):
        recorded(root).rows("rtt", "websocket")


def test_a_summary_of_another_schema_is_not_guessed_at(root):
    path = root / "rtt" / "summary.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema_version": 2}))
    assert "has schema 2" in judge(C1, recorded(root)).sentence


def test_a_quantity_that_an_old_summary_lacks_is_open_and_says_how_to_get_it(tmp_path):
    otherwise.bursts(tmp_path, {0.0: 1.0, 100.0: 1.0}, 3.1)
    path = tmp_path / "bursts" / "summary.json"
    old = json.loads(path.read_text())
    for row in old["cells"]:
        del row["figures"]["latency_mean"]
    path.write_text(json.dumps(old))
    found = judge(entries.named("L3"), recorded(tmp_path))
    assert found.verdict == "undecided" and "not measured then" in found.sentence


def test_a_transport_that_was_left_out_is_missed(tmp_path):
    sweep(tmp_path, "idle", world.idle, transports=("long-polling", "websocket"))
    otherwise.rate(tmp_path)
    found = judge(entries.named("C5"), recorded(tmp_path))
    assert "idle has no row of Short polling" in str(found.trials[0].cases)


def test_a_row_that_is_not_valid_is_no_evidence(tmp_path):
    sweep(tmp_path, "rtt", world.linked, (0.0, 50.0), invalid=[Cell("websocket", None, 50.0)])
    otherwise.rate(tmp_path)
    found = judge(C1, recorded(tmp_path))
    assert found.condition.startswith("over a distance for a round trip of at most 0 ms")
    assert "In 1 of 5 cases nobody can say (a round trip of 50 ms: the row is not valid: made up to be wrong)" in (
        found.sentence
    )


def test_of_a_row_that_may_not_be_valid_it_is_said_to_take_care(root):
    path = root / "rtt" / "summary.json"
    summary = json.loads(path.read_text())
    for row in summary["cells"]:
        row["verdict"]["valid"] = None
    path.write_text(json.dumps(summary))
    assert "Of 6 rows 3 may not be valid: take it with care." in judge(C1, recorded(root)).sentence


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [([False, None, None], "1 is not valid and 2 may not be"), ([False, False, True], "2 are not valid")],
)
def test_rows_that_are_not_valid_are_counted_beside_those_that_may_not_be(root, verdicts, said):
    path = root / "rtt" / "summary.json"
    summary = json.loads(path.read_text())
    rows = [row for row in summary["cells"] if row["cell"]["transport"] == "websocket"]
    for row, valid in zip(rows, verdicts, strict=True):
        row["verdict"] |= {"valid": valid, "reasons": ["made up to be so"]}
    path.write_text(json.dumps(summary))
    assert f"Of 6 rows {said}: take it with care." in judge(C1, recorded(root)).sentence


def test_a_ratio_that_was_paired_by_block_is_taken_as_recorded(root):
    path = root / "rtt" / "summary.json"
    summary = json.loads(path.read_text())
    for row in summary["cells"]:
        if row["cell"]["transport"] == "sse":
            row["versus"] = {"latency_p50": {"value": 2.0, "low": 1.9, "high": 2.1}}
    path.write_text(json.dumps(summary))
    evidence = recorded(root)
    sse, websocket = (evidence.rows("rtt", name)[0] for name in ("sse", "websocket"))
    assert ratio(P50, sse, websocket).high == 2.1
    assert ratio(P50, websocket, sse).high == pytest.approx(1 / 1.9)
