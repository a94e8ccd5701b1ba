"""What all tests share: real servers, and rooms that nobody used before."""

import os
import secrets
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from tests.front import Front
from tests.processes import Server
from tests.redis_server import VOLATILE, RedisServer
from tests.site import building
from tests.tools import TOOLS, find

settings.register_profile("polls apart", deadline=None)  # what takes long on a busy machine is not wrong
settings.load_profile("polls apart")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in whatever a script starts with &, and what that starts
    signal.signal(signal.SIGINT, signal.default_int_handler)

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each of a thousand processes would compile Locust and SciPy again


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of this run's that all its workers have in common."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def site(shared: Path) -> Path:
    """The course, built once."""
    return building.site(shared / "site")


@pytest.fixture(scope="session")
def running() -> Iterator[Callable[..., Server]]:
    """`running(*arguments)` is a server with these arguments, started once and shared: use a fresh room."""
    servers: dict[tuple[object, ...], Server] = {}

    def server(*arguments: object, **options: object) -> Server:
        key = (*arguments, *options.values())
        if key not in servers:
            servers[key] = Server(*arguments, **options)
        return servers[key]

    yield server
    with ThreadPoolExecutor() as pool, ExitStack() as stack:
        for closing in [pool.submit(server.close) for server in servers.values()]:
            stack.callback(closing.result)


@pytest.fixture
def start() -> Iterator[Callable[..., Server]]:
    """`start(*arguments)` is a server of the test's own, which the test may end."""
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(Server(*arguments, **options))


@pytest.fixture
def room() -> str:
    """The name of an empty room."""
    return f"room-{secrets.token_hex(6)}"


@pytest.fixture
def allow() -> Iterator[Callable[[int], None]]:
    """`allow(n)` lets a test's processes open n files. Where only root could, it is skipped, or fails if CI=true."""
    resource = pytest.importorskip("resource", reason="this system has no such limit")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    def raise_to(needed: int) -> None:
        soft, hard = before
        if hard == resource.RLIM_INFINITY or hard >= needed:
            return  # every process raises its own soft limit
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, needed))
        except ValueError:  # it takes CAP_SYS_RESOURCE
            reason = f"{needed:,} open files are needed, {hard:,} allowed: sudo prlimit --nofile={needed} --pid $$"
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)

    yield raise_to
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """`tool(name)` is the path of a program that is not ours. Without it a test is skipped, or fails if CI=true."""

    def path(name: str) -> str:
        if found := find(name):
            return found
        package, untested = TOOLS[name]
        reason = f"{untested} (no {name}). To get it on Debian or Ubuntu: sudo apt-get install {package}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)

    return path


@pytest.fixture(scope="session")
def fronting(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Front]]:
    """`fronting(server, site, **options)` is an nginx before that server, until the tests are over."""
    tool("nginx"), tool("openssl")
    with ExitStack() as stack:

        def fronted(server: Server | str, site: str = "good", **options: object) -> Front:
            return stack.enter_context(Front(server, site, tmp_path_factory.mktemp("nginx"), **options))

        yield fronted


@pytest.fixture(scope="session")
def redis_database(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """`redis_database()` is the URL of an empty database, each time another, of one Redis that nobody may end."""
    server, numbers = RedisServer(tool("redis-server"), tmp_path_factory.mktemp("redis"), *VOLATILE), count()
    yield lambda: f"{server.url}/{next(numbers)}"
    server.kill()


@pytest.fixture
def start_redis(
    tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., RedisServer]]:
    """`start_redis(*config)` is a Redis of the test's own, which the test may end."""
    with ExitStack() as stack:

        def started(*config: str) -> RedisServer:
            server = RedisServer(tool("redis-server"), tmp_path_factory.mktemp("redis"), *config)
            stack.callback(server.kill)
            return server

        yield started


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How long the notebooks took together: it is to be less than three minutes, and nothing asserts on time."""
    passed = terminalreporter.stats.get("passed", [])
    took = [value for report in passed for name, value in report.user_properties if name == "notebook_s"]
    if took:
        terminalreporter.write_line(f"{len(took)} notebooks executed in {sum(took):.0f} s together.")
