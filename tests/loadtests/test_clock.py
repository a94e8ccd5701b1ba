"""loadtests/clock.py: the estimate, against clocks whose truth is known."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests import clock
from loadtests.clock import Reading
from loadtests.command import BadUse
from tests.front import Front
from tests.processes import Server

SECOND = 1_000_000_000
delays = st.lists(st.tuples(*[st.integers(0, 50_000_000)] * 2), min_size=1, max_size=20)


def readings(begin_ns: int, ways: list[tuple[int, int]], offset: Callable[[int], int]) -> list[Reading]:
    """One after the other, each with its ways there and back, of a server that is `offset` ahead of this process."""
    found = []
    for there, back in ways:
        read_ns = begin_ns + there
        found.append(Reading(begin_ns, read_ns + offset(read_ns), read_ns + back))
        begin_ns = read_ns + back + 1_000_000
    return found


@given(delays, delays, st.integers(-(10**15), 10**15), st.integers(-100, 100))
def test_an_even_drift_is_known_to_within_the_bound_however_uneven_the_ways(
    begin: list[tuple[int, int]], end: list[tuple[int, int]], apart: int, per_million: int
) -> None:
    def truth(at_ns: int) -> int:
        return apart + at_ns * per_million // 1_000_000

    first, last = readings(0, begin, truth), readings(60 * SECOND, end, truth)
    found = clock.estimate(first, last)
    on_the_way = found.bound_ns * abs(per_million) / 1_000_000  # the clock drifts while it is being read, too
    for at_ns in range(found.at_ns[0], found.at_ns[1], 5 * SECOND):
        assert abs(clock.offset_ns(found, at_ns) - truth(at_ns)) <= found.bound_ns + on_the_way + 2  # 2: of rounding


def test_the_bound_is_half_of_the_quickest_answers_time() -> None:
    found = clock.estimate([Reading(0, 100, 9_000), Reading(10_000, 10_100, 10_400)], [Reading(20_000, 20_100, 20_200)])
    assert found.bound_ns == 200


def test_a_reading_that_contradicts_the_line_widens_the_bound() -> None:
    """As when a clock was set between two readings: the line cannot be right at both."""
    begin = [Reading(0, 1_050, 100), Reading(200, 9_250, 302)]
    found = clock.estimate(begin, [Reading(1_000_000, 1_001_050, 1_000_100)])
    assert found.bound_ns == 50 + (9_250 - 251 - 1_000) - 51


def test_without_an_end_the_beginning_holds() -> None:
    found = clock.estimate([Reading(0, 1_050, 100)], [])
    assert clock.offset_ns(found, 5 * SECOND) == 1_000


def test_a_server_on_this_host_has_our_clock(running: Callable[..., Server]) -> None:
    found = clock.estimate(clock.ask(running("sse").url), [])
    assert abs(clock.offset_ns(found, time.monotonic_ns())) <= found.bound_ns


def test_so_has_one_behind_a_proxy_by_tls(running: Callable[..., Server], fronting: Callable[..., Front]) -> None:
    front = fronting(running("sse"))
    found = clock.estimate(clock.ask(front.url, ca=front.nginx.ca.read_text()), [])
    assert abs(clock.offset_ns(found, time.monotonic_ns())) <= found.bound_ns


def test_a_server_that_does_not_tell_its_clock_is_told_so_in_a_sentence() -> None:
    with pytest.raises(BadUse, match="run all of them on one host"):
        clock.read_answer(b'{"status":"ok"}')


def test_two_processes_with_the_same_offset_from_the_same_boot_read_one_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BOOT_ID", "TIME_OFFSETS"):
        monkeypatch.setattr(clock, name, tmp_path / name)
    without_linux = clock.identity()
    assert without_linux == clock.identity()
    (tmp_path / "BOOT_ID").write_text("b00t\n")
    assert clock.identity() == "b00t"
    (tmp_path / "TIME_OFFSETS").write_text("monotonic    1000   0\nboottime   7   0\n")
    assert clock.identity() == "b00t 1000 0"
