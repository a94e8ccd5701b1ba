"""A server and its crowd, on a CPU each where there are two."""

import os
from collections.abc import Callable, Iterator

import pytest

from tests.processes import Server


@pytest.fixture
def apart() -> Iterator[tuple[set[int], set[int]]]:
    """The CPUs of the servers, and of everybody else, which this process is put on."""
    before = os.sched_getaffinity(0)
    first, *_, last = [*sorted(before), max(before)]
    os.sched_setaffinity(0, {last})
    yield {first}, {last}
    os.sched_setaffinity(0, before)


@pytest.fixture
def serve(apart: tuple[set[int], set[int]], start: Callable[..., Server]) -> Callable[..., Server]:
    """`serve(*arguments)` is a server of the test's own, on the servers' CPU."""
    theirs, ours = apart

    def server(*arguments: object, **options: object) -> Server:
        os.sched_setaffinity(0, theirs)  # which its processes inherit
        try:
            return start(*arguments, **options)
        finally:
            os.sched_setaffinity(0, ours)

    return server
