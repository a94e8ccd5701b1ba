"""Token buckets, by a clock of the test's own."""

import pytest

from servers import limits
from servers.limits import Buckets


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(limits, "time", clock)
    return clock


def test_a_bucket_gives_its_burst_and_then_its_rate(clock: Clock) -> None:
    buckets = Buckets(rate=2, burst=4)
    assert [buckets.take("a") for _ in range(5)] == [0, 0, 0, 0, 0.5]
    clock.now += 0.25
    assert buckets.take("a") == 0.25, "what was refused was not taken"
    clock.now += 0.25
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]


def test_a_bucket_never_holds_more_than_its_burst(clock: Clock) -> None:
    buckets = Buckets(rate=2, burst=3)
    buckets.take("a")
    clock.now += 3600
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]


def test_each_key_has_a_bucket_of_its_own(clock: Clock) -> None:
    buckets = Buckets(rate=1, burst=1)
    assert [buckets.take("a"), buckets.take("a"), buckets.take("b")] == [0, 1, 0]


def test_to_ask_what_is_lacking_takes_nothing(clock: Clock) -> None:
    buckets = Buckets(rate=1, burst=1)
    assert [buckets.lack("a"), buckets.lack("a"), buckets.take("a"), buckets.lack("a")] == [0, 0, 0, 1]


def test_buckets_are_bounded_and_the_oldest_goes_first(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST", 2)
    buckets = Buckets(rate=1, burst=1)
    for key in ("a", "b", "c"):
        assert buckets.take(key) == 0
    assert [buckets.take("c"), buckets.take("b"), buckets.take("a")] == [1, 1, 0]
