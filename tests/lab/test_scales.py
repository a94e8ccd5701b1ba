"""lab/scales.py and lab/drawing.py: ticks and names that can be read."""

import pytest
from matplotlib.figure import Figure

from lab.drawing import plain
from lab.scales import staggered


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (0.05, "0.05"), (1, "1"), (1.2, "1.2"), (20_000, "20,000"), (1e6, "1,000,000")]
)
def test_a_tick_is_the_number_that_it_stands_at(value, shown):
    assert plain()(value) == shown


def test_a_levels_name_that_would_touch_the_one_before_goes_a_line_lower():
    axes = Figure(figsize=(8, 4)).add_axes((0.1, 0.1, 0.7, 0.8))
    axes.set_xlim(0, 600)
    levels = [0, 100, 200, 240, 260, 600]
    names = [str(level) for level in levels]
    assert staggered(axes, levels, names) == ["0", "100", "200", "240", "\n260", "600"]
    assert staggered(axes, [0, 300, 600], ["a", "b", "c"]) == ["a", "b", "c"]
