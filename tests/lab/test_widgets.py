"""lab/widgets.py: a page brings the data of the widgets that it shows, once, and no other."""

import json
import re

from markdown import Markdown

from lab import summary, widgets
from lab.manifest import Verdict
from lab.model import export
from lab.plan import Cell
from lab.stats import Estimate

DATA = re.compile(r'<script type="application/json" data-widgets="([a-z]+)">(.*?)</script>', re.DOTALL)


def page(text: str) -> str:
    return Markdown(extensions=["md_in_html", "pymdownx.superfences", "lab.widgets"]).convert(text)


def brought(text: str) -> dict[str, object]:
    found = DATA.findall(page(text))
    assert len({name for name, _ in found}) == len(found)
    return {name: json.loads(content) for name, content in found}


def test_a_page_brings_what_its_widgets_draw_and_nothing_twice():
    assert brought("Words.") == {}
    assert list(brought("<wait-timeline></wait-timeline>")) == ["wire"]
    both = brought("<wait-timeline></wait-timeline>\n\nwords\n\n<my-run></my-run>\n\n<wait-timeline></wait-timeline>")
    assert list(both) == ["wire", "reference"]
    assert brought("<frame-lab></frame-lab>") == {}


def test_a_widget_that_is_only_spoken_of_brings_nothing():
    assert brought("The tag is `<my-run></my-run>`.\n\n```html\n<my-run></my-run>\n```") == {}


def test_a_widget_stands_by_itself_and_says_what_it_needs():
    made = page("Before.\n\n<frame-lab></frame-lab>\n\nAfter.").replace("\n\n", "\n")
    assert f"<p>Before.</p>\n<frame-lab>{widgets.WITHOUT_SCRIPTS}</frame-lab>\n<p>After.</p>" in made.replace(
        "\n\n", "\n"
    )


def test_what_it_brings_cannot_end_its_own_script(monkeypatch):
    monkeypatch.setattr(export, "wire", lambda: {"text": "</script><b>"})
    widgets.data.cache_clear()
    assert brought("<wait-timeline></wait-timeline>") == {"wire": {"text": "</script><b>"}}
    widgets.data.cache_clear()


def test_the_reference_is_the_recorded_run_without_what_is_not_drawn():
    found, right = widgets.reference(), summary.read(widgets.REFERENCE / widgets.RUN)
    assert found["schema_version"] == right.schema_version and len(found["cells"]) == len(right.cells)
    for cell, row in zip(found["cells"], right.cells, strict=True):
        assert Cell(cell["transport"], cell["poll_interval_s"]) == row.cell
        assert set(cell["figures"]) == set(widgets.SHOWN) == {each["key"] for each in found["quantities"]}
        assert all(Estimate(*cell["figures"][key]) == row[key] for key in widgets.SHOWN)


def test_a_reference_that_is_not_valid_would_be_no_reference():
    assert all(row.verdict == Verdict(True, []) for row in summary.read(widgets.REFERENCE / widgets.RUN).cells)
