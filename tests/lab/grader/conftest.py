"""What the grader's tests share: answers to the first exercise, right and ill-behaved."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lab.grader.exercise import find
from lab.grader.marking import Report, mark
from tests.processes import ROOT

SOLUTION = (ROOT / "instructor" / "01-cursor" / "solution" / "chat.py").read_text(encoding="utf-8")


@pytest.fixture
def answer(tmp_path: Path) -> Callable[[str], Path]:
    """`answer(text)` is a folder in which chat.py has this text."""

    def written(text: str) -> Path:
        folder = tmp_path / "01-cursor"
        folder.mkdir()
        (folder / "chat.py").write_text(text, encoding="utf-8")
        return folder

    return written


@pytest.fixture
def marked(answer: Callable[[str], Path]) -> Callable[[str], Report]:
    """`marked(text)` is what came of a chat.py with this text."""
    return lambda text: mark(find("1"), answer(text))
