"""Each rule of validity flips the verdict by itself."""

import msgspec
import pytest

from lab import finish, joins, verdicts
from lab.manifest import Verdict
from lab.plan import Cell, PlannedRun
from loadtests.records import LinkReport
from tests.lab import synthetic

LATENCIES = [10.0] * 200


def verdict(where, **faults):
    record = synthetic.write_run(where, PlannedRun(0, 0, Cell("sse"), 1), LATENCIES, **faults)
    finish.merge(where)
    tables, _ = joins.read_tables(where)
    return verdicts.of_run(joins.figures(record, tables))


def test_a_run_with_nothing_against_it_is_valid(tmp_path):
    assert verdict(tmp_path) == Verdict(True, [], False)


@pytest.mark.parametrize(
    ("faults", "valid", "word"),
    [
        ({"unsent": 3}, False, "197 of 200 publishes were sent"),
        ({"generator_cpu": 0.75}, False, "75 % of a CPU"),
        ({"send_lag_ms": 1.2}, False, "sent 1.20 ms late"),
        ({"errors": {"[Errno 24] Too many open files": 2}}, False, "descriptors or ports"),
        ({"errors": {"[Errno 99] Cannot assign requested address": 2}}, False, "descriptors or ports"),
        ({"steal": 0.03}, None, "3 % of the CPU time"),
        ({"loop_lag_ms": 1.2}, None, "loop was 1.20 ms late"),
        ({"unsent": 1}, True, ""),
        ({"generator_cpu": 0.65}, True, ""),
        ({"send_lag_ms": 0.9}, True, ""),
        ({"errors": {"timed out": 2}}, True, ""),
        ({"steal": 0.01}, True, ""),
        ({"loop_lag_ms": 0.9}, True, ""),
    ],
)
def test_a_rule_flips_the_verdict_and_gives_its_reason(tmp_path, faults, valid, word):
    found = verdict(tmp_path, **faults)
    assert found.valid is valid
    assert word in "; ".join(found.reasons)
    assert bool(found.reasons) == (valid is not True)


@pytest.mark.parametrize(
    ("report", "valid", "word"),
    [
        ({}, True, ""),
        ({"late_p99_ms": 0.9, "cpu_busiest": 0.65}, True, ""),
        ({"late_p99_ms": 1.2}, None, "the link was 1.20 ms late"),
        ({"cpu_busiest": 0.75}, None, "the link used 75 % of a CPU"),
        ({"held_back": 1}, None, "the link ran out of descriptors"),
        ({"late_p99_ms": None}, None, "the link's own lateness was not recorded"),
    ],
)
def test_what_a_link_may_have_added_is_a_doubt(tmp_path, report, valid, word):
    quick = LinkReport(late_p99_ms=0.1, cpu_busiest=0.1)
    found = verdict(tmp_path, link=msgspec.structs.replace(quick, **report))
    assert found.valid is valid and word in "; ".join(found.reasons)


def test_losing_more_than_one_in_a_hundred_is_saturation_and_no_error(tmp_path):
    found = verdict(tmp_path, dropped=8)
    assert (found.valid, found.saturated) == (True, True)


def test_a_cell_is_as_good_as_its_worst_run():
    good, doubtful, bad = Verdict(True, []), Verdict(None, ["steal"]), Verdict(False, ["late"])
    assert verdicts.of_cell([(0, good), (1, good)]).valid is True
    assert verdicts.of_cell([(0, good), (1, doubtful)]).valid is None
    assert verdicts.of_cell([(0, bad), (1, doubtful)]) == Verdict(False, ["block 1: late", "block 2: steal"])
    assert verdicts.of_cell([]).valid is None
