"""What is drawn from a seed: the same again, other for another, and all of it."""

from collections import Counter

from lab.faults.fate import ACKS, DOWN, UP, fate_of
from lab.faults.plan import AWAY, PARTS, QUICK, ROUND, STALL, faults_of
from loadtests.faithful.http import PATIENCE


def test_the_same_seed_draws_the_same_faults():
    for part in PARTS:
        assert faults_of(part, 1, 0, 4.0) == faults_of(part, 1, 0, 4.0)
        assert faults_of(part, 1, 0, 4.0) != faults_of(part, 2, 0, 4.0) != faults_of(part, 2, 1, 4.0)


def test_a_round_has_each_kind_as_often_as_it_should():
    for part in PARTS:
        drawn = Counter(fault.kind for fault in faults_of(part, 1, 0, QUICK.pace_s))
        assert drawn == {kind: times for kind, times in ROUND.items() if part.on_redis or kind != "kill redis"}


def test_stalls_and_absences_last_as_long_as_they_may():
    faults = [fault for part in PARTS for number in range(20) for fault in faults_of(part, 1, number, 4.0)]
    for kind, (least, most) in {"stall": STALL, "kill redis": AWAY}.items():
        assert all(least <= fault.lasts_s <= most for fault in faults if fault.kind == kind)
    assert STALL[1] < PATIENCE  # the client waits; it is the server that gives up
    assert all(2.0 <= fault.after_s <= 6.0 for fault in faults)


def test_a_connection_has_the_fate_of_its_number():
    fates = [fate_of(1, "sqlite", number) for number in range(2_000)]
    assert fates == [fate_of(1, "sqlite", number) for number in range(2_000)]
    assert fates != [fate_of(2, "sqlite", number) for number in range(2_000)]
    ups, downs, eats = ([value for fate in fates if (value := getattr(fate, name))] for name in ("up", "down", "eats"))
    assert min(ups) >= 1 and max(ups) <= UP and min(downs) >= 1 and max(downs) <= DOWN
    assert set(eats) == set(range(1, ACKS + 1)) and {fate.by for fate in fates} == {"reset", "close"}
    assert sum(down < 100 for down in downs) > len(downs) / 4  # within a head or a frame
    assert any(fate.up is fate.down is None for fate in fates)
