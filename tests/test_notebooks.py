"""Every notebook runs from recorded data, asks before it shows, and ends with things to try."""

import ast
import re
import time
from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient

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
def test_a_notebook_runs_from_recorded_data_and_shows(source, record_property, capsys):
    notebook = jupytext.read(source)
    began = time.monotonic()
    NotebookClient(notebook, resources={"metadata": {"path": NOTEBOOKS}}).execute()
    took_s = time.monotonic() - began
    record_property("took_s", took_s)  # all seven together are to take less than three minutes; nothing asserts on time
    with capsys.disabled():
        print(f" {source.stem} {took_s:.1f} s", end="")
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    assert "<table" in shown
    assert "data:image/svg+xml" in shown or source.stem == "claims"
    assert "made by `lab" in shown or source.stem == "claims", "no figure says which command made its run"


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
    assert 3 <= len(items) <= 4
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
