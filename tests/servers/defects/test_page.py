"""The page of the defects and the tests that show them: each has the other."""

import ast
import re

from tests.processes import ROOT
from tests.servers.defects import PAGE

HERE = ROOT / "tests" / "servers" / "defects"
ROWS = [line.split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
DEFECTS = [row for row in ROWS if not row[0].startswith(("| defect", "| ---"))]


def probes() -> set[str]:
    """The tests of this folder that are put to both servers."""
    return {
        function.name
        for path in HERE.glob("test_*.py")
        for function in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(function, ast.FunctionDef) and "place" in [argument.arg for argument in function.args.args]
        if function.name.startswith("test_")
    }


def test_every_defect_on_the_page_names_the_test_that_shows_it() -> None:
    assert len(DEFECTS) > 30
    for row in DEFECTS:
        shown = re.findall(r"`(\w+)`", row[4])
        assert shown and set(shown) <= probes(), row[0]


def test_every_test_of_a_defect_is_on_the_page_once() -> None:
    named = [name for row in DEFECTS for name in re.findall(r"`(\w+)`", row[4])]
    assert sorted(named) == sorted(probes())


def test_every_defect_is_mended_by_a_file_that_is_there() -> None:
    for row in DEFECTS:
        files = re.findall(r"`(servers/[\w/.]+)`", row[3])
        assert files, row[0]
        assert all((ROOT / file).is_file() for file in files), row[0]
        assert not any(file.startswith("servers/minimal/") for file in files)
