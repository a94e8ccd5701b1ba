"""lab/notebook_pages.py: what a page says and shows, and when it is made again."""

import pytest
from nbclient.exceptions import CellExecutionError

from lab import notebook_pages, palette

NOTEBOOK = """# %% [markdown]
# # Does it *show*?
#
# It asks first.

# %%
from lab import showing
print("so many")

# %%
svg = '<svg xmlns="http://www.w3.org/2000/svg"><text id="a" fill="INK">wait &lt; 1 s</text></svg>'
showing.figure(svg, "A & B", ["from a run"])

# %%
showing.table(["way", "wait"], [["SSE", "1 ms"]], ["from a run"])
"""


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A notebook in a house of its own, with the real `lab` to import."""
    for name in ("lab", "loadtests", "results/reference", "notebooks", "lessons"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "lab" / "numbers.py").write_text("DIGITS = 3\n")
    (tmp_path / "results/reference/summary.json").write_text("{}")
    (tmp_path / "requirements-dev.lock").write_text("polars==1\n")
    monkeypatch.setattr(notebook_pages, "READ", tuple(str(tmp_path / name) for name in notebook_pages.READ))
    monkeypatch.setattr(notebook_pages, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(notebook_pages, "PAGES", tmp_path / "lessons" / "notebooks")
    written = tmp_path / "notebooks" / "asking.py"
    written.write_text(NOTEBOOK.replace("INK", palette.names()["ink-light"]))
    return written


def test_a_page_tells_what_the_notebook_tells_and_shows_what_it_shows(source):
    page = notebook_pages.make(source).read_text()
    head, told = page.split("---\n\n", 1)
    assert 'title: "Does it *show*?"' in head
    assert told.startswith("# Does it *show*?\n") and "\n\nIt asks first.\n" in told
    assert '```python\nfrom lab import showing\nprint("so many")\n```\n\n```text\nso many\n```' in told
    assert 'aria-label="Figure: A &amp; B"' in told and "wait &lt; 1 s" in told and 'fill="var(--ink)"' in told
    assert '<p class="from">from a run</p>' in told
    assert '<td class="number">1 ms</td>' in told
    assert "style=" not in told and "base64" not in told


def test_a_page_is_made_again_when_anything_that_it_is_made_from_has_changed(source, tmp_path):
    assert not notebook_pages.current(source)
    page = notebook_pages.make(source)
    assert notebook_pages.current(source)
    for name in ("lab/numbers.py", "results/reference/summary.json", "requirements-dev.lock", "notebooks/asking.py"):
        before = (tmp_path / name).read_text()
        (tmp_path / name).write_text(before + "\n")
        assert not notebook_pages.current(source), name
        (tmp_path / name).write_text(before)
    (tmp_path / "loadtests" / "records.py").write_text("")
    assert not notebook_pages.current(source)
    (tmp_path / "loadtests" / "records.py").unlink()
    assert notebook_pages.current(source)
    page.unlink()
    assert not notebook_pages.current(source)


def test_a_notebook_that_fails_stops_the_build_and_leaves_no_page(source):
    source.write_text(f"{NOTEBOOK}\n# %%\nshowing.nothing_of_that_name\n")
    with pytest.raises(CellExecutionError, match="nothing_of_that_name"):
        notebook_pages.make(source)
    assert not notebook_pages.PAGES.exists()
