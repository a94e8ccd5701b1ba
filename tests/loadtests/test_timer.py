"""loadtests/timer.py."""

import time

import gevent
import pytest

from loadtests import timer


@pytest.fixture(autouse=True)
def now() -> None:
    """Let gevent read the clock: until its loop turns, its time is that of the last turn, perhaps a test long ago."""
    gevent.sleep(0)


@pytest.fixture(params=["timerfd", "gevent"])
def clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> timer.Timer:
    if request.param == "gevent":
        monkeypatch.setattr(timer, "timerfd", lambda: None)
    elif timer.LIBC is None:
        pytest.skip("there is no timerfd on this system")
    return timer.Timer()


def test_sleepers_wake_in_the_order_of_their_moments_and_none_too_early(clock: timer.Timer) -> None:
    woken: list[tuple[int, int]] = []
    now = time.monotonic_ns()

    def sleep(after_ms: int) -> None:
        clock.sleep_until(now + after_ms * 1_000_000)
        woken.append((after_ms, time.monotonic_ns()))

    gevent.joinall([gevent.spawn(sleep, after_ms) for after_ms in (30, 10, 20, 0, 50, 40)], timeout=10)
    assert [after_ms for after_ms, _ in woken] == [0, 10, 20, 30, 40, 50]
    assert all(at >= now + (after_ms - 1) * 1_000_000 for after_ms, at in woken)
    clock.close()


def test_a_sleeper_that_is_killed_does_not_keep_the_others(clock: timer.Timer) -> None:
    moment = time.monotonic_ns() + 20_000_000
    lost, kept = (gevent.spawn(clock.sleep_until, moment) for _ in range(2))
    gevent.sleep(0)
    lost.kill()
    kept.join(timeout=10)
    assert kept.successful()
    clock.close()


@pytest.mark.skipif(timer.LIBC is None, reason="there is no timerfd on this system")
def test_ringing_for_nothing_does_no_harm() -> None:
    clock = timer.Timer()
    sleeper = gevent.spawn(clock.sleep_until, time.monotonic_ns() + 20_000_000)
    gevent.sleep(0)
    clock.ring()
    assert not sleeper.ready()
    assert gevent.joinall([sleeper], timeout=10)
    clock.close()
