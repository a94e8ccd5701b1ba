"""Each README says how to begin, how to check, and how to get a hint."""

import pytest

from lab.grader.exercise import every


@pytest.mark.parametrize("exercise", every(), ids=lambda one: one.name)
def test_a_readme_names_the_commands(exercise):
    readme = (exercise.folder / "README.md").read_text(encoding="utf-8")
    for word in ("start", "check", "hint"):
        assert f".venv/bin/lab exercise {word} {int(exercise.name[:2])}" in readme
