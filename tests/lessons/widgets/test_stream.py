"""lessons/scripts/stream.js against the protocols' simulation in Python, and in the long run against lab/model."""

import math
import random

import pytest
from msgspec import structs

from lab.model.arrivals import Periodic, Poisson
from lab.model.conditions import Conditions
from lab.model.export import TYPICAL, wire
from lab.model.predictions import predict
from lab.model.traffic import EMPTY, POLLS, traffic
from lab.model.wire import Wire
from tests.lab.model import oracle

pytestmark = pytest.mark.browser
PARTICIPANTS, TEXT = wire()["participants"], wire()["text"]
GIVEN = Conditions("long-polling", (Poisson(1.0),), TYPICAL // PARTICIPANTS, PARTICIPANTS, PARTICIPANTS, TEXT)
SECONDS = 4_000.0
FEWER = 400.0  # seconds, where every trip is looked at
DIGITS = 8  # bytes, by which an answer's length and its cursors may be written longer than the typical one
SAMPLED = 3.0  # standard deviations, by which counts of what happens at random may be off
CHANCE = 0.04  # by which a stream of thousands of messages may differ from its rate
WAYS = {"short-polling": ("news", "blank", "unchanged"), "long-polling": ("held", "expired"), "sse": ("event",),
        "websocket": ("frame",)}  # fmt: skip
RUN = """([transport, settings, until]) => {
  const { moments, trips, told } = pollsApart.stream;
  const messages = settings.messages ?? moments(settings.rate, until, settings.seed ?? 1, settings.rhythm);
  const made = trips(transport, messages, settings, until);
  return [messages, until > 1000 ? [] : made, told(made, messages, pollsApart.drawing.data("wire"), until)];
}"""


def run(scripts, transport, **settings):
    settings = {"interval": 1, "delay": 0.1, "phase": 0.25, "hold": oracle.HOLD} | settings
    return scripts.evaluate(RUN, [transport, settings, settings.pop("until", SECONDS)])


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.2])
@pytest.mark.parametrize("rate", [0.02, 0.7, 5.0])
def test_long_polls_are_those_of_the_simulation(scripts, rate, delay):
    messages = oracle.moments(Poisson(rate), FEWER, seed=3)
    seen = oracle.long_polling(messages, FEWER, 2 * delay)
    _, made, _ = run(scripts, "long-polling", messages=messages, delay=delay, until=FEWER)
    made = [trip for trip in made if trip["there"] < FEWER]
    waits = [trip["answered"] - at for trip in made for at in messages[trip["first"] : trip["last"]]]
    assert waits == pytest.approx(seen.waits, abs=1e-6)
    assert (len(made), sum(trip["kind"] == "expired" for trip in made)) == (seen.polls, seen.empty)


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.8])
@pytest.mark.parametrize("rate", [0.1, 3.0])
def test_short_polls_are_those_of_the_simulation(scripts, rate, delay):
    messages = oracle.moments(Poisson(rate), FEWER, seed=4)
    seen = oracle.short_polling(messages, FEWER, 1.0, 2 * delay, seed=5)
    phase = random.Random("phase 5").uniform(0, 1.0)
    _, made, _ = run(scripts, "short-polling", messages=messages, delay=delay, phase=phase, until=FEWER)
    made = [trip for trip in made if trip["there"] < FEWER]
    waits = [trip["answered"] - at for trip in made for at in messages[trip["first"] : trip["last"]]]
    assert waits == pytest.approx(seen.waits, abs=1e-6)
    kinds = [trip["kind"] for trip in made]
    assert (len(made), len(made) - kinds.count("news")) == (seen.polls, seen.empty)
    assert kinds.count("unchanged") == seen.again


@pytest.mark.parametrize("transport", WAYS)
def test_nothing_is_lost_or_told_twice_and_nothing_is_told_before_it_happened(scripts, transport):
    messages, made, _ = run(scripts, transport, rate=2, until=60)
    told = [n for trip in made for n in range(trip["first"], trip["last"])]
    assert told == list(range(len(told))) and len(told) >= sum(at < 58.5 for at in messages)
    for trip in made:
        assert trip["back"] == pytest.approx(trip["answered"] + 0.1)
        if trip["asked"] is not None:
            assert trip["there"] == pytest.approx(trip["asked"] + 0.1) and trip["there"] <= trip["answered"]
        assert all(at <= trip["answered"] for at in messages[trip["first"] : trip["last"]])


@pytest.mark.parametrize("messages", [0, 1, 2, 9, 40])
def test_what_is_said_weighs_what_it_weighs_in_the_model(scripts, messages):
    said, long = Wire(GIVEN), {"there": 0, "answered": 1}
    rightly = {
        "news" if messages else "blank": said.short(messages), "unchanged": said.unchanged(), "event": said.event(),
        "frame": said.frame(), "held" if messages else "expired": said.long(messages, 1),
    }  # fmt: skip
    for kind, right in rightly.items():
        found = scripts.evaluate(
            "(trip) => pollsApart.stream.weight(trip, pollsApart.drawing.data('wire'))",
            long | {"kind": kind, "first": 0, "last": messages},
        )
        assert found == pytest.approx(right.ip_up + right.ip_down, abs=DIGITS), kind


@pytest.mark.parametrize("rate", [0.3, 2.0])
@pytest.mark.parametrize("transport", WAYS)
def test_in_the_long_run_it_shows_what_the_model_says(scripts, transport, rate):
    messages, _, told = run(scripts, transport, rate=rate)
    actual = len(messages) / SECONDS
    assert actual == pytest.approx(rate, rel=3 * CHANCE)
    given = structs.replace(GIVEN, transport=transport, arrivals=(Poisson(actual),), rtt_s=0.2, senders=10_000)
    happening = traffic(given)
    heard = [part for part in happening.parts if part.name in WAYS[transport]]
    weights = sum(part.per_s * (part.exchange.ip_up + part.exchange.ip_down) for part in heard)
    assert told["bytes"] / SECONDS == pytest.approx(weights, rel=CHANCE)
    for found, names in ((told["asked"], POLLS), (told["empty"], EMPTY)):
        right = SECONDS * happening.per_s(*names)
        assert found == pytest.approx(right, abs=SAMPLED * math.sqrt(right) + 1)
    mean = predict(given)["latency_mean"] / 1_000 - 0.1  # the way to the server is not in it
    assert told["mean"] == pytest.approx(mean, rel=CHANCE)


def test_the_knee_is_where_the_way_there_and_back_takes_as_long_as_the_rhythm(scripts):
    period = 0.25
    for round_trip in (0.98 * period, 1.02 * period):
        messages, _, told = run(scripts, "long-polling", rate=1 / period, rhythm=True, delay=round_trip / 2, until=200)
        late = round_trip > period
        assert told["caught"] == pytest.approx(late * told["arrived"], abs=2)
        said = predict(structs.replace(GIVEN, arrivals=(Periodic(1 / period),), rtt_s=round_trip, senders=10_000))
        assert told["mean"] == pytest.approx(said["latency_mean"] / 1_000 - round_trip / 2, rel=CHANCE)
        assert len(messages) == pytest.approx(200 / period, abs=1)


def test_another_rate_is_the_same_stream_only_denser(scripts):
    slow, fast = (scripts.evaluate("(rate) => pollsApart.stream.moments(rate, 60, 33)", rate) for rate in (1, 4))
    assert [4 * at for at in fast[: len(slow)]] == pytest.approx(slow)
