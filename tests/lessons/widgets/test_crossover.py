"""<cost-crossover>, driven: its numbers are the model's for what the sliders say."""

import re

import pytest
from playwright.sync_api import Page, expect

from lab.model.arrivals import Poisson
from lab.model.conditions import Conditions
from lab.model.million import Crowd
from lab.model.predictions import predict
from lab.model.traffic import REQUESTS, traffic
from lab.plan import TITLES
from loadtests.records import TRANSPORTS
from tests.lessons.widgets.driving import behind, measure, plain, rows, set_to

pytestmark = pytest.mark.browser
THREE = 0.006  # of a number with three digits, by which it is rounded
LENGTHS = 0.015 + THREE
CROWD = Crowd()


@pytest.fixture
def widget(scripts: Page):
    """With its sliders where they begin."""
    widget = scripts.locator("cost-crossover")
    widget.get_by_role("radio", name="bytes", exact=True).check()
    put(widget)
    return widget


def put(widget, clients="10,000", rate="1", interval="2", round_trip="50", within="5"):
    for label, words in {
        "Clients": clients, "Messages": f"{rate} per s", "Poll interval": f"{interval} s",
        "Round trip": f"{round_trip} ms", "95 in 100 within": f"{within} s",
    }.items():  # fmt: skip
        set_to(widget.get_by_label(label, exact=True), words)


def given(transport, clients, rate, interval, round_trip):
    rooms = clients // CROWD.participants
    return Conditions(
        transport,
        (Poisson(rate),),
        rooms,
        CROWD.participants,
        CROWD.participants,
        CROWD.text_bytes,
        interval,
        round_trip,
    )


@pytest.mark.parametrize(
    ("clients", "rate", "interval", "round_trip"),
    [(10_000, 1.0, 2.0, 0.05), (1_000_000, 0.1, 10.0, 0.1), (100, 20.0, 0.5, 0.0), (1_000, 50.0, 30.0, 0.3)],
)
def test_the_table_is_the_models(widget, machine, clients, rate, interval, round_trip):
    put(widget, f"{clients:,}", f"{rate:g}", f"{interval:g}", f"{1_000 * round_trip:g}")
    shown = rows(widget.locator("table.costs"))
    for transport in TRANSPORTS:
        conditions = given(transport, clients, rate, interval, round_trip)
        happening = traffic(conditions, machine.round_s(conditions))
        time, size, requests, cpus = shown[TITLES[transport]]
        weight = clients * (happening.bytes_per_s("ip_up") + happening.bytes_per_s("ip_down"))
        assert measure(size) == pytest.approx(weight, rel=LENGTHS)
        assert measure(requests) == pytest.approx(clients * happening.per_s(*REQUESTS), rel=THREE)
        busy = machine.load(happening, clients) - machine.idle_s
        assert (
            busy * (1 - THREE) <= measure(cpus) <= (1.1 * busy + 0.1)
        )  # and what its processes take with nobody there
        said = predict(conditions).get("latency_p95")
        if said is None:
            assert time.startswith("never")
        else:
            seconds, verdict = re.fullmatch(r"(.*?s) (in time|too late)", time).groups()
            assert measure(seconds) == pytest.approx(said / 1_000, rel=THREE)
            assert verdict == ("in time" if said <= 5_000 else "too late")


def test_an_objective_decides_who_is_in_time(widget):
    put(widget, interval="2", within="5")
    expect(widget.locator(".said").first).to_contain_text("All four are in time.")
    set_to(widget.get_by_label("95 in 100 within"), "1 s")
    expect(widget.locator(".said").first).to_contain_text("In time: Long polling, SSE, WebSocket.")
    assert plain(widget.locator("[data-transport=short-polling] [data-figure=time]").inner_text()).endswith("too late")
    assert widget.get_by_role("status").inner_text() == widget.locator(".said").first.inner_text()
    put(widget, round_trip="200", within="0.1")
    expect(widget.locator(".said").first).to_have_text("None of the four is in time: the network alone takes longer.")


def test_polling_wins_where_there_is_much_to_say_and_time(widget):
    area = widget.locator("svg.map:not(.key)")
    put(widget, rate="0.1", interval="1")
    expect(area).to_have_attribute("aria-label", re.compile("short polling does not take the fewest bytes"))
    put(widget, rate="50", interval="30", within="60")
    expect(area).to_have_attribute("aria-label", re.compile("short polling takes the fewest bytes"))
    assert (
        widget.locator(".said")
        .first.inner_text()
        .startswith("All four are in time. Of them Short polling takes the fewest")
    )
    assert area.locator(".wins").get_attribute("d").startswith("M")
    set_to(widget.get_by_label("95 in 100 within"), "0.1 s")
    expect(area.locator(".wins")).to_have_attribute("d", "")
    assert area.locator(".late").get_attribute("d").startswith("M")


def test_it_never_asks_less_often_than_those_who_do_not_ask(widget):
    widget.get_by_role("radio", name="requests", exact=True).check()
    for cells in rows(behind(widget).locator("table")).values():
        assert cells[1:3] == ["never", "never"]
    expect(widget.locator("svg.map:not(.key)")).to_have_attribute("aria-label", re.compile("at no rate on this map"))


@pytest.mark.parametrize(("measure_by", "column", "other"), [("server CPU", 1, "sse"), ("bytes", 2, "websocket")])
def test_the_numbers_of_the_map_stand_in_a_table(widget, machine, measure_by, column, other):
    widget.get_by_role("radio", name=measure_by, exact=True).check()
    shown = rows(behind(widget).locator("table"))
    rates = [measure(rate) for rate in shown]
    assert rates == sorted(rates) and rates[0] == 0.01 and rates[-1] == 100

    def cost(transport, rate, interval):
        conditions = given(transport, 10_000, rate, interval, 0.05)
        happening = traffic(conditions, machine.round_s(conditions))
        if measure_by == "bytes":
            return happening.bytes_per_s("ip_up") + happening.bytes_per_s("ip_down")
        return machine.load(happening, 1) - machine.idle_s

    even = {
        measure(rate): measure(cells[column][5:]) for rate, cells in shown.items() if cells[column].startswith("from")
    }
    assert len(even) >= 2
    for rate, interval in even.items():
        assert cost("short-polling", rate, interval) == pytest.approx(cost(other, rate, interval), rel=LENGTHS)


def test_the_readers_place_on_the_map_moves_with_the_sliders(widget):
    put(widget, rate="0.01", interval="0.1")
    here = widget.locator("svg.map:not(.key) .here")
    low = here.bounding_box()
    put(widget, rate="100", interval="60")
    high = here.bounding_box()
    assert high["x"] > low["x"] + 150 and high["y"] < low["y"] - 100
