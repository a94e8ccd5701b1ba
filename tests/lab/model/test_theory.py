"""lab/model/theory.py: the model beside an experiment, and what its reader is told of how far they are apart."""

import msgspec
import pytest

from lab import curves, summary, sweep
from lab.drawing import JOINED, THIN
from lab.joins import read_tables
from lab.link import Link
from lab.model.theory import Theory, spread
from lab.plan import Cell
from tests.lab import synthetic

SWEEP = msgspec.structs.replace(
    sweep.load("rtt"), levels=(0.0, 100.0, 400.0), transports=("long-polling", "websocket"), charts=(
        sweep.Chart("latency", "The wait", "latency_p50", x_scale="linear"),
        sweep.Chart("bytes", "Bytes", "ip_bytes", x_scale="linear"),
        sweep.Chart("memory", "Memory", "server_rss", x_scale="linear"),
    ),
)  # fmt: skip
PUSH = {Cell("websocket", None, level): max(level, 1.0) for level in SWEEP.levels}
TWICE = {Cell("long-polling", None, level): 2 * max(level, 1.0) for level in SWEEP.levels}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    where = tmp_path_factory.mktemp("theory")
    record = synthetic.comparison(where, PUSH | TWICE)
    return summary.summarise(record, read_tables(where)[0])


def test_it_says_what_distance_costs_and_how_far_the_points_are_from_it(found):
    theory = Theory(SWEEP, found)
    assert theory.at(Cell("websocket", None, 100.0))["latency_p50"] == pytest.approx(100, abs=3)
    error = theory.error("latency_p50")
    assert error.cells == 6
    told = curves.caption(SWEEP.charts[0], theory)
    assert "Measured / model, over 6 valid cells: delivery latency p50" in told
    assert f"{error.median:.3g}" in told or "median" in told


def test_a_line_has_points_between_the_levels_where_there_can_be_some(found):
    theory = Theory(SWEEP, found)
    line = theory.line(list(PUSH), "level", "latency_p50")
    levels = [cell.level for cell, _, _ in line]
    assert levels == sorted(levels) and len(levels) > 100 and {0.0, 100.0, 400.0} <= set(levels)
    words = msgspec.structs.replace(SWEEP, varies="keep_alive", levels=("on", "off"))
    cells = [Cell("websocket", None, level) for level in ("on", "off")]
    assert [cell for cell, _, _ in Theory(words, found).line(cells, "level", "socket_bytes")] == cells


def test_through_a_proxy_it_is_silent_on_packets_and_anywhere_on_memory(found):
    theory = Theory(SWEEP, found)
    assert theory.line(list(PUSH), "level", "ip_bytes") == [] != theory.line(list(PUSH), "level", "socket_bytes")
    assert theory.error("server_rss") is None
    assert curves.caption(SWEEP.charts[2], theory) == "A line for each transport."
    cable = Theory(SWEEP, found, Link("netem"))
    assert cable.line(list(PUSH), "level", "ip_bytes")


@pytest.mark.parametrize(
    "changed",
    [{"factors": {"stall_s": 2.0}}, {"factors": {"compression": "on"}}, {"factors": {"engine": "threads"}},
     {"changes": {"arrive_within_s": 2.0}}, {"scenario": "of/somebody/else.toml"}],
)  # fmt: skip
def test_of_what_it_leaves_out_it_says_nothing(found, changed):
    theory = Theory(msgspec.structs.replace(SWEEP, **changed), found)
    assert theory.given(Cell("websocket", None, 100.0)) is None
    assert theory.line(list(PUSH), "level", "latency_p50") == []
    assert theory.sentence(["latency_p50"], {}) == ""


@pytest.mark.parametrize("name", sweep.known())
def test_it_can_be_asked_of_every_experiment(name):
    wanted = sweep.load(name)
    empty = summary.Summary("", "", 0, 0, 0, 0, [], [])
    for cell in wanted.cells():
        if cell.level is not None or not wanted.objective:
            assert isinstance(Theory(wanted, empty).at(cell), dict)


def test_the_figure_has_thin_lines_for_the_model_and_none_that_joins_points(found):
    drawn = curves.draw(SWEEP, found)
    assert drawn == curves.draw(SWEEP, found)
    joined = f"stroke-width: {JOINED}"
    assert drawn["latency"].count(joined) == 0 < drawn["memory"].count(joined)
    assert f"stroke-width: {THIN}" in drawn["latency"]


def test_levels_between_are_within_and_dense_on_both_scales():
    values = spread([0.05, 1.0, 16.0])
    assert values[0] == 0.05 and values[-1] == 16.0 and 1.0 in values
    assert sum(value < 0.5 for value in values) > 50 and sum(value > 8 for value in values) > 50
