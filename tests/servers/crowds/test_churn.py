"""Five minutes of clients who come and go, on each engine. The hour is a command: see churn.py."""

from collections.abc import Callable

import pytest

from tests.processes import Server
from tests.servers.conftest import ENGINES
from tests.servers.crowds.churn import DRIFT, KEEP, churn

SECONDS = 300.0


@pytest.mark.prove
@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_grows_while_clients_come_and_go(engine: str, serve: Callable[..., Server]) -> None:
    found = churn(serve("all", "--engine", engine, "--keep", KEEP), SECONDS)
    print(f"\n{engine}, {found}")
    assert found.after[1:] == found.before[1:]
    assert found.drift < DRIFT
