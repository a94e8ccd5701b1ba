"""What the exercises' tests share."""

import subprocess
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture
def busy_core() -> Iterator[None]:
    """Something that wants a processor for itself, until the test is over."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield
    process.kill()
    process.wait()
