"""lessons/scripts/model.js against lab/model: the same answers, from constants that a build exports anew."""

import json
from itertools import product

import pytest

from lab.model import export
from lab.model.arrivals import Poisson
from lab.model.conditions import Conditions
from lab.model.million import Crowd, need
from lab.model.predictions import predict
from lab.model.traffic import REQUESTS, traffic
from lab.plan import Cell
from lab.widgets import REFERENCE, WIDGETS
from loadtests.records import TRANSPORTS

pytestmark = pytest.mark.browser
CROWD = Crowd()
LENGTHS = 0.015  # of the bytes, by which names and cursors of other lengths than the typical one may make them differ
GRID = [
    {"transport": transport, "rate": rate, "interval": interval, "roundTrip": round_trip, "clients": clients}
    for transport, rate, interval, round_trip, clients in product(
        TRANSPORTS, (0.01, 0.2, 1, 7, 50), (0.1, 1, 7, 60), (0, 0.05, 0.45), (100, 10_000, 1_000_000)
    )
    if transport == "short-polling" or interval == 1
]
ALL = """(grid) => {
  const { crowd, within } = pollsApart.model;
  const [wire, machine] = ["wire", "machine"].map(pollsApart.drawing.data);
  return grid.map((given) => ({ ...crowd(given.transport, wire, machine, given),
    within: [0.5, 0.95].map((share) => within(given.transport, wire, given, share)) }));
}"""


def conditions(given: dict) -> Conditions:
    participants = CROWD.participants
    return Conditions(
        given["transport"], (Poisson(given["rate"]),), given["clients"] // participants, participants, participants,
        CROWD.text_bytes, given["interval"], given["roundTrip"],
    )  # fmt: skip


def off(found: float, right: float) -> float:
    """How far from the right number, as a share of it."""
    return abs(found - right) / right if right else abs(found)


def test_over_a_grid_of_conditions_it_says_what_the_model_says(scripts, machine):
    errors = {"bytes": 0.0, "requests": 0.0, "cpu": 0.0, "within": 0.0}
    for given, found in zip(GRID, scripts.evaluate(ALL, GRID), strict=True):
        right = conditions(given)
        happening = traffic(right, machine.round_s(right))
        busy = machine.load(happening, right.clients) - machine.idle_s
        heard = {
            "bytes": right.clients * (happening.bytes_per_s("ip_up") + happening.bytes_per_s("ip_down")),
            "requests": right.clients * happening.per_s(*REQUESTS),
            "cpu": busy + found["processes"] * machine.idle_s,
        }
        said = predict(right)
        for key, value in heard.items():
            errors[key] = max(errors[key], off(found[key], value))
        for key, seconds in zip(("latency_p50", "latency_p95"), found["within"], strict=True):
            assert (seconds is None) == (key not in said), given
            if seconds is not None:
                errors["within"] = max(errors["within"], off(1_000 * seconds, said[key]))
    assert errors["bytes"] < LENGTHS
    assert max(errors["requests"], errors["cpu"], errors["within"]) < 1e-6


def test_a_crowd_on_one_host_needs_what_the_million_needs_on_paper(scripts, machine):
    given = [
        {"transport": transport, "rate": CROWD.rate_per_s, "interval": 10, "roundTrip": 0, "clients": CROWD.clients}
        for transport in TRANSPORTS
    ]
    for cell, found in zip(given, scripts.evaluate(ALL, given), strict=True):
        interval = 10.0 if cell["transport"] == "short-polling" else None
        right = need(Cell(cell["transport"], interval), CROWD, machine, None)
        assert found["processes"] == right.processes
        assert found["requests"] == pytest.approx(right.requests_per_s)
        assert found["cpu"] == pytest.approx(right.cpus)
        assert 8 * found["bytes"] == pytest.approx(right.bits_per_s, rel=LENGTHS)


@pytest.mark.parametrize("what", ["bytes", "requests", "cpu"])
def test_at_the_break_even_polling_costs_what_the_other_costs(scripts, machine, what):
    rates = [0.05, 1, 20, 60]
    found = scripts.evaluate(
        """([rates, what]) => {
          const [wire, machine] = ["wire", "machine"].map(pollsApart.drawing.data);
          const given = (rate) => ({ rate, roundTrip: 0.05 });
          return rates.flatMap((rate) => ["long-polling", "sse", "websocket"].map((other) =>
            [rate, other, pollsApart.model.breakEven(other, what, wire, machine, given(rate), 0.1, 60)]));
        }""",
        [rates, what],
    )

    def cost(transport: str, rate: float, interval: float) -> float:
        given = {"transport": transport, "rate": rate, "interval": interval, "roundTrip": 0.05, "clients": 10_000}
        happening = traffic(conditions(given), machine.round_s(conditions(given)))
        if what == "requests":
            return happening.per_s(*REQUESTS)
        if what == "bytes":
            return happening.bytes_per_s("ip_up") + happening.bytes_per_s("ip_down")
        return machine.load(happening, 1) - machine.idle_s

    between = 0
    for rate, other, interval in found:
        if interval is None or interval == float("inf"):
            assert cost("short-polling", rate, 60) > cost(other, rate, 60) * (1 - LENGTHS)
        elif interval <= 0.1:
            assert cost("short-polling", rate, 0.1) < cost(other, rate, 0.1) * (1 + LENGTHS)
        else:
            between += 1
            assert cost("short-polling", rate, interval) == pytest.approx(cost(other, rate, interval), rel=LENGTHS)
    assert between


@pytest.mark.parametrize("limit", [0.2, 2, 30])
def test_the_longest_interval_that_is_in_time_is_just_in_time(scripts, limit):
    given = {"transport": "short-polling", "rate": 1, "roundTrip": 0.05, "clients": 100}
    interval = scripts.evaluate(
        "([given, limit]) => pollsApart.model.longest(pollsApart.drawing.data('wire'), given, 0.95, limit, 0.1, 60)",
        [given, limit],
    )
    assert predict(conditions(given | {"interval": interval}))["latency_p95"] == pytest.approx(1_000 * limit, rel=1e-6)


def test_what_the_page_brings_is_what_the_lab_exports(scripts):
    shown = scripts.evaluate("""() => Object.fromEntries([...document.querySelectorAll("script[data-widgets]")]
        .map((script) => [script.dataset.widgets, JSON.parse(script.textContent)]))""")
    assert set(shown) == {name for names in WIDGETS.values() for name in names}
    assert shown["wire"] == json.loads(json.dumps(export.wire()))
    assert shown["machine"] == json.loads(json.dumps(export.machine(REFERENCE)))


def test_how_far_the_recorded_runs_are_from_the_model_is_said(scripts):
    told = scripts.locator("cost-crossover .told").inner_text()
    for error in export.machine(REFERENCE)["errors"]:
        assert error["what"] in told and error["cells"] > 50
        assert abs(error["median"] - 1) < 0.1


def test_a_page_without_a_widget_brings_no_data(visit):
    page = visit("index.html")
    assert page.locator("script[data-widgets]").count() == 0
    assert page.locator("figure.widget").count() == 0
