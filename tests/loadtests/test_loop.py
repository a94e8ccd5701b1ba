"""loadtests/loop.py."""

import signal
import socket
import time

import pytest

from loadtests import loop
from loadtests.loop import READ, WRITE, Loop, Strain, Watched

MILLISECOND = 1_000_000


class Stopped(Exception):
    """The loop is told to end."""


def stop() -> None:
    raise Stopped


@pytest.fixture(params=["timerfd", "system"])
def made(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Loop:
    if request.param == "system":
        monkeypatch.setattr(loop, "timerfd", lambda: None)
    elif loop.timerfd() is None:
        pytest.skip("there is no timerfd on this system")
    return Loop()


def test_what_is_due_is_called_in_order_and_never_too_early(made: Loop) -> None:
    called: list[tuple[int, int]] = []
    now = time.monotonic_ns()

    def note(after_ms: int) -> None:
        called.append((after_ms, time.monotonic_ns()))

    for after_ms in (30, 10, 20, -5, 10, 40):
        made.at(now + after_ms * MILLISECOND, lambda after_ms=after_ms: note(after_ms))
    made.at(now + 50 * MILLISECOND, stop)
    with pytest.raises(Stopped):
        made.run()
    assert [after_ms for after_ms, _ in called] == [-5, 10, 10, 20, 30, 40]
    assert all(at >= now + after_ms * MILLISECOND for after_ms, at in called)
    assert made.late_us.total() == 7


def test_sockets_are_watched_while_something_is_due_later(made: Loop) -> None:
    near, far = socket.socketpair()
    heard: list[bytes] = []

    def ready(events: int) -> None:
        assert events == READ
        heard.append(watched.sock.recv(10))
        if heard == [b"one"]:
            near.send(b"two")
        else:
            watched.close()
            stop()

    watched = Watched(made, far, ready)
    watched.watch(READ, True)
    watched.watch(WRITE, True)
    watched.watch(WRITE, False)
    made.at(time.monotonic_ns() + 10 * MILLISECOND, lambda: near.send(b"one") and None)
    made.at(time.monotonic_ns() + 60_000 * MILLISECOND, stop)
    with near, pytest.raises(Stopped):
        made.run()
    assert heard == [b"one", b"two"]
    assert not [key for key in made.selector.get_map().values() if key.data]


def test_nothing_due_and_nothing_watched_is_no_busy_loop(made: Loop) -> None:
    assert made.patience() is None


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="Windows has no such signal")
def test_a_signal_wakes_it_and_is_handled_between_actions(made: Loop) -> None:
    before = signal.getsignal(signal.SIGUSR1)
    made.on_signals({"SIGUSR1": stop, "SIGNEVER": stop})
    try:
        made.at(time.monotonic_ns(), lambda: signal.raise_signal(signal.SIGUSR1))
        made.at(time.monotonic_ns() + 60_000 * MILLISECOND, lambda: None)
        with pytest.raises(Stopped):
            made.run()
    finally:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGUSR1, before)


def test_strain_is_that_of_the_window_alone(made: Loop) -> None:
    strain = Strain(made)
    assert strain.late_ms(0.99) is None
    made.late_us[70_000] += 1
    strain.begin()
    for late_us in (100, 200, 300, 4_000):
        made.late_us[late_us] += 1
    strain.end()
    made.late_us[90_000] += 1
    assert [strain.late_ms(q) for q in (0.5, 0.75, 0.99, 1.0)] == [0.2, 0.3, 4.0, 4.0]
    cpu_ns = strain.cpu_ns
    sum(range(100_000))
    strain.end()
    assert strain.cpu_ns == cpu_ns


def test_the_busiest_second_is_one_that_is_long_enough_to_tell(made: Loop) -> None:
    strain = Strain(made)
    second = 1_000 * MILLISECOND
    strain.samples = [(0, 0), (second, second // 10), (2 * second, second), (2 * second + 1_000, second + 1_000)]
    assert strain.busiest() == pytest.approx(0.9)
    strain.samples = [(0, 0), (second // 10, second // 20)]
    assert strain.busiest() == pytest.approx(0.5)
