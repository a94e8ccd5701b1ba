"""A comparison made of numbers that are known, for the tests that read one."""

import shutil
from pathlib import Path

import pytest

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
