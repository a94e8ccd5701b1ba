"""lab/decisions.py: an objective is met, missed or left open by the interval; the cheapest are not surely beaten."""

import pytest
from msgspec import structs

from lab.decisions import Decision, cheapest, decide, judged
from lab.manifest import Verdict
from lab.objective import read_objective
from lab.plan import Cell
from lab.stats import Estimate
from lab.summary import CellSummary

LIMIT = read_objective("p95 < 100ms")
COUNTS = {"offered": 1_000, "sent": 1_000, "expected": 2_000, "delivered": 2_000}
WAIT, SSE = Estimate(50.0, 40.0, 60.0), Cell("sse", None, "game")
GAME = {"game": {"objective": "p95 < 100ms"}}


def row(wait=WAIT, *, cell=SSE, valid=True, runs=3, **more):
    found = CellSummary(cell, runs, Verdict(valid, []), COUNTS, 0, {}, {"latency_p95": wait}, {})
    return structs.replace(found, **more)


SHORT_OF_SENDS = COUNTS | {"sent": 900}
SATURATED = Verdict(True, [], saturated=True)
NEVER = Estimate(None, note="never: too many were not delivered")


@pytest.mark.parametrize(
    ("found", "met", "why"),
    [
        (row(), True, ""),
        (row(Estimate(99.0, 98.0, 99.9)), True, ""),
        (row(Estimate(99.0, 98.0, 100.0)), None, "holds the limit"),
        (row(Estimate(110.0, 99.0, 120.0)), None, "holds the limit"),
        (row(Estimate(110.0, 100.0, 120.0)), False, ""),
        (row(Estimate(50.0, note="one run: no interval")), None, "one run"),
        (row(Estimate(None, note="12 publishes; it needs 1,000")), None, "12 publishes"),
        (row(NEVER), False, "never"),
        (row(verdict=SATURATED), False, "more than 1 % of the deliveries never came"),
        (row(valid=None), True, ""),
        (row(Estimate(110.0, 105.0, 120.0), valid=None), False, ""),
        (row(valid=False), True, ""),
        (row(Estimate(110.0, 105.0, 120.0), valid=False), None, "the row is not valid"),
        (row(counts=SHORT_OF_SENDS), None, "only 900 of 1,000 publishes were sent"),
        (row(runs=0), None, "not measured"),
    ],
)
def test_it_is_met_missed_or_open(found, met, why):
    said = judged(found, LIMIT)
    assert said[0] is met and why in said[1]


def test_a_row_whose_level_is_no_scenario_with_an_objective_is_not_judged():
    rows = [row(), row(cell=Cell("sse", None, "steady")), row(cell=Cell("sse", None, 5.0)), row(cell=Cell("sse"))]
    assert decide(rows, GAME) == [Decision(rows[0].cell, "p95 < 100 ms", "latency_p95", True)]


def test_turning_the_data_turns_the_decision():
    slow = Estimate(500.0, 400.0, 600.0)
    assert [decide([row(wait)], GAME)[0].met for wait in (WAIT, slow)] == [True, False]


def priced(transport, value, low, high, *, valid=True, ratio=None):
    """A row with a price, and with its ratio to WebSocket where it is not WebSocket itself."""
    versus = {} if transport == "websocket" else {"ip_bytes_hour": ratio or Estimate(None)}
    price = {"ip_bytes_hour": Estimate(value, low, high)}
    return row(cell=Cell(transport, None, "game"), valid=valid, figures=price, versus=versus)


WEBSOCKET = priced("websocket", 10.0, 9.0, 11.0)


@pytest.mark.parametrize(
    ("rows", "best"),
    [
        ([], []),
        ([priced("sse", None, None, None)], []),
        ([priced("sse", 12.0, 11.5, 12.5), WEBSOCKET], ["websocket"]),
        ([priced("sse", 12.0, 10.5, 14.0), WEBSOCKET], ["websocket", "sse"]),
        ([priced("sse", 12.0, 10.5, 14.0, ratio=Estimate(1.2, 1.1, 1.3)), WEBSOCKET], ["websocket"]),  # paired by block
        ([priced("sse", 8.0, 7.5, 9.5, ratio=Estimate(0.8, 0.7, 1.1)), WEBSOCKET], ["sse", "websocket"]),
        ([priced("sse", 8.0, 7.5, 8.5), priced("long-polling", 7.0, 6.0, 9.0), WEBSOCKET],
         ["long-polling", "sse", "websocket"]),
        ([priced("sse", 5.0, 4.0, 6.0, valid=False), WEBSOCKET], ["websocket"]),
        ([priced("sse", 5.0, None, None), priced("long-polling", 50.0, None, None)], ["sse", "long-polling"]),
    ],
)  # fmt: skip
def test_the_cheapest_are_the_one_with_the_least_and_who_cannot_be_told_from_it(rows, best):
    assert [found.cell.transport for found in cheapest(rows, "ip_bytes_hour")] == best


def test_a_row_of_which_the_waits_alone_are_in_doubt_has_its_price():
    late = structs.replace(priced("sse", 5.0, 4.0, 6.0), verdict=Verdict(False, ["late"], waits_only=True))
    assert cheapest([late, WEBSOCKET], "ip_bytes_hour") == [late]


def test_a_held_poll_that_outlasts_the_window_has_no_price_by_the_hour():
    held = structs.replace(priced("long-polling", 5.0, 4.0, 6.0), verdict=Verdict(True, [], holds_unseen=True))
    assert cheapest([held, WEBSOCKET], "ip_bytes_hour") == [WEBSOCKET]
    assert held.verdict.trusts("ip_bytes") and held.verdict.trusts("latency_p50")


def test_an_objective_is_said_as_people_write_it():
    assert [str(read_objective(text)) for text in ("p95<100ms", "p99 < 1000ms", "p50 <= 2.5s")] == [
        "p95 < 100 ms", "p99 < 1 s", "p50 < 2.5 s",
    ]  # fmt: skip
    assert read_objective("p99.9 < 1s").key == "latency_p99.9"
