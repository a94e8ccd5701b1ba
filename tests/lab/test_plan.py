"""What is run, and in what order."""

import pytest

from lab.errors import BadUse
from lab.plan import Cell, PlannedRun, blocks, cells, floor, read_intervals, read_transports

ROWS = cells(["websocket", "short-polling", "sse"], [1.0, 3.0])


def test_short_polling_has_a_cell_for_each_interval_and_the_others_one():
    assert [Cell("short-polling", 1.0), Cell("short-polling", 3.0), Cell("sse"), Cell("websocket")] == ROWS
    assert [cell.title for cell in ROWS] == ["Short polling 1 s", "Short polling 3 s", "SSE", "WebSocket"]


def test_every_block_holds_every_cell_once_and_one_seed():
    runs = blocks(ROWS, 5, seed=7)
    assert [run.run for run in runs] == list(range(20))
    for block in range(5):
        own = [run for run in runs if run.block == block]
        assert sorted(run.cell.name for run in own) == sorted(cell.name for cell in ROWS)
        assert len({run.seed for run in own}) == 1
    assert len({run.seed for run in runs}) == 5


def test_the_order_is_the_seeds_and_differs_between_blocks():
    assert blocks(ROWS, 5, seed=7) == blocks(ROWS, 5, seed=7)
    assert blocks(ROWS, 5, seed=7) != blocks(ROWS, 5, seed=8)
    orders = {tuple(run.cell.name for run in blocks(ROWS, 5, seed=7) if run.block == block) for block in range(5)}
    assert len(orders) > 1


def test_the_floor_comes_last_once_for_each_transport_and_with_the_first_blocks_messages():
    runs = blocks(ROWS, 2, seed=7)
    below = floor(ROWS, runs)
    assert below[0] == PlannedRun(8, 0, Cell("short-polling", 1.0, target="null"), runs[0].seed)
    assert [planned.cell.name for planned in below] == ["null short-polling 1s", "null sse", "null websocket"]
    assert not {planned.cell for planned in below} & set(ROWS)


@pytest.mark.parametrize("text", ["sse,wesocket", "", ","])
def test_a_transport_that_does_not_exist_is_named(text):
    with pytest.raises(BadUse, match="short-polling, long-polling, sse, websocket"):
        read_transports(text)


@pytest.mark.parametrize("text", ["", "one", "0", "1,-3", "nan", "601"])
def test_intervals_that_are_none_are_refused(text):
    with pytest.raises(BadUse, match="such as 1,3"):
        read_intervals(text)
    assert read_intervals("1,3,1") == [1.0, 3.0]
