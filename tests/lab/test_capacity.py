"""lab/capacity.py: the search, and what is said of what it finds."""

import random

import msgspec
import pytest

from lab import capacity, experiments, folder, manifest, plan, sweep
from lab.capacity import CONFIRM, FINE, bracket, next_level, read_objective
from lab.compare import setup_of
from lab.errors import BadUse
from lab.plan import Cell
from tests.lab import synthetic


def searched(truth, seed=0, noise=0.0):
    """The search against a server that carries `truth` clients, more or less."""
    rng = random.Random(seed)
    tried = {}
    while (level := next_level(tried)) is not None:
        tried.setdefault(level, []).append(level <= truth * rng.uniform(1 - noise, 1 + noise))
        assert sum(map(len, tried.values())) < 60
    return tried


@pytest.mark.parametrize("truth", [1, 2, 7, 99, 100, 101, 640, 5_000, 19_999])
def test_the_search_ends_as_near_to_the_truth_as_it_promises(truth):
    tried = searched(truth)
    holds, fails = bracket(tried)
    assert holds <= truth < fails
    assert fails / holds <= FINE or fails - holds == 1
    assert len(tried[holds]) * 2 > CONFIRM  # it held more than once


@pytest.mark.parametrize("truth", [0, 1, 7, 100, 640, 19_999])
def test_how_many_runs_it_takes_is_known_beforehand(truth):
    assert capacity.runs_until(truth) == sum(map(len, searched(truth).values()))
    assert 5 <= capacity.usual_runs() <= 12


def test_the_list_of_experiments_reckons_with_the_search():
    wanted = sweep.load("capacity")
    once = experiments.takes(msgspec.structs.replace(wanted, objective="", repeats=1))
    assert experiments.takes(wanted) == pytest.approx(capacity.usual_runs() * once)


def test_a_server_without_end_and_one_that_carries_nobody():
    assert bracket(searched(10**9)) == (capacity.MOST, None)
    assert bracket(searched(0)) == (None, 1)


@pytest.mark.parametrize("seed", range(20))
def test_noise_does_not_keep_it_from_ending_near_the_truth(seed):
    holds, _ = bracket(searched(1_000, seed, noise=0.1))
    assert 1_000 / 1.35 <= holds <= 1_000 * 1.1


@pytest.mark.parametrize(("text", "share", "limit"), [("p99 < 250ms", 0.99, 250), ("p50<1.5 s", 0.5, 1_500)])
def test_objectives_are_read(text, share, limit):
    assert (read_objective(text).share, read_objective(text).limit_ms) == (share, limit)
    assert read_objective(str(read_objective(text))) == read_objective(text)


@pytest.mark.parametrize("text", ["", "p99", "p99 > 250ms", "99 < 250ms", "p0 < 1ms", "p99 < 0ms", "p100 < 1 ms"])
def test_what_is_no_objective_is_refused(text):
    with pytest.raises(BadUse, match="is not one such as"):
        read_objective(text)


def begun(where, cells, **run):
    """A search whose runs are already recorded."""
    records = []
    for number, cell in enumerate(cells):
        planned = plan.PlannedRun(number, 0, cell, 1)
        records.append(synthetic.write_run(where, planned, [cell.level] * 200, **run))
    record = synthetic.write_manifest(where, records, 1, state="interrupted")
    return capacity.Search(sweep.load("capacity"), where, record, setup_of("steady"), 1)


def test_it_goes_on_from_what_is_recorded(tmp_path):
    search = begun(tmp_path, [Cell("sse", None, 100.0), Cell("sse", None, 200.0), Cell("sse", None, 400.0)])
    assert search.tried(Cell("sse")) == {100: [True], 200: [True], 400: [False]}  # latency here is the level, in ms
    assert next_level(search.tried(Cell("sse"))) == 283
    assert search.next_step().level == capacity.START  # the other transports have had no run yet


def test_what_limited_it_is_named(tmp_path):
    busy = {"generator_cpu": 0.9}
    for name, more, limit in (("late", {}, "the wait itself (400 ms"), ("busy", busy, "the generator, not the server")):
        search = begun(tmp_path / name, [Cell("sse", None, 100.0), Cell("sse", None, 400.0)], **more)
        found = search.capacity(Cell("sse"))
        assert found.limit.startswith(limit)
        assert (found.clients, found.fails) == (100, 400)  # a late generator cannot make a wait shorter
    none = msgspec.structs.replace(found, clients=0, fails=1)
    assert "not even one client meets" in capacity.sentence(none)


def test_a_run_that_failed_is_an_answer_too(tmp_path):
    search = begun(tmp_path, [Cell("sse", None, 100.0), Cell("sse", None, 200.0)])
    failed = msgspec.structs.replace(search.record.runs[1], state="failed", note="nobody got in")
    search.record = msgspec.structs.replace(search.record, runs=[search.record.runs[0], failed])
    search.obstacles.clear()
    assert search.capacity(Cell("sse")).limit == "nobody got in"
    assert capacity.sentence(search.capacity(Cell("sse"))).endswith("with 200 the limit was nobody got in.")
    assert manifest.read(tmp_path).state == "interrupted" and folder.part(tmp_path, 0).exists()
