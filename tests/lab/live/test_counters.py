"""Counters of a server that is killed and comes back, and figures against an oracle."""

import pytest

from lab.live.counters import Totals, read
from lab.live.frames import TRANSPORTS
from lab.live.lesson.cost import everyone
from lab.live.lesson.echoes import at
from lab.live.news import Count

TEXT = """
# HELP polls_apart_requests_total Requests answered.
polls_apart_worker_info{{pid="{pid}"}} 1.0
polls_apart_requests_total{{status="200",transport="sse"}} {ok}
polls_apart_requests_total{{status="503",transport="sse"}} 2.0
polls_apart_requests_total{{status="200",transport="page"}} 99.0
polls_apart_tcp_connections{{transport="sse"}} {open}
polls_apart_socket_bytes_total{{direction="down",transport="sse"}} 1e+06
polls_apart_fanout_seconds_bucket{{le="0.001"}} 7.0
"""


def said(pid: int, ok: float, open: float = 3.0) -> str:
    return TEXT.format(pid=pid, ok=ok, open=open)


def test_totals_add_up_over_the_lives_of_a_server_and_what_is_open_does_not() -> None:
    totals = Totals()
    for pid, ok in ((1, 5.0), (1, 8.0), (2, 1.0), (2, 4.0), (3, 0.0)):
        totals.add(read(said(pid, ok)))
    found = totals.of("sse", up=True)
    assert found.requests == (8 + 2) + (4 + 2) + (0 + 2)
    assert found.socket_down == 3_000_000 and found.connections == 3
    assert totals.of("sse", up=False).connections == 0
    assert totals.of("websocket", up=True) == Count(socket_up=0, socket_down=0)


def test_a_layer_that_the_server_does_not_know_is_not_measured() -> None:
    totals = Totals()
    totals.add(read(said(1, 1.0)))
    assert totals.measured == {"ip": False, "socket": True}
    assert totals.of("sse", up=True).ip_up is None


def test_there_is_no_percentile_of_nothing() -> None:
    assert at([], 0.5) is None and at([3.0, 1.0], 0.5) == 1.0


def test_if_everyone_went_one_way_polls_would_ask_most_and_a_socket_never() -> None:
    found = everyone(members=30, per_s=0.5, size=20, poll_s=5, rtt_ms=0)
    assert set(found) == set(TRANSPORTS)
    asks = {transport: cost.requests_per_s for transport, cost in found.items()}
    assert asks["long-polling"] > asks["short-polling"] > asks["sse"] > asks["websocket"] == 0
    assert asks["short-polling"] == pytest.approx(30 / 5 + 0.5, rel=0.05)
    assert asks["sse"] == pytest.approx(0.5, rel=0.01)
    assert min(found.values(), key=lambda cost: cost.ip_per_s) == found["websocket"]
    assert everyone(0, 1, 1, 5, 0)["sse"].ip_per_s == 0
