"""A comparison made of numbers that are known, for the tests that read one; and the command, in this process."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from lab import cli
from lab.plan import Cell
from tests.lab import synthetic

MEDIANS = {Cell("short-polling", 1.0): 500.0, Cell("long-polling"): 4.0, Cell("sse"): 3.0, Cell("websocket"): 2.0}


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("runs") / "2026-01-01T000000Z-synthetic"
    synthetic.comparison(where, MEDIANS)
    return where


@pytest.fixture
def run_folder(made_once: Path, tmp_path: Path) -> Path:
    """A complete run folder that a test may change."""
    return Path(shutil.copytree(made_once, tmp_path / made_once.name))


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`lab(*arguments)` is the command without the seconds in which a new process imports SciPy, polars and Matplotlib.

    Whatever ends it otherwise than by its exit code fails the test.
    """

    def call(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["lab", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    return call
