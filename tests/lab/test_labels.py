"""lab/labels.py: where the names of lines go."""

import pytest
from matplotlib.figure import Figure

from lab import manifest, summary
from lab.drawing import LINE
from lab.labels import BESIDE, DOT, covers, drawn, label_ends, stacked
from lab.plan import Cell


@pytest.mark.parametrize(
    ("heights", "placed"),
    [
        ([10.0, 100.0, 300.0], [10.0, 100.0, 300.0]),
        ([100.0, 101.0, 102.0], [101.0 - LINE, 101.0, 101.0 + LINE]),
        ([299.0, 300.0, 300.0], [300.0 - 2 * LINE, 300.0 - LINE, 300.0]),
        ([], []),
    ],
)
def test_names_stand_apart_and_below_the_top(heights, placed):
    assert stacked(heights, 300.0) == pytest.approx(placed)


def places(marks):
    """Where the names of two lines go, by whether each is right of its last point, and how far, in dots of an SVG."""
    axes = Figure(figsize=(8, 4)).add_axes((0.1, 0.1, 0.6, 0.8))
    axes.set(xlim=(0, 10), ylim=(0, 10))
    axes.plot(*zip(*marks, strict=True), linestyle="none", marker="o")
    rows = [summary.CellSummary(Cell(name, None, 1.0), 1, manifest.Verdict(True, []), {}, 0, {}, {}, {})
            for name in ("sse", "websocket")]  # fmt: skip
    label_ends(axes, [("SSE", rows[0], 4.0, 5.0), ("WebSocket", rows[1], 8.0, 2.0)])
    return {text.get_text(): (text.get_ha(), text.xyann[0]) for text in axes.texts}


def test_a_name_lies_upon_nothing_that_is_drawn():
    points = [(4.0, 5.0), (8.0, 2.0)]
    assert places(points) == {"SSE": ("left", BESIDE), "WebSocket": ("left", BESIDE)}
    assert places([*points, (4.7, 5.0)])["SSE"] == ("right", -BESIDE)
    side, far = places([*points, (4.7, 5.0), (3.3, 5.0)])["SSE"]
    assert side == "left" and far == pytest.approx((8.0 - 4.0) / 10 * 480 / DOT + BESIDE)


def test_what_is_drawn_is_known_between_its_points_too():
    axes = Figure(figsize=(8, 4)).add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 8), ylim=(0, 4))
    axes.plot([1, 7], [1, 1])
    axes.errorbar([4], [2], yerr=1, linestyle="none")
    there = drawn(axes)
    assert covers(there, 300.0, 100.0, (BESIDE, 0.0), 50.0) and covers(there, 360.0, 250.0, (BESIDE, 0.0), 50.0)
    assert not covers(there, 420.0, 250.0, (BESIDE, 0.0), 50.0)
