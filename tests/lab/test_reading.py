"""lab/reading.py where rows are not valid: they are compared with nothing, and that is said."""

import json

import msgspec
import pytest

from lab import finish, folder, manifest, plan, reading, report, summary, wording
from lab.joins import read_tables
from lab.plan import Cell
from lab.sweep import Chart, Sweep
from tests.lab import synthetic

LEVELS = (1.0, 10.0)
SWEEP = Sweep(
    name="made-up", title="Made up", question="What if?", varies="workload.rate_per_s", axis="messages a second",
    levels=LEVELS, transports=("sse", "websocket"), charts=(Chart("latency", "The wait", "latency_p50"),),
)  # fmt: skip


def measured(where, *busy, **fault):
    """An experiment of two transports at two levels, with a fault in the cells in `busy`: the generator's own load."""
    cells = [Cell(name, None, level) for name in SWEEP.transports for level in LEVELS]
    runs = [
        synthetic.write_run(
            where, planned, [3.0] * 40, **(fault or {"generator_cpu": 0.9} if planned.cell in busy else {})
        )
        for planned in plan.blocks(cells, 2, seed=1)
    ]
    found = synthetic.write_manifest(where, runs, 2, cells=cells, experiment=msgspec.to_builtins(SWEEP))
    finish.complete(where, found)
    return summary.summarise(manifest.read(where), read_tables(where)[0])


def test_where_all_is_valid_both_ends_are_compared(tmp_path):
    said = reading.paragraph(SWEEP, measured(tmp_path))
    assert "At 1, against WebSocket: SSE" in said and "At 10, against WebSocket: SSE" in said
    assert "compared with nothing" not in said and "Nothing is compared" not in said


def test_nothing_is_compared_with_a_reference_that_is_not_valid_and_that_is_said_once(tmp_path):
    found = measured(tmp_path, Cell("websocket", None, 10.0))
    said = reading.paragraph(SWEEP, found)
    assert "At 1, against WebSocket: SSE" in said and "At 10, against" not in said
    assert said.count("Nothing is compared with WebSocket at 10, which is not valid.") == 1
    assert "WebSocket goes from 3.00 ms to 3.00 ms, which are not compared since not both are valid" in said
    assert "SSE does not change detectably" in said  # its own two ends are valid
    assert "Not valid, so drawn hollow and compared with nothing: WebSocket at 10." in said


def test_a_row_that_is_not_valid_is_not_compared_either(tmp_path):
    said = reading.paragraph(SWEEP, measured(tmp_path, Cell("sse", None, 1.0)))
    assert "At 1, against" not in said and "At 10, against WebSocket: SSE" in said
    assert "SSE goes from 3.00 ms to 3.00 ms, which are not compared" in said
    assert "compared with nothing: SSE at 1." in said


def test_the_figures_hold_no_ratio_of_what_is_not_valid_for_anybody_to_quote(tmp_path):
    measured(tmp_path, Cell("websocket", None, 10.0))
    report.build(tmp_path)
    for row in json.loads((tmp_path / "summary.json").read_text())["cells"]:
        touched = row["cell"]["level"] == 10.0
        for ratio in row["versus"].values():
            assert (ratio["note"] == summary.NOT_TRUSTED) is touched
        waits = [row["versus"]["latency_p50"]] if row["versus"] else []
        assert all((wait["value"] is None) is touched for wait in waits)
    assert "Nothing is compared with WebSocket at 10" in (tmp_path / "report.html").read_text()
    assert not (tmp_path / folder.PARTS).exists()


def test_of_what_was_sent_late_all_but_the_waits_is_compared(tmp_path):
    found = measured(tmp_path, Cell("websocket", None, 10.0), send_lag_ms=1.2)
    row = next(row for row in found.cells if row.cell == Cell("sse", None, 10.0))
    assert row.versus["latency_p50"].note == summary.NOT_TRUSTED and row.versus["ip_bytes"].value == pytest.approx(1)
    assert "No wait is compared with WebSocket at 10" in reading.paragraph(SWEEP, found)


@pytest.mark.parametrize(
    ("busy", "said"),
    [
        ("websocket", "It is not compared with WebSocket, whose row is not valid."),
        ("sse", "It is not compared with WebSocket. This row is not valid"),
    ],
)
def test_a_comparisons_sentence_says_so_too(tmp_path, busy, said):
    runs = [
        synthetic.write_run(tmp_path, planned, [3.0] * 40, generator_cpu=0.9 if planned.cell.transport == busy else 0.2)
        for planned in plan.blocks([Cell("sse"), Cell("websocket")], 2, seed=1)
    ]
    finish.complete(tmp_path, synthetic.write_manifest(tmp_path, runs, 2))
    found = report.build(tmp_path)
    sentence = wording.sentence(found.cells[0], found)
    assert said in sentence and "times" not in sentence
