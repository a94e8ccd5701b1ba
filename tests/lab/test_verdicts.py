"""Each rule of validity flips the verdict by itself."""

import msgspec
import polars as pl
import pytest

from lab import finish, joins, verdicts
from lab.manifest import Verdict
from lab.plan import Cell, PlannedRun
from loadtests.records import LinkReport, Worker
from tests.lab import synthetic

LATENCIES = [10.0] * 200


def verdict(where, **faults):
    record = synthetic.write_run(where, PlannedRun(0, 0, Cell("sse"), 1), LATENCIES, **faults)
    finish.merge(where)
    tables, _ = joins.read_tables(where)
    return verdicts.of_cell([joins.figures(record, tables)])


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
        ({"loop": "closed"}, False, "waited for answers"),
        ({"missing": 1}, False, "only 1 of 2 receivers were ever subscribed"),
        ({"hole_s": 1.5}, None, "for 1.50 s the generator's own load"),
        ({"server_hole_s": 3.0}, None, "for 3.00 s the server's load"),
        ({"limits": {"descriptors": 41}}, None, "the generator used 40 of 41 open files"),
        ({"limits": {"server_descriptors": 31}}, None, "the server used 30 of 31 open files"),
        ({"limits": {"ports": 2}}, None, "the generator used 2 of 2 ports"),
        ({"limits": {"cpus": 1}}, None, "not on CPUs of their own"),
        ({"capabilities": {"cpu_affinity": True, "pinned": False}}, None, "not on CPUs of their own"),
        ({"limits": {"clock_step_ns": 15_600_000}}, None, "in steps of 15.6 ms"),
        ({"hole_s": 0.9}, True, ""),
        ({"server_hole_s": 2.0}, True, ""),
        ({"limits": {"descriptors": 1_024, "server_descriptors": 1_024, "ports": 28_232, "cpus": 2}}, True, ""),
        ({"limits": {"clock_step_ns": 1_000}}, True, ""),
        ({"capabilities": {"cpu_affinity": False, "pinned": False}}, True, ""),
        ({"steal": 0.03}, None, "3 % of the CPU time"),
        ({"loop_lag_ms": 1.2}, None, "loop was 1.20 ms late"),
        ({"skipped_polls": 30}, None, "polls were not asked, for the one before had no answer yet"),
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


def of_workers(where, cpus, clock_error_bound_ns, lags_ms=(0.001, 0.001)):
    """The verdict on a run by two processes, each at 40 % of a CPU."""
    planned = PlannedRun(0, 0, Cell("sse"), 1)
    record = synthetic.write_run(where, planned, LATENCIES, generator_cpu=0.4)
    finish.merge(where)
    tables, _ = joins.read_tables(where)
    one = tables["generator"]
    tables["generator"] = pl.concat(
        one.with_columns(pl.lit(n, pl.UInt16).alias("worker"), pl.lit(round(lag * 1e6), pl.Int64).alias("lag_ns"))
        for n, lag in enumerate(lags_ms)
    )
    workers = [Worker(worker=n, host=0, users=1, cpu=cpu, generator_cpu_ns_window=1) for n, cpu in enumerate(cpus)]
    info = msgspec.structs.replace(record.info, workers=workers, clock_error_bound_ns=clock_error_bound_ns)
    return verdicts.of_run(joins.figures(msgspec.structs.replace(record, info=info), tables))


@pytest.mark.parametrize(
    ("how", "valid", "word"),
    [
        ({"cpus": (1, 2), "clock_error_bound_ns": {"0-1": 0}}, True, ""),
        ({"cpus": (None, None), "clock_error_bound_ns": {"0-1": 0}}, True, ""),
        ({"cpus": (1, 1), "clock_error_bound_ns": {"0-1": 0}}, False, "80 % of a CPU"),
        ({"cpus": (1, 2), "clock_error_bound_ns": {"0-1": 0}, "lags_ms": (0.1, 1.2)}, None, "loop was 1.20 ms late"),
        ({"cpus": (1, 2), "clock_error_bound_ns": {"0-1": 9_000_000}}, True, ""),
        ({"cpus": (1, 2), "clock_error_bound_ns": {"0-1": 0, "0-2": 11_000_000}}, None, "may be 11.0 ms apart"),
        ({"cpus": (1, 2), "clock_error_bound_ns": {"0-1": None}}, None, "could not be compared"),
    ],
)
def test_several_processes_are_judged_by_the_worst_and_by_their_clocks(tmp_path, how, valid, word):
    found = of_workers(tmp_path, **how)
    assert found.valid is valid
    assert word in "; ".join(found.reasons)
    assert bool(found.reasons) == (valid is not True)


def test_losing_more_than_one_in_a_hundred_is_saturation_and_no_error(tmp_path):
    found = verdict(tmp_path, dropped=8)
    assert (found.valid, found.saturated) == (True, True)


def test_a_server_that_wrote_errors_makes_it_doubtful_and_its_log_is_named(tmp_path):
    record = synthetic.write_run(tmp_path, PlannedRun(7, 0, Cell("sse"), 1), LATENCIES)
    finish.merge(tmp_path)
    tables, _ = joins.read_tables(tmp_path)
    record = msgspec.structs.replace(record, server_errors=2)
    found = verdicts.of_run(joins.figures(record, tables))
    assert found == Verdict(None, ["the server wrote 2 lines of errors (logs/007-server.log)"])


def test_a_cell_is_as_good_as_its_worst_run():
    good, doubtful, bad = Verdict(True, []), Verdict(None, ["steal"]), Verdict(False, ["late"])
    assert verdicts.worst_of([(0, good), (1, good)]).valid is True
    assert verdicts.worst_of([(0, good), (1, doubtful)]).valid is None
    assert verdicts.worst_of([(0, bad), (1, doubtful)]) == Verdict(False, ["block 1: late", "block 2: steal"])
    assert verdicts.worst_of([]).valid is None and verdicts.of_cell([]).valid is None


@pytest.mark.parametrize(
    ("late", "sent", "sure"), [(3, 120, False), (4, 120, True), (17, 1_134, False), (18, 1_134, True)]
)
def test_a_few_that_were_late_may_be_chance(late, sent, sure):
    assert verdicts.surely_more(late, sent) is sure


def test_who_only_sent_late_has_its_waits_alone_in_doubt(tmp_path):
    late = {"send_lag_ms": 500}
    faults = [late, {}, late | {"generator_cpu": 0.9}]
    found = [verdict(tmp_path / str(n), **how) for n, how in enumerate(faults)]
    assert [one.waits_only for one in found] == [True, False, False]


def test_a_run_that_lost_much_does_not_excuse_a_late_generator(tmp_path):
    late = verdict(tmp_path, dropped=8, send_lag_ms=500)
    assert late.valid is False and late.saturated and "sent 500 ms late" in late.reasons[0]
