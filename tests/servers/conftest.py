"""Servers on each engine, shared by the tests of the transports."""

from collections.abc import Callable, Iterable
from itertools import groupby

import pytest

from tests.processes import Server

ENGINES = ("gevent", "threads")
KEEP = 600  # messages; more than a page, and few enough to fill a room until it forgets
PYWSGI = "pywsgi"  # takes gevent's place where gunicorn does not run; here it is made to
WITHOUT_GUNICORN = ("-m", "tests.servers.engines.without_gunicorn")


@pytest.fixture(scope="session")
def serving(running: Callable[..., Server]) -> Callable[..., Server]:
    """`serving(engine, *arguments)` is a shared server of all four transports."""

    def server(engine: str, *arguments: object) -> Server:
        if engine == PYWSGI:
            return running("all", *arguments, command=WITHOUT_GUNICORN)
        return running("all", "--engine", engine, *arguments)

    return server


@pytest.fixture(scope="session", params=[*ENGINES, PYWSGI])
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="session")
def site(engine: str, serving: Callable[..., Server]) -> Server:
    """A server of all four whose rooms keep KEEP messages or a few more."""
    return serving(engine, "--store", "memory", "--keep", KEEP)


@pytest.fixture(scope="session")
def brisk(engine: str, serving: Callable[..., Server]) -> Server:
    """A server of all four that holds polls for 0.3 s, and whose heart beats every 0.2 s."""
    return serving(engine, "--hold", 0.3, "--heartbeat", 0.2)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where a test is for each engine and transport, `make test` meets each of both and `make prove` every pair."""
    paired = [item for item in items if {"engine", "transport"} <= parameters(item).keys()]
    for _, each in groupby(sorted(paired, key=function), key=function):
        tests = list(each)
        engines, transports = (unique(parameters(test)[name] for test in tests) for name in ("engine", "transport"))
        for test in tests:
            chosen = parameters(test)
            apart = engines.index(chosen["engine"]) - transports.index(chosen["transport"])
            if apart % min(len(engines), len(transports)):
                test.add_marker(pytest.mark.prove)


def parameters(item: pytest.Item) -> dict[str, object]:
    return item.callspec.params if hasattr(item, "callspec") else {}


def function(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def unique(values: Iterable[str]) -> list[str]:
    return sorted(set(values))
