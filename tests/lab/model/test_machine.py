"""lab/model/machine.py: the times that were put in are found again from what they add up to."""

import pytest
from msgspec import structs

from lab.model.arrivals import Poisson
from lab.model.conditions import Conditions
from lab.model.machine import Machine, fit
from lab.model.traffic import traffic
from loadtests.records import TRANSPORTS

TRUE = Machine({"post": 6e-4, "poll": 4e-4, "held": 3e-4, "event": 3e-5, "frame": 2e-5, "send": 2e-4, "idle": 2e-3})
BASE = Conditions("sse", (Poisson(1.0),), 20, 4, 2, 46)
GRID = [
    structs.replace(BASE, transport=transport, participants=participants, poll_interval_s=interval, rooms=rooms)
    for transport in TRANSPORTS for participants in (2, 10) for interval in (1.0, 3.0)
    for rooms in (2, 20)
]  # fmt: skip


def test_known_times_are_found_again():
    found = fit((given, TRUE.load(traffic(given), given.clients)) for given in GRID)
    assert found.cpu_s == pytest.approx(TRUE.cpu_s, rel=0.01)


def test_noise_of_a_tenth_moves_the_smallest_of_them_by_some_tenths():
    noise = [0.9, 1.1]
    found = fit((given, noise[n % 2] * TRUE.load(traffic(given), given.clients)) for n, given in enumerate(GRID))
    assert found.cpu_s == pytest.approx(TRUE.cpu_s, rel=0.4)


def test_two_works_that_always_come_together_share_what_they_take_and_none_is_below_zero():
    given = structs.replace(BASE, transport="websocket")
    found = fit([(given, TRUE.load(traffic(given), given.clients))])
    assert found.load(traffic(given), given.clients) == pytest.approx(
        TRUE.load(traffic(given), given.clients), rel=0.01
    )
    assert all(seconds >= 0 for seconds in found.cpu_s.values()) and found.takes("send") > 0


def test_of_nothing_nothing_is_known():
    assert fit([]) == Machine()
