"""Numbers and sentences as people read them."""

import re

import msgspec
import pytest

from lab import joins, manifest, summary, table, wording
from lab.manifest import Verdict
from lab.plan import Cell
from lab.stats import Estimate
from tests.lab import synthetic


def test_a_value_that_is_not_there_is_a_dash_and_not_a_zero():
    assert wording.text(Estimate(None, note="not measured here"), "ms") == "\N{EN DASH}"
    assert wording.interval(Estimate(3.0)) == ""


def test_shares_are_percentages_that_end_at_a_hundred():
    assert wording.text(Estimate(0.934), "share") == "93.4 %"
    assert wording.interval(Estimate(0.99, 0.95, 1.03), "share") == "95 to 100 %"


def test_no_detectable_difference_is_said_in_words():
    assert (
        wording.times("the bytes", Estimate(1.1, 0.9, 1.3)) == "no detectable difference in bytes (0.900 to 1.30 times)"
    )
    assert wording.times("the bytes", Estimate(2.0, 1.9, 2.1)) == "2.00 times the bytes (1.90 to 2.10)"


@pytest.fixture(scope="module")
def found(made_once):
    tables, _ = joins.read_tables(made_once)
    return summary.summarise(manifest.read(made_once), tables)


def test_every_cell_has_a_sentence_with_its_own_numbers_and_units(found):
    for row in found.cells:
        said = wording.sentence(row, found)
        assert f"half of the messages arrived within {wording.number(row['latency_p50'].value)} ms" in said
        assert f"{wording.number(row['ip_bytes'].value)} bytes on the network" in said
        assert "\N{MICRO SIGN}s of the server's CPU time" in said
        assert "None" not in said and "nan" not in said and not re.search(r"  |\.\.", said)


def test_against_the_reference_the_equal_is_told_from_the_different(found):
    said = wording.sentence(found.cells[1], found)
    assert "Against WebSocket: 2.00 times the median wait" in said
    assert "no detectable difference in bytes" in said


def judged(found, verdict, name):
    """The same, with another verdict on a row."""
    cells = [msgspec.structs.replace(row, verdict=verdict) if row.cell.name == name else row for row in found.cells]
    return msgspec.structs.replace(found, cells=cells)


def without(row, *keys):
    """The row, with what a verdict kept from being compared."""
    kept = {key: Estimate(None) if not keys or key in keys else ratio for key, ratio in row.versus.items()}
    return msgspec.structs.replace(row, versus=kept)


def test_nothing_is_measured_by_a_row_that_is_not_valid(found):
    said = wording.sentence(without(found.cells[1]), judged(found, Verdict(False, ["it was busy"]), found.reference))
    assert "times" not in said and "It is not compared with WebSocket, whose row is not valid." in said


def test_an_unsure_reference_is_called_unsure(found):
    said = wording.sentence(found.cells[1], judged(found, Verdict(None, ["it was stolen from"]), found.reference))
    assert "Against WebSocket, which is unsure here: 2.00 times the median wait" in said


def test_what_was_sent_late_has_its_bytes_compared_and_the_waits_are_said_not_to_be(found):
    late, row = Verdict(False, ["it was late"], waits_only=True), without(found.cells[1], "latency_p50")
    said = wording.sentence(row, judged(found, late, found.reference))
    assert "Against WebSocket: no detectable difference in bytes" in said
    assert "The waits are not compared: the messages of WebSocket were sent late." in said and "median wait" not in said
    own = msgspec.structs.replace(row, verdict=late)
    assert "the messages of this row were sent late" in wording.sentence(own, found)


def test_a_row_that_was_never_measured_says_so_once(found):
    row = msgspec.structs.replace(found.cells[2], runs=0, verdict=Verdict(None, ["no run was completed"]))
    cut = msgspec.structs.replace(found, cells=[row])
    assert wording.sentence(row, cut) == "SSE was not measured: no run was completed."
    assert wording.reasons(cut) == []
    assert [column.of(row)[0] for column in table.CHECKS] == [wording.DASH, "not measured"]


def test_one_is_not_many(found):
    assert [wording.count(n, "run") for n in (0, 1, 1_500)] == ["0 runs", "1 run", "1,500 runs"]
    assert wording.ways(found) == "four ways"


def test_a_row_that_lost_more_than_half_or_was_not_measured_says_so(tmp_path):
    synthetic.comparison(tmp_path, {Cell("sse"): 3.0}, blocks=1, publishes=10, dropped=15)
    tables, _ = joins.read_tables(tmp_path)
    lossy = summary.summarise(manifest.read(tmp_path), tables)
    said = wording.sentence(lossy.cells[0], lossy)
    assert "more than half of the messages never arrived" in said and "could not keep up" in said


def test_the_three_verdicts_have_three_words():
    assert [wording.valid(Verdict(valid, [])) for valid in (True, None, False)] == ["valid", "unsure", "NOT VALID"]
    assert wording.valid(Verdict(True, [], True)) == "valid, saturated"


def test_reasons_are_given_with_what_may_help(tmp_path):
    synthetic.comparison(tmp_path, {Cell("sse"): 3.0}, blocks=2, send_lag_ms=2.0)
    tables, _ = joins.read_tables(tmp_path)
    said = wording.reasons(summary.summarise(manifest.read(tmp_path), tables))
    assert said[0].startswith("SSE is not valid. The generator sent 2.00 ms late (p99), more than a tenth of")
    assert "measure again" in said[1]
