"""The suite's three axes: transports x stores x engines. One process serves all four transports on one store."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count, product
from pathlib import Path

import pytest

from tests.processes import Server
from tests.servers.conftest import ENGINES, KEEP, PYWSGI
from tests.servers.contract.clients import CLIENTS, Client

STORES = ("memory", "sqlite")


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """`database(store)` is a store's URL, with a file of its own each time."""
    folder, numbers = tmp_path_factory.mktemp("stores"), count()
    return lambda store: "memory" if store == "memory" else f"sqlite:{Path(folder, f'{next(numbers)}.db')}"


@pytest.fixture(scope="session", params=[*product(STORES, ENGINES), ("memory", PYWSGI)], ids="-".join)
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A store and an engine."""
    return request.param


@pytest.fixture(scope="session")
def server(place: tuple[str, str], serving: Callable[..., Server], database: Callable[[str], str]) -> Server:
    """A server of all four whose rooms keep KEEP messages or a few more."""
    store, engine = place
    return serving(engine, "--store", database(store), "--keep", KEEP)


@pytest.fixture(params=CLIENTS)
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def connect(transport: str) -> Iterator[Callable[[Server], Client]]:
    """`connect(server)` is another client of this transport."""
    with ExitStack() as stack:

        def connected(server: Server) -> Client:
            client = CLIENTS[transport](server)
            stack.callback(client.close)
            return client

        yield connected


@pytest.fixture
def client(server: Server, connect: Callable[[Server], Client]) -> Client:
    """A client of this transport."""
    return connect(server)
