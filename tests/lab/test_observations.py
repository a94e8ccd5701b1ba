"""Observations: written, read again, and refused where they are no longer what was written."""

from pathlib import Path

import pytest

from lab import observations
from lab.errors import BadUse
from lab.observations import Observation, Observations

FOUND = Observations(
    name="headers", title="Headers", question="How many?", created="2026-01-01T00:00:00Z",
    command="lab experiment headers", version="1", commit=None, dirty=None, seed=1, machine={}, packages={},
    seen=(
        Observation("header bytes", "websocket", "B per message", (2.0, 2.0, 2.0)),
        Observation("header bytes", "sse", "B per message", (30.0, 40.0, 35.0)),
    ),
)  # fmt: skip


def test_what_was_written_is_read(tmp_path: Path) -> None:
    observations.write(tmp_path, FOUND)
    assert observations.are_in(tmp_path) and observations.read(tmp_path) == FOUND


def test_a_value_is_the_median_with_an_interval_of_the_repeats() -> None:
    found = FOUND.of("header bytes", "sse")
    assert found.value == 35.0 and found.low is not None and found.high is not None and found.low < 35.0 < found.high
    same = FOUND.of("header bytes", "websocket")
    assert (same.value, same.low, same.high) == (2.0, 2.0, 2.0)


def test_what_was_not_observed_says_so() -> None:
    assert FOUND.of("header bytes", "long-polling").note == "not observed"


@pytest.mark.parametrize("raw", [b"", b"{", b'{"name": 3}', b"[]"])
def test_what_is_damaged_is_refused_in_a_sentence(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / observations.NAME).write_bytes(raw)
    with pytest.raises(BadUse, match="was cut short or edited"):
        observations.read(tmp_path)


def test_another_schema_and_no_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadUse, match="holds no"):
        observations.read(tmp_path)
    observations.write(tmp_path, FOUND)
    path = tmp_path / observations.NAME
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 7'))
    with pytest.raises(BadUse, match="has schema 7"):
        observations.read(tmp_path)
