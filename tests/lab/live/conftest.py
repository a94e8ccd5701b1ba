"""One live lab for all tests of it, and one class, which no test ends."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.lab.live.lab import ClassLab, Lab, Page
from tests.servers.contract.clients import CLIENTS, Client

ROBOTS = 4


@pytest.fixture(scope="session")
def live() -> Iterator[Lab]:
    with Lab() as running:
        yield running


@pytest.fixture(scope="session")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClassLab]:
    """A class of robots."""
    with ClassLab("--robots", ROBOTS, "--out", tmp_path_factory.mktemp("runs")) as running:
        yield running


@pytest.fixture
def page(live: Lab) -> Iterator[Page]:
    """A live page. What a test has set is as it was at the start when it is over."""
    with Page(live, type="watch") as page:
        page.first = page.hears("controls", lambda now: now["pages"] == 1)  # those of tests before have gone
        yield page
        for control, value in {"poll_s": 1, "rtt_ms": 0, "jitter_ms": 0, "robot_per_s": 0, "robot_bytes": 100}.items():
            page.say(type="set", control=control, value=value)
        for transport in CLIENTS:
            page.say(type="do", action="thaw", transport=transport)
        page.settled()


@pytest.fixture
def client(live: Lab) -> Iterator[Callable[[str], Client]]:
    """`client(transport)` is one through the line."""
    with ExitStack() as stack:

        def made(transport: str) -> Client:
            client = CLIENTS[transport](live)
            stack.callback(client.close)
            return client

        yield made
