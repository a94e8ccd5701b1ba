"""loadtests/schedule.py: fixed by the seed, at the rates that the scenario states."""

import zlib
from itertools import islice, pairwise, takewhile
from pydoc_data.topics import topics
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from loadtests import schedule, trace
from loadtests.scenario import Scenario, known, load

SURE = 0.9999  # of the intervals below; the seeds are fixed, so a test passes always or never


def all_sends(scenario: Scenario, seed: int, until_s: float) -> list[list[schedule.Send]]:
    """Each user's sends before `until_s`."""
    return [
        list(takewhile(lambda send: send[0] < until_s, schedule.sends(scenario, seed, room, seat)))
        for room in range(scenario.rooms)
        for seat in range(scenario.participants)
    ]


@pytest.mark.parametrize("name", known())
def test_the_same_seed_gives_the_same_schedule_and_another_seed_another(name: str) -> None:
    scenario = load(name)
    assert all_sends(scenario, 1, 20) == all_sends(scenario, 1, 20)
    assert scenario.kind == "silence" or all_sends(scenario, 1, 20) != all_sends(scenario, 2, 20)


@pytest.mark.parametrize("name", known())
def test_each_sender_writes_in_order_and_nobody_else_writes(name: str) -> None:
    scenario = load(name)
    for user, sends in enumerate(all_sends(scenario, 1, 60)):
        assert all(a[0] <= b[0] for a, b in pairwise(sends))
        assert user % scenario.participants < scenario.senders or not sends


@pytest.mark.parametrize("name", ["steady", "quiet"])
def test_poisson_rooms_have_their_rate_and_exponential_gaps(name: str) -> None:
    scenario, seconds = load(name), 600
    sends = all_sends(scenario, 1, seconds)
    low, high = stats.poisson.interval(SURE, scenario.workload.rate_per_s * scenario.rooms * seconds)
    assert low <= sum(map(len, sends)) <= high
    gaps = [b[0] - a[0] for each in sends for a, b in pairwise(each)]
    if name == "steady":  # long enough to see the gaps that the end cuts off as few
        mean = scenario.senders / scenario.workload.rate_per_s
        assert stats.kstest(gaps, stats.expon(scale=mean).cdf).pvalue > 1 - SURE


def test_a_periodic_room_keeps_its_rhythm_and_its_senders_take_turns() -> None:
    scenario = load("sensor")
    for room in range(3):
        seats = [list(islice(schedule.sends(scenario, 1, room, seat), 50)) for seat in range(scenario.senders)]
        heard = sorted((offset, seat) for seat, sends in enumerate(seats) for offset, _ in sends)
        assert [seat for _, seat in heard] == list(range(scenario.senders)) * 50
        assert 0 <= heard[0][0] < 1 / scenario.workload.rate_per_s
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(heard)]
        assert gaps == pytest.approx([1 / scenario.workload.rate_per_s] * len(gaps))


def test_the_phases_of_periodic_rooms_are_uniform_so_that_no_rhythm_meets_another() -> None:
    scenario = load("sensor", {"workload.rooms": 500})
    first = [next(schedule.sends(scenario, 1, room, 0))[0] for room in range(scenario.rooms)]
    assert stats.kstest([at * scenario.workload.rate_per_s for at in first], "uniform").pvalue > 1 - SURE
    polls = [schedule.poll_phase(1, user, 1.0) for user in range(500)]
    met = [(poll - at) * scenario.workload.rate_per_s % 1 for poll, at in zip(polls, first, strict=True)]
    assert stats.kstest(met, "uniform").pvalue > 1 - SURE


def test_nobody_writes_twice_in_a_burst_before_everybody_has_written() -> None:
    scenario = load("burst", {"participants": 5, "senders": 5})
    seats = [list(islice(schedule.sends(scenario, 1, 0, seat), 40)) for seat in range(5)]
    heard = [seat for _, seat in sorted((offset, seat) for seat, sends in enumerate(seats) for offset, _ in sends)]
    rounds = [heard[n : n + 5] for n in range(0, len(heard), 5)]
    assert all(sorted(each) == list(range(5)) for each in rounds)
    assert len({tuple(each) for each in rounds}) > 10


def test_bursts_come_at_their_rate_within_their_time() -> None:
    scenario, seconds = load("burst"), 600
    workload = scenario.workload
    for room in range(3):
        seats = range(scenario.participants)
        sends = sorted(
            offset for seat in seats for offset, _ in islice(schedule.sends(scenario, 1, room, seat), 500)
        )[: 50 * workload.size]  # fmt: skip
        bursts = [sends[n : n + workload.size] for n in range(0, len(sends), workload.size)]
        assert all(burst[-1] - burst[0] <= workload.within_s for burst in bursts)
    count = sum(map(len, all_sends(scenario, 1, seconds))) / workload.size
    low, high = stats.poisson.interval(SURE, scenario.rooms * seconds / (workload.every_s + workload.within_s))
    assert low <= count <= high


def test_a_replay_sends_each_minutes_messages_with_their_sizes_once_a_minute() -> None:
    scenario = load("irc-room")
    lines = scenario.workload.lines
    for seats in (all_sends(scenario, 1, 60), [sends[len(sends) // 2 :] for sends in all_sends(scenario, 1, 120)]):
        assert sum(map(len, seats)) == scenario.workload.copies * len(lines)
        sizes = sorted(len(text.encode()) for sends in seats for _, text in sends)
        assert sizes == sorted(scenario.workload.copies * [line.bytes for line in lines])


def test_a_replay_keeps_to_the_seconds_that_its_trace_tells() -> None:
    scenario = load("co-editing")
    sends = [sorted(offset for seat in seats for offset, _ in seat)
             for seats in zip(*[iter(all_sends(scenario, 1, 60))] * scenario.participants, strict=True)]  # fmt: skip
    assert [[int(offset) for offset in room] for room in sends] == [
        [line.second for line in minute] for minute in trace.minutes(scenario.workload.lines)
    ]


def test_a_replay_spreads_the_messages_uniformly_over_the_minute() -> None:
    offsets = [offset / 60 for sends in all_sends(load("irc-room"), 1, 60) for offset, _ in sends]
    assert stats.kstest(offsets, "uniform").pvalue > 1 - SURE


def test_three_default_runs_hold_enough_publishes_for_a_p99() -> None:
    scenario = load("irc-room")
    begin, end = scenario.warmup_s, scenario.warmup_s + scenario.duration_s
    expected = 3 * scenario.workload.copies * len(scenario.workload.lines) * scenario.duration_s / 60
    spread = (expected * (1 - scenario.duration_s / 60)) ** 0.5
    assert expected - 2.9 * spread > 1000
    counts = [sum(begin <= at for sends in all_sends(scenario, seed, end) for at, _ in sends) for seed in (1, 2, 3)]
    assert abs(sum(counts) - expected) < 4 * spread


def test_the_first_polls_are_uniform_in_the_interval() -> None:
    phases = [schedule.poll_phase(1, user, 3.0) / 3 for user in range(500)]
    assert stats.kstest(phases, "uniform").pvalue > 1 - SURE


@given(
    tick=st.integers(0, 1000),
    first=st.integers(0, 10**12),
    interval=st.integers(1, 10**10),
    late=st.integers(0, 10**12),
)
def test_the_next_tick_lies_ahead_and_those_between_are_counted(
    tick: int, first: int, interval: int, late: int
) -> None:
    now = first + tick * interval + late
    following, skipped = schedule.next_tick(tick, first, interval, now)
    assert first + following * interval > now
    assert following - 1 == tick + skipped
    assert skipped == late // interval


@given(size=st.integers(1, 4000), seed=st.integers(0, 100))
def test_a_text_has_exactly_its_bytes_in_utf_8(size: int, seed: int) -> None:
    text = schedule.text(Random(seed), size)
    assert len(text.encode()) == size
    assert text == text.strip() != ""


@pytest.mark.parametrize("size", [46, 200, 1000])
def test_a_text_compresses_like_prose_of_its_length(size: int) -> None:
    rng = Random(size)
    prose = " ".join(" ".join(topics.values()).split())  # Python's own reference
    passages = [prose[start : start + size] for start in (rng.randrange(len(prose) - size) for _ in range(300))]
    texts = [schedule.text(rng, size) for _ in range(300)]
    ours, theirs = (sum(len(zlib.compress(text.encode())) for text in some) for some in (texts, passages))
    assert 0.9 < ours / theirs < 1.1


@pytest.mark.parametrize("name", known())
@pytest.mark.parametrize("workers", [2, 3])
def test_workers_share_the_users_out_evenly_and_the_rooms_among_them(name: str, workers: int) -> None:
    scenario = load(name)
    shares = schedule.shared_out(scenario, 1, workers)
    assert shares == schedule.shared_out(scenario, 1, workers)
    assert sorted(user for share in shares for user in share) == list(range(scenario.users))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    writers = [sum(user % scenario.participants < scenario.senders for user in share) for share in shares]
    assert max(writers) - min(writers) <= 1
    rooms = [{user // scenario.participants for user in share} for share in shares]
    assert scenario.participants == 1 or rooms[0] & rooms[1]
