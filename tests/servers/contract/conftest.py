"""The suite's three axes: transports x stores x engines. One process serves all four transports on one store.

One engine stands behind nginx too, and is spoken to by TLS: it promises the same there.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count, product
from pathlib import Path

import pytest

from tests.processes import Server, Site
from tests.servers.conftest import ENGINES, KEEP, PYWSGI, parameters
from tests.servers.contract.clients import CLIENTS, Client

SHARED = "redis by two workers"  # whose clients meet whichever worker takes the connection: no session is sticky
NGINX = "gevent behind nginx"
STORES = ("memory", "sqlite", "redis", SHARED)
PLACES = [*product(STORES, ENGINES), ("memory", PYWSGI), ("memory", NGINX)]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` meets each two of a store, an engine and a transport; all three together are for `make prove`."""
    for item in items:
        chosen = parameters(item) if item.path.parent == Path(__file__).parent else {}
        store, engine = chosen.get("place", ("", ""))
        if "transport" in chosen and engine in ENGINES:
            numbers = STORES.index(store), ENGINES.index(engine), [*CLIENTS].index(chosen["transport"])
            if sum(numbers) % len(ENGINES):
                item.add_marker(pytest.mark.prove)


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Callable[[str], list[str]]:
    """`database(store)` is what a server is told, to have a store like this of its own."""
    folder, numbers = tmp_path_factory.mktemp("stores"), count()

    def arguments(store: str) -> list[str]:
        match store:
            case "memory":
                return ["--store", "memory"]
            case "sqlite":
                return ["--store", f"sqlite:{Path(folder, f'{next(numbers)}.db')}"]
        workers = ["--workers", "2"] if store == SHARED else []
        return ["--store", request.getfixturevalue("redis_database")(), *workers]

    return arguments


@pytest.fixture(scope="session", params=PLACES, ids="-".join)
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A store and an engine."""
    return request.param


@pytest.fixture(scope="session")
def server(
    place: tuple[str, str],
    serving: Callable[..., Server],
    database: Callable[[str], list[str]],
    request: pytest.FixtureRequest,
) -> Site:
    """A server of all four whose rooms keep KEEP messages or a few more."""
    store, engine = place
    if engine == NGINX:
        return request.getfixturevalue("fronting")(serving("gevent", *database(store), "--keep", KEEP))
    return serving(engine, *database(store), "--keep", KEEP)


@pytest.fixture(params=CLIENTS)
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def connect(transport: str) -> Iterator[Callable[[Site], Client]]:
    """`connect(server)` is another client of this transport."""
    with ExitStack() as stack:

        def connected(server: Site) -> Client:
            client = CLIENTS[transport](server)
            stack.callback(client.close)
            return client

        yield connected


@pytest.fixture
def client(server: Site, connect: Callable[[Site], Client]) -> Client:
    """A client of this transport."""
    return connect(server)
