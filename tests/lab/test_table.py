"""The table on a terminal."""

import io

import pytest
from rich.console import Console

from lab import joins, manifest, summary, table


@pytest.fixture(scope="module")
def found(made_once):
    tables, _ = joins.read_tables(made_once)
    return summary.summarise(manifest.read(made_once), tables)


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_it_fits_and_nothing_is_cut_off(found, width):
    console = Console(file=io.StringIO(), width=width)
    table.show(console, found)
    text = console.file.getvalue()
    assert max(len(line) for line in text.splitlines()) <= width
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    for column in [*table.TIMES, *table.COSTS, *table.CHECKS]:
        for row in found.cells:
            assert column.of(row)[0] in text
    for title in ("Short polling 1 s", "Long polling", "SSE", "WebSocket"):
        assert title in text


def test_it_says_what_the_intervals_are_and_that_three_runs_make_them_wide(found):
    assert any("3 runs by a t interval" in line and "wide" in line for line in table.meaning(found))
