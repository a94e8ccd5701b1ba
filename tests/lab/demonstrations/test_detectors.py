"""The detectors, on what is known: found where something is late, and not where all is well."""

import pytest

from lab.demonstrations.detectors import LATE, Found, Item, Scrape, by_counters, by_latency, by_stamps, samples, stamps

WELL = [Item(second, f'{{"at":"1970-01-01T00:00:{second:02}.000Z"}}'.encode()) for second in range(1, 9)]
LATE_ONE = Item(9.0, b'[{"at":"1970-01-01T00:00:08.900Z"},{"at": "1970-01-01T00:00:07.400Z"}]')
POLLS, FRAMES, QUEUED = 'polls_apart_requests_total{status="200"}', "frames_count", "polls_apart_queued_bytes"


def test_a_stamp_is_unix_time() -> None:
    assert stamps(b'x{"at":"2026-01-31T12:00:00.250Z"}y') == [1769860800.25]
    assert stamps(b'{"text":"at"}') == []


def test_a_message_that_comes_long_after_its_stamp_is_found_and_what_was_before_it_counted() -> None:
    assert by_stamps([*WELL, LATE_ONE, *WELL]) == Found(True, len(WELL) + 1)
    assert by_stamps([*WELL, Item(0.0, b"")]) == Found(False, len(WELL) + 1)
    assert by_stamps([]) == Found(False, 0)


def test_a_delivery_is_late_by_its_latency() -> None:
    assert by_latency([0.1, LATE, LATE + 0.01, 9.0]) == Found(True, 3)
    assert by_latency([0.1, LATE]) == Found(False, 2)


def scrapes(name: str, values: list[float]) -> list[Scrape]:
    """Half a second apart, beside a counter that always grows and a gauge that never does."""
    return [Scrape(n / 2, {name: value, FRAMES: float(n), "memory": 5.0}) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        (POLLS, [1, 2, 3, 4, 4, 4, 4, 4], True),  # it grew three times, and stands still for two seconds
        (POLLS, [1, 2, 3, 4, 4, 4, 4, 5], False),  # for 1.5 s: not longer than what counts as late
        (POLLS, [1, 1, 1, 1, 1, 1, 1, 1], False),  # it never grew
        (POLLS, [1, 2, 2, 2, 2, 2, 2, 2], False),  # nor is once a habit
        (QUEUED, [0, 0, 0, 0, 7, 9, 7, 9], True),
        (QUEUED, [0, 7, 0, 9, 0, 9, 0, 7], False),
        ("memory_bytes", [1, 2, 3, 4, 4, 4, 4, 4], False),
    ],
)
def test_a_counter_that_stood_still_is_found_and_so_is_a_queue(name: str, values: list[float], found: bool) -> None:
    assert by_counters(scrapes(name, values)) == Found(found, 3 * len(values))


def test_samples_are_read_with_their_labels() -> None:
    text = '# HELP a_total it\n# TYPE a_total counter\na_total{status="200",x="b c"} 3.0\nb 1e3\n'
    assert samples(text) == {'a_total{status="200",x="b c"}': 3.0, "b": 1000.0}
