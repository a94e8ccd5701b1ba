"""Every notebook runs from recorded data, asks before it shows, and ends with things to try."""

import ast
import re
import time
from pathlib import Path

import jupytext
import pytest

import lab.notebook
from lab import notebook_pages
from lab.recording import Recording
from tests.site.building import alone

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
SOURCES = sorted(NOTEBOOKS.glob("*.py"))
NAMES = {"bandwidth", "break_even", "claims", "latency", "polling_dial", "server_cost", "thousands_of_connections"}
MEASURED = re.compile(r"\d\s?(%|ms\b|s\b|µs\b|B\b|kB\b|MB\b|KiB\b|bytes\b|seconds\b|times\b|to \d)")

every_notebook = pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)


def prose(source: Path) -> list[str]:
    return [cell.source for cell in jupytext.read(source).cells if cell.cell_type == "markdown"]


def code(source: Path) -> list[str]:
    return [cell.source for cell in jupytext.read(source).cells if cell.cell_type == "code"]


def test_there_is_a_notebook_for_each_question():
    assert {source.stem for source in SOURCES} == NAMES


@every_notebook
def test_a_notebook_runs_from_recorded_data_and_shows(source, shared, record_property):
    """It ran when its page was made, and again if anything that it is made from has changed since."""
    with alone(shared / "notebooks.lock"):
        if not notebook_pages.current(source):
            began = time.monotonic()
            notebook_pages.make(source)
            record_property("notebook_s", time.monotonic() - began)  # tests/conftest.py tells what they took together
    shown = notebook_pages.page_of(source).read_text(encoding="utf-8")
    assert "<table" in shown
    assert "<svg role=" in shown or source.stem == "claims"
    assert "made by `lab" in shown or source.stem == "claims", "no figure says which command made its run"


@every_notebook
@pytest.mark.parametrize("run", ["reference", "latest"])
def test_a_notebook_says_so_where_there_is_no_run(source, run, monkeypatch, tmp_path):
    """Each cell in this process, which is quicker than a kernel; none may fail for want of data."""
    monkeypatch.setattr(lab.notebook, "RUNS", dict.fromkeys(lab.notebook.RUNS, tmp_path))
    names: dict[str, object] = {}
    _, *cells = code(source)
    for cell in [f"RUN = {run!r}", *cells]:
        exec(compile(cell, source.name, "exec"), names)
    found = [value for value in names.values() if isinstance(value, Recording)]
    assert all(value.missing in repr(value) and "makes one" in value.missing for value in found)
    assert found or source.stem == "claims"


@every_notebook
def test_a_reader_may_choose_their_own_run_in_the_first_line(source):
    assert code(source)[0] == 'RUN = "reference"'
    assert '"latest"' in prose(source)[0]


@every_notebook
def test_a_notebook_asks_and_has_the_reader_predict(source):
    told = prose(source)
    assert "?" in told[0] or told[0].startswith("# What")
    assert sum("**Predict.**" in cell for cell in told) >= 3


@every_notebook
def test_a_notebook_ends_with_a_few_things_to_try(source):
    *_, last = prose(source)
    _, _, tries = last.partition("## Try")
    items = re.findall(r"^\d\. (.*?)(?=^\d\. |\Z)", tries, re.DOTALL | re.MULTILINE)
    assert 3 <= len(items) <= 5
    for item in items:
        assert "`" in item and "?" in item, f"neither a command or change, nor a question: {item}"


@every_notebook
def test_no_measured_number_is_typed_in_prose(source):
    for cell in prose(source):
        told = re.sub(r"`[^`]*`", "", cell.partition("## Try")[0])
        assert not MEASURED.search(told), MEASURED.search(told)


@every_notebook
def test_a_notebook_tells_and_leaves_the_building_to_lab(source):
    """No functions, classes or lambdas, and no comprehension within another."""
    comprehensions = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    tree = ast.parse("\n\n".join(code(source)))
    assert not [node for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda)]  # fmt: skip
    for outer in ast.walk(tree):
        if isinstance(outer, comprehensions):
            assert not [inner for inner in ast.walk(outer) if inner is not outer and isinstance(inner, comprehensions)]
