"""What a held connection takes of the generator's memory: against a server that does nothing but hold it, and ours."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.load_bench.costs import HALL, Sender
from tests.loadtests.generator import Generator, Part, generator
from tests.processes import Server

BOUND = 30 * 1024  # bytes for each
SPARE = 1_000  # open files beside one for each connection, of the generator as of the server
Peer = Callable[[int], AbstractContextManager[tuple[str, Callable[[Generator], None]]]]


@contextmanager
def cheap(users: int) -> Iterator[tuple[str, Callable[[Generator], None]]]:
    """A URL, and what is to be done while a generator connects to it and until it has all it wants."""
    with Sender() as sender:

        def hold(process: Generator) -> None:
            sender.do("accept", users)
            process.wait_for("collected")
            sender.process.kill()

        yield f"http://127.0.0.1:{sender.port}", hold


@contextmanager
def ours(users: int) -> Iterator[tuple[str, Callable[[Generator], None]]]:
    with Server("websocket") as server:

        def hold(process: Generator) -> None:
            process.wait_for("window")
            assert server.metric("polls_apart_connections") == users
            process.wait_for("collected")
            assert server.terminate() == 0

        yield server.url, hold


def rss(peer: Peer, rooms: int, participants: int, folder: Path) -> int:
    """The generator's memory with all of its users connected."""
    folder.mkdir()
    scenario = folder / "hall.toml"
    scenario.write_text(HALL.format(rooms=rooms, participants=participants))
    options = ("--transport", "websocket", "--scenario", scenario, "--duration", 1, "--out", folder / "out")
    with peer(rooms * participants) as (url, hold), generator(url, *options) as process:
        hold(process)
        process.wait_for("written")
        assert process.end() == (0, "")
    part = Part(folder / "out")
    assert part.info.errors == {} and part.receivers.height == part.connections.height == rooms * participants
    return int(part.generator["rss_bytes"].drop_nulls()[-1])


LONG = [pytest.mark.prove, pytest.mark.timeout(900)]


@pytest.mark.parametrize(
    ("peer", "users"),
    [(cheap, 1_000), pytest.param(cheap, 10_000, marks=LONG), pytest.param(ours, 10_000, marks=LONG)],
)
def test_a_held_connection_takes_under_30_kib(
    peer: Peer, users: int, allow: Callable[[int], None], tmp_path: Path
) -> None:
    allow(users + SPARE)
    alone = rss(peer, 1, 1, tmp_path / "alone")
    each = (rss(peer, users // 1_000, 1_000, tmp_path / "all") - alone) / (users - 1)
    print(f"{users:,} connections to {peer.__name__}: {each / 1024:.1f} KiB each")
    assert each < BOUND
