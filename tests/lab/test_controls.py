"""The negative controls: each judge on folders whose truth is known, and, in `make prove`, all of them for real."""

import io
import json

import msgspec
import pytest
from rich.console import Console

from lab import answers, controls, judges, manifest, report, summary
from lab.controls import CLOSED, FAR, NEAR, NULLS, OPEN, A, B
from lab.manifest import Verdict
from lab.progress import Progress
from lab.stats import Estimate
from tests.lab import synthetic


def made(where, medians, cells, **run):
    """The summary of a synthetic folder with these cells, in this order."""
    record = synthetic.comparison(where, medians, **run)
    manifest.write(where, msgspec.structs.replace(record, cells=cells))
    return report.build(where)


def with_row(found, number, figures=None, valid=True, **counts):
    row = found.cells[number]
    changed = msgspec.structs.replace(
        row, figures=row.figures | (figures or {}), counts=row.counts | counts,
        verdict=Verdict(valid, [] if valid else ["it was late"]),
    )  # fmt: skip
    cells = [changed if n == number else other for n, other in enumerate(found.cells)]
    return msgspec.structs.replace(found, cells=cells)


def with_ratio(found, **ratios):
    row = msgspec.structs.replace(found.cells[1], growth=found.cells[1].growth | ratios)
    return msgspec.structs.replace(found, cells=[found.cells[0], row])


@pytest.fixture(scope="module")
def same(tmp_path_factory):
    return made(tmp_path_factory.mktemp("controls") / "a-a", {A: 3.0, B: 3.0}, [A, B], blocks=6, publishes=50)


MISS = {"latency_p50": Estimate(1.2, 1.1, 1.3)}


def test_a_cell_is_no_different_from_itself(same):
    passed, why, seen = judges.no_difference([same])
    assert passed is True and "hold 1" in why
    assert {figure.what for figure in seen} >= {"B to A: delivery latency p50", "B to A: server CPU"}


def test_a_difference_that_is_none_fails_unless_it_is_gone_when_repeated(same):
    missed = with_ratio(same, **MISS)
    assert judges.no_difference([missed])[0] is False
    passed, why, _ = judges.no_difference([missed, same])
    assert passed is True and "missed 1, as one in twenty does" in why
    passed, why, _ = judges.no_difference([missed, missed])
    assert passed is False and "delivery latency p50" in why
    assert judges.no_difference([missed, with_ratio(same, server_cpu=Estimate(1.2, 1.1, 1.3))])[0] is True


def test_of_rows_that_are_not_valid_nothing_is_said(same):
    passed, why, _ = judges.no_difference([with_row(same, 1, valid=False)])
    assert passed is None and why == "WebSocket at B is not valid: it was late"


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    medians = {cell: 500.0 if cell.poll_interval_s else 0.5 for cell in NULLS}
    return made(tmp_path_factory.mktemp("controls") / "null", medians, NULLS, blocks=2, publishes=50)


def test_the_floor_is_where_it_must_be(floor):
    passed, why, seen = judges.is_floor([floor])
    assert passed is True and "nothing was lost" in why
    assert len(seen) == 3 * 4


@pytest.mark.parametrize(
    ("row", "change", "word"),
    [
        (0, {"figures": {"latency_p50": Estimate(440.0)}}, "Short polling 1 s is 440 ms, not 450 to 560 ms"),
        (3, {"figures": {"latency_p50": Estimate(30.0)}}, "WebSocket is 30.0 ms, not 0 to 10.0 ms"),
        (2, {"lost": 1}, "SSE lost"),
        (2, {"duplicates": 1}, "SSE lost, repeated"),
    ],
)
def test_a_floor_that_is_not_where_it_must_be_fails(floor, row, change, word):
    passed, why, _ = judges.is_floor([with_row(floor, row, **change)])
    assert passed is False and word in why


@pytest.mark.parametrize(
    ("through_ms", "valid", "passed"), [(53.4, True, True), (54.5, True, False), (53.4, False, None)]
)
def test_a_known_delay_must_be_found_to_a_millisecond(tmp_path, through_ms, valid, passed):
    found = made(tmp_path / "link", {NEAR: 3.0, FAR: 53.0}, [NEAR, FAR], blocks=1, publishes=50)
    found = with_row(found, 0, {"latency_p50": Estimate(3.0)})
    found = with_row(found, 1, {"latency_p50": Estimate(through_ms)}, valid=valid)
    assert judges.is_known_delay([found])[0] is passed


@pytest.mark.parametrize(
    ("open_ms", "closed_ms", "passed"),
    [(1_900.0, 9.0, True), (9.0, 9.0, False), (1_900.0, 1_900.0, None), (None, 9.0, None)],
)
def test_a_stall_must_be_in_the_open_loop_alone(tmp_path, open_ms, closed_ms, passed):
    found = made(tmp_path / "stall", {OPEN: 3.0, CLOSED: 3.0}, [OPEN, CLOSED], blocks=1, publishes=50)
    found = with_row(found, 0, {"latency_p99": Estimate(open_ms)})
    found = with_row(found, 1, {"latency_p99": Estimate(closed_ms)}, valid=False)
    assert judges.only_open_shows([found])[0] is passed


def test_the_page_and_the_data_are_rebuilt_from_the_recorded_files_alone(tmp_path, capsys):
    where = tmp_path / "run"
    made(where / "a-a", {A: 3.0, B: 3.0}, [A, B], blocks=6, publishes=50)
    (where / "stall").mkdir()  # interrupted before it had a run
    written = controls.write(where)
    assert [control.passed for control in written] == [True, None]
    first = {path.name: path.read_bytes() for path in where.iterdir() if path.is_file()}
    for name in first:
        if name != controls.NAME:
            (where / name).unlink()
    assert answers.tell_controls(where, json=False) == answers.BAD_USE
    assert "a difference where there is none? As it should be" in capsys.readouterr().out
    assert {path.name: path.read_bytes() for path in where.iterdir() if path.is_file()} == first
    page = (where / "report.html").read_text()
    assert "Would it notice?" in page and "B to A: delivery latency p50" in page
    assert "://" not in page


@pytest.mark.prove
@pytest.mark.timeout(1_200)
def test_the_instrument_passes_all_of_them(tmp_path):
    outcome = controls.run(tmp_path, Progress(Console(file=io.StringIO())))
    assert outcome.cut_short == ""
    found = json.loads((outcome.folder / controls.NAME).read_text())["controls"]
    print(*(f"\n{control['name']}: {control['reason']}" for control in found))
    assert {control["name"]: control["passed"] for control in found} == dict.fromkeys(controls.RECIPES, True)
    for name in controls.RECIPES:
        assert summary.read(outcome.folder / name).runs == controls.RECIPES[name].repeats * len(
            controls.RECIPES[name].cells
        )
