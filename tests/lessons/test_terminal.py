"""A reader's terminal does what a terminal does, wherever the tests are started from."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lessons.terminal import Terminal
from tests.processes import PATIENCE, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the terminal looks into /proc")


def test_ctrl_c_ends_what_runs(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, dict(os.environ))
    terminal.type("sleep 600")
    terminal.press()
    assert terminal.process and terminal.process.returncode == -signal.SIGINT
    terminal.close()


def test_ctrl_c_is_heard_where_the_tests_run_in_the_background() -> None:
    """Where a shell has them ignore it."""
    test = f"{__file__}::{test_ctrl_c_ends_what_runs.__name__}"
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=ROOT, capture_output=True, text=True, timeout=3 * PATIENCE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout
