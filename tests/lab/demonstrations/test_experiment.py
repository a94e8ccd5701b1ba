"""The demonstrations as commands: listed, refused in a sentence where they cannot be, and gone when interrupted."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from msgspec import structs

from lab import answers, observations
from lab.demonstrations import experiment
from lab.errors import BadUse
from tests.lab.test_observations import FOUND
from tests.processes import until


def test_the_list_has_them(lab: Callable[..., object]) -> None:
    said = lab("experiment")
    assert set(experiment.ALL) == set(answers.DEMONSTRATIONS)
    assert all(name in said.out for name in answers.DEMONSTRATIONS)


def test_without_playwright_a_sentence_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, lab: Callable[..., object], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    for name in set(answers.DEMONSTRATIONS) - {"proxies"}:
        said = lab("experiment", name, "--out", tmp_path)
        assert said.code == 2 and "pip install playwright" in said.err and len(said.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_without_a_browser_a_sentence_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, lab: Callable[..., object], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "none"))
    said = lab("experiment", "headers", "--out", tmp_path / "runs")
    assert said.code == 2 and "apt-get install chromium" in said.err and len(said.err.splitlines()) == 1
    assert list((tmp_path / "runs").iterdir()) == []


def name_of(process: psutil.Process) -> str:
    """A process's name; none when it has just ended."""
    with suppress(psutil.NoSuchProcess):
        return process.name()
    return ""


def lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


@pytest.mark.browser
@pytest.mark.skipif(os.name != "posix", reason="Windows has no signal that ends a process in order")
@pytest.mark.parametrize("name", ["browser", "debugging"])  # the latter starts whatever any of them does
def test_ctrl_c_leaves_nothing_behind(name: str, tool: Callable[[str], str], tmp_path: Path) -> None:
    """The terminal's, which every process that belongs to it hears."""
    tool("chromium")
    tool("tshark")
    command = [sys.executable, "-m", "lab", "experiment", name, "--out", str(tmp_path)]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    process = psutil.Process(running.pid)

    def has_a_browser() -> bool:
        return sum("chrom" in name_of(child) for child in process.children(recursive=True)) > 2  # it draws pages

    try:
        until(has_a_browser, 60)
        children = process.children(recursive=True)
        os.killpg(running.pid, signal.SIGINT)
        _, errors = running.communicate(timeout=60)
    finally:
        running.kill()
    assert running.returncode == 2 and errors.startswith("lab: Interrupted"), errors
    assert len(errors.splitlines()) == 1
    until(lambda: not any(map(lives, children)))
    assert list(tmp_path.iterdir()) == []


def test_observations_of_an_unknown_experiment_have_no_page(tmp_path: Path) -> None:
    observations.write(tmp_path, structs.replace(FOUND, name="seance"))
    with pytest.raises(BadUse, match="seance"):
        experiment.write(tmp_path)


def test_what_was_seen_is_kept_for_the_record_under_its_new_name(lab: Callable[..., object], tmp_path: Path) -> None:
    where, to = tmp_path / "seen", tmp_path / "reference"
    where.mkdir()
    observations.write(where, FOUND)
    assert lab("keep", where, to).code == 0
    assert observations.read(to) == structs.replace(FOUND, folder="reference")
    assert "From the recorded run reference, made by" in (to / "report.html").read_text(encoding="utf-8")
    assert "<dc:source>reference</dc:source>" in (to / "figures" / "headers.svg").read_text(encoding="utf-8")
