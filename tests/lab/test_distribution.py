"""lab/distribution.py: the lines of a distribution, one for each run."""

import pytest

from lab import distribution, manifest, samples
from lab.plan import Cell


@pytest.fixture
def lines(run_folder):
    of = {run.run: run.cell for run in manifest.read(run_folder).runs}
    return distribution.lines(samples.of(run_folder), of, [Cell("websocket"), Cell("sse")])


def test_each_run_of_the_cells_is_a_line_in_their_order(lines):
    assert [line.cell.transport for line in lines] == ["websocket"] * 3 + ["sse"] * 3


def test_a_line_climbs_to_all_that_were_expected(lines):
    for line in lines:
        assert list(line.shares) == sorted(line.shares) and line.shares[-1] == 1
        assert list(line.latencies) == sorted(line.latencies)


def test_half_have_arrived_at_the_median(lines):
    for line in lines:
        middle = next(delay for delay, share in zip(line.latencies, line.shares, strict=True) if share >= 0.5)
        assert middle == pytest.approx({"websocket": 2, "sse": 3}[line.cell.transport], rel=0.06)


def test_each_cell_is_named_once(lines):
    names = [text.get_text() for text in distribution.figure(lines).axes[0].texts]
    assert sorted(names) == ["SSE", "WebSocket"]
