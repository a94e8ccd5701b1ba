"""A learner's Markdown, read: sections, a table, the numbers in the prose, and which of them are a value rounded."""

from pathlib import Path

import pytest

from lab.grader.written import Written, is_rounded, numbers

TEXT = """# Title

## One

Case: `game`
Between 4 and 1,234.5 ms, at p95; not on 2026-01-31.

## Two

| row | value |
| --- | ---: |
| `sse` | 4.1 |
"""


def test_sections_lines_and_a_table_are_found(tmp_path: Path) -> None:
    (tmp_path / "report.md").write_text(TEXT)
    found = Written(tmp_path / "report.md")
    assert list(found.sections) == ["One", "Two"]
    assert found.said("One", "Case") == "game" and found.said("Two", "Case") == ""
    assert found.table("Two") == [["row", "value"], ["sse", "4.1"]] and found.table("One") == []
    assert found.numbers("Two") == [] and found.numbers("Three") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [("between 4 and 1,234.5 ms", [4, 1234.5]), ("at p95 and 95 in 100", [95, 100]), ("20ms, 0.08s", [20, 0.08]),
     ("HTTP/1.1, C12", []), ("one, two, 3.", [3])],
)  # fmt: skip
def test_numbers_stand_by_themselves(text: str, found: list[float]) -> None:
    assert numbers(text) == found


@pytest.mark.parametrize("written", [952.224251, 952.224, 952, 950])
def test_a_value_may_be_rounded(written: float) -> None:
    assert is_rounded(952.224251, written)


@pytest.mark.parametrize("written", [953, 952.3, 1000, 900, 0, 0.952])
def test_and_not_to_something_else(written: float) -> None:
    assert not is_rounded(952.224251, written)
