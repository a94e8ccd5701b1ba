"""lab/model/predictions.py: what must hold of any conditions, and how near it comes to what was recorded."""

import math
import statistics
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from lab.model.arrivals import Bursts, Periodic, Poisson
from lab.model.conditions import Conditions
from lab.model.machine import EACH, Machine
from lab.model.predictions import predict
from lab.model.recorded import folders, machine_of, rows
from lab.quantities import QUANTITIES
from loadtests.records import TRANSPORTS

REFERENCE = Path("results/reference")
COUNTED = ("requests", "empty_polls", "connections", "socket_bytes", "socket_bytes_up", "socket_bytes_down")
RARE = {"empty_polls": 0.01}  # below which a few pauses of a room, seen by all who poll there, are all there is
SAMPLED = 4.0  # standard deviations, by which a run's messages at random may be more or fewer than their rate has it
LEFT_OUT = 0.05  # what the model does not know of, such as the first exchanges of a connection
ENOUGH = 300  # messages, below which a share of empty polls is chance
MACHINE = Machine({"post": 5e-4, "poll": 4e-4, "held": 3e-4, "event": 3e-5, "frame": 2e-5, "send": 2e-4})

kinds = st.one_of(
    st.builds(Poisson, st.floats(0.01, 20)), st.builds(Periodic, st.floats(0.01, 20)),
    st.builds(Bursts, st.floats(0.5, 60), st.integers(1, 20), st.floats(0.05, 1)),
)  # fmt: skip
anything = st.builds(
    Conditions, transport=st.sampled_from(TRANSPORTS), arrivals=st.lists(kinds, min_size=1, max_size=3).map(tuple),
    rooms=st.integers(1, 50), participants=st.integers(1, 20), senders=st.just(1), text_bytes=st.floats(1, 4000),
    poll_interval_s=st.floats(0.05, 60), rtt_s=st.floats(0, 1), headers=st.sampled_from(["browser", "bare"]),
)  # fmt: skip


@given(anything)
def test_all_it_says_is_a_quantity_and_a_number_that_can_be(conditions):
    said = predict(conditions, MACHINE)
    assert set(said) <= {quantity.key for quantity in QUANTITIES} | {"latency_mean"}
    assert all(math.isfinite(value) and value >= 0 for value in said.values())
    assert 0 <= said.get("empty_polls", 0) <= 1


@given(anything)
def test_no_transport_is_faster_than_the_network_and_none_than_push(conditions):
    said = predict(conditions)
    assume("latency_p50" in said)
    push = predict(structs.replace(conditions, transport="websocket"))
    assert said["latency_p50"] >= push["latency_p50"] == pytest.approx(1_000 * conditions.rtt_s)
    assert said["latency_p50"] <= said["latency_p95"] <= said["latency_p99"]


@given(anything, st.floats(1.1, 5))
def test_a_longer_interval_costs_time_and_saves_requests_and_bytes(conditions, longer):
    often = structs.replace(conditions, transport="short-polling", rtt_s=0.0)
    seldom = structs.replace(often, poll_interval_s=longer * often.poll_interval_s)
    more, less = predict(often), predict(seldom)
    assert less["latency_p50"] == pytest.approx(longer * more["latency_p50"])
    assert less["requests"] < more["requests"]
    assert less["socket_bytes_up"] < more["socket_bytes_up"]
    assert less["empty_polls"] <= more["empty_polls"] + 1e-9


@given(anything)
def test_each_layer_has_the_one_above_in_it(conditions):
    said = predict(conditions)
    for way in ("up", "down"):
        layers = [said[f"{layer}_bytes_{way}"] for layer in ("payload", "socket", "ip")]
        assert layers == sorted(layers)


@given(anything, st.floats(1.5, 10))
def test_a_larger_message_adds_its_bytes_and_no_request(conditions, larger):
    big = structs.replace(conditions, text_bytes=larger * conditions.text_bytes)
    small, large = predict(conditions), predict(big)
    added = big.text_bytes - conditions.text_bytes
    assert large["socket_bytes"] - small["socket_bytes"] == pytest.approx(added * (1 + 1 / big.participants), abs=20)
    assert large.get("requests") == small.get("requests")


@given(anything)
def test_long_polling_without_distance_asks_once_for_each_message(conditions):
    near = structs.replace(conditions, transport="long-polling", rtt_s=0.0, warmup_s=2.0, window_s=18.0)
    said = predict(near)
    assert said["requests"] == pytest.approx(1 + 1 / near.participants)
    assert said["empty_polls"] == 0 and said["latency_p95"] == 0


def test_the_knee_of_long_polling_is_at_half_the_interval_each_way():
    held, late = (
        predict(Conditions("long-polling", (Periodic(4.0),), 20, 4, 4, 46, rtt_s=rtt)) for rtt in (0.249, 0.251)
    )
    assert held["latency_p50"] == 249 and held["requests"] == 1.25
    assert late["latency_p50"] == pytest.approx(1.5 * 251)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_where_the_server_could_not_keep_up_it_says_nothing(transport):
    few = Conditions(transport, (Poisson(1.0),), 10, 10, 1, 46)
    assert predict(few, MACHINE)["server_load"] < 0.5
    assert predict(structs.replace(few, rooms=10_000), MACHINE) == {}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_servers_work_is_in_the_latency_and_no_smaller_on_a_slower_machine(transport):
    few = Conditions(transport, (Poisson(1.0),), 5, 10, 1, 46)
    slower = Machine({name: 2 * seconds for name, seconds in MACHINE.cpu_s.items()})
    fast, slow = predict(few, MACHINE), predict(few, slower)
    assert slow["server_cpu"] >= 2 * fast["server_cpu"] * 0.95
    assert slow["latency_p50"] > fast["latency_p50"] > 1_000 * MACHINE.each_s(transport)
    assert set(EACH) == set(TRANSPORTS)


@pytest.mark.parametrize("folder", folders(REFERENCE), ids=lambda folder: folder.name)
def test_bytes_and_counts_are_those_that_were_recorded(folder):
    """Nothing in them is fitted: a protocol that changed, or a byte that nobody counted, would show."""
    machine = machine_of([folder])
    found = [(row, predict(conditions, machine)) for conditions, row in rows(folder)]
    assert found
    ratios = {
        (row.title, key): (row[key].value / said[key], SAMPLED / math.sqrt(row.counts["offered"]) + LEFT_OUT)
        for row, said in found for key in COUNTED
        if row.counts["offered"] >= ENOUGH and row[key].value and said.get(key, 0.0) > RARE.get(key, 0.0)
    }  # fmt: skip
    assert {key: ratio for key, (ratio, bound) in ratios.items() if abs(math.log(ratio)) > bound} == {}
    assert not ratios or abs(math.log(statistics.median(ratio for ratio, _ in ratios.values()))) < LEFT_OUT
