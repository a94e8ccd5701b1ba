"""What a held connection takes of the generator's memory, against a server that holds them and says nothing."""

from pathlib import Path

import pytest

from tests.load_bench.costs import HALL, Sender
from tests.loadtests.generator import Part, generator

BOUND = 30 * 1024  # bytes for each


def rss(rooms: int, participants: int, folder: Path) -> int:
    """The generator's memory with all of its users connected."""
    folder.mkdir()
    scenario = folder / "hall.toml"
    scenario.write_text(HALL.format(rooms=rooms, participants=participants))
    options = ("--transport", "websocket", "--scenario", scenario, "--duration", 1, "--out", folder / "out")
    with Sender() as sender, generator(f"http://127.0.0.1:{sender.port}", *options) as process:
        sender.do("accept", rooms * participants)
        process.wait_for("collected")
        sender.process.kill()
        process.wait_for("written")
        assert process.end() == (0, "")
    part = Part(folder / "out")
    assert part.info.errors == {} and part.receivers.height == part.connections.height == rooms * participants
    return int(part.generator["rss_bytes"].drop_nulls()[-1])


@pytest.mark.parametrize("users", [1_000, pytest.param(10_000, marks=[pytest.mark.prove, pytest.mark.timeout(600)])])
def test_a_held_connection_takes_under_30_kib(users: int, tmp_path: Path) -> None:
    alone = rss(1, 1, tmp_path / "alone")
    each = (rss(users // 1_000, 1_000, tmp_path / "all") - alone) / (users - 1)
    print(f"{users} connections: {each / 1024:.1f} KiB each")
    assert each < BOUND
