"""The tools' detectors: each finds the fault in what its tool shows, in order, and in nothing else.

The fault: what the server says comes seconds late. Where a tool shows messages, one is late when it comes more than
LATE after the server's own stamp in it, or the moment at which it was due. Where a tool shows counters, one that used
to grow and stands still for so long gives it away, and so does a queue that stays.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

LATE = 1.5  # seconds: three poll intervals, and half of what the fault lasts
GROWN = 3  # times that a counter must have grown to be expected to grow on
STAMP = re.compile(rb'"at": ?"([^"]+)"')
QUEUES = ("polls_apart_queued_bytes", "polls_apart_queueing_connections")


class Found(NamedTuple):
    """Whether the fault was, and how many things had to be looked at until then; all, when it was not."""

    fault: bool
    looked_at: int


class Item(NamedTuple):
    """One thing that a tool shows, when it came (Unix time, s), and what it carries."""

    at: float
    carries: bytes


class Scrape(NamedTuple):
    """One answer of /metrics: a value for each sample; the time is monotonic."""

    at: float
    samples: Mapping[str, float]


def by_stamps(items: Iterable[Item]) -> Found:
    """In the browser's tools and in a capture: compare each message's stamp with when it came."""
    count = 0
    for item in items:
        count += 1
        if any(item.at - stamp > LATE for stamp in stamps(item.carries)):
            return Found(True, count)
    return Found(False, count)


def by_counters(scrapes: Iterable[Scrape]) -> Found:
    """In /metrics: every sample of a scrape is looked at."""
    count = 0
    grown: dict[str, int] = {}
    well: dict[str, float] = {}  # when a counter grew last, or a queue was empty
    before: Mapping[str, float] = {}
    for scrape in scrapes:
        count += len(scrape.samples)
        suspects = {name: value for name, value in scrape.samples.items() if tells(name)}
        for name, value in suspects.items():
            is_well = value == 0 if name.startswith(QUEUES) else value > before.get(name, value)
            if is_well or name not in well:
                well[name] = scrape.at
            grown[name] = grown.get(name, 0) + is_well
        before = scrape.samples
        for name in suspects:
            if scrape.at - well[name] > LATE and (grown[name] >= GROWN or name.startswith(QUEUES)):
                return Found(True, count)
    return Found(False, count)


def tells(sample: str) -> bool:
    """Whether it is a counter, or the length of a queue."""
    return sample.partition("{")[0].endswith(("_total", "_count")) or sample.startswith(QUEUES)


def by_latency(latencies_s: Iterable[float]) -> Found:
    """In the list of requests, and in the recorded timeline: each has its time beside it, in seconds."""
    count = 0
    for latency in latencies_s:
        count += 1
        if latency > LATE:
            return Found(True, count)
    return Found(False, count)


def stamps(data: bytes) -> list[float]:
    """The server's stamps in the messages that some bytes carry, in Unix time."""
    return [datetime.fromisoformat(text.decode().replace("Z", "+00:00")).astimezone(UTC).timestamp()
            for text in STAMP.findall(data)]  # fmt: skip


def samples(text: str) -> dict[str, float]:
    """The samples of a scrape, by name and labels (Prometheus text format)."""
    lines = (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}
