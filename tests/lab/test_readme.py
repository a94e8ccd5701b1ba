"""The README's table comes from a recorded run."""

import pytest

from lab import readme, report
from lab.errors import BadUse
from loadtests.records import TRANSPORTS

BEFORE = f"# Title\n\n{readme.BEGIN}\nold\n{readme.END}\n\nAfter.\n"


def test_the_table_has_four_rows_with_units_and_when_to_pick_it(run_folder):
    found = report.build(run_folder)
    lines = readme.markdown(found).splitlines()
    assert len(lines) == 6 and {line.count("|") for line in lines} == {7}
    assert "delivery latency p50" in lines[0] and "pick it when" in lines[0]
    assert "Short polling 1 s" in lines[2] and "509 ms" in lines[2]
    for line, transport in zip(lines[2:], TRANSPORTS, strict=True):
        assert readme.PICK[transport] in line


def test_only_what_stands_between_the_markers_changes_and_twice_is_once(run_folder, tmp_path):
    found = report.build(run_folder)
    path = tmp_path / "README.md"
    path.write_text(BEFORE)
    readme.update(path, run_folder)
    once = path.read_text()
    readme.update(path, run_folder)
    assert path.read_text() == once == BEFORE.replace("old", readme.markdown(found))


def test_a_readme_without_markers_or_a_folder_without_a_summary_is_a_sentence(run_folder, tmp_path):
    report.build(run_folder)
    path = tmp_path / "README.md"
    path.write_text("# Title\n")
    with pytest.raises(BadUse, match=r"README\.md has no <!-- table:begin"):
        readme.update(path, run_folder)
    path.write_text(BEFORE)
    with pytest.raises(BadUse, match=r"no readable summary\.json"):
        readme.update(path, tmp_path)
