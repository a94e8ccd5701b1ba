"""The demonstrations, each really made once, with one repeat."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lab import observations
from lab.observations import Observations


@pytest.fixture
def demonstrate(lab: Callable[..., object], tmp_path: Path) -> Callable[[str], Observations]:
    """`demonstrate(name, by)` is what the command saw in one repeat, with this program; its report is rebuilt."""

    def seen(name: str, by: str = "chromium") -> Observations:
        said = lab("experiment", name, "--repeats", 1, "--seed", 7, "--out", tmp_path)
        assert said.code == 0, said.err
        (folder,) = tmp_path.iterdir()
        page = (folder / "report.html").read_bytes()
        assert lab("report", folder).out == said.out
        assert (folder / "report.html").read_bytes() == page
        found = observations.read(folder)
        assert (found.name, found.seed) == (name, 7) and by in found.packages
        assert {len(one.values) for one in found.seen} == {1}
        return found

    return seen
