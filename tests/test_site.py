"""The course builds without a warning, loads nothing from another host, and shows recorded numbers only."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LESSONS = sorted((ROOT / "lessons").glob("*.md"))
SECTIONS = ["Question", "Predict", "Run", "Explain", "Key points"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


class Resources(HTMLParser):
    """The addresses that a page loads by itself."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        loads = tag in ("script", "img", "iframe", "source", "video") and attrs.get("src")
        loads = loads or (tag == "link" and attrs.get("rel") != "canonical" and attrs.get("href"))
        if loads:
            self.found.append(loads)


def test_no_page_loads_anything_from_another_host(site):
    for page in site.rglob("*.html"):
        resources = Resources()
        resources.feed(page.read_text())
        assert resources.found
        assert not [address for address in resources.found if re.match(r"(https?:)?//", address)], page


def test_no_directive_is_left_unread(site):
    for page in site.rglob("*.html"):
        assert "{{" not in page.read_text(), page


def test_the_first_lesson_shows_its_figures_and_its_table_from_the_recorded_run(site):
    page = (site / "who-hears-first" / "index.html").read_text()
    assert page.count("<svg") >= 3
    assert page.count("results/reference/irc-room") >= 4
    assert "<td" in page and "WebSocket" in page


@pytest.mark.parametrize("lesson", [path for path in LESSONS if path.name != "index.md"], ids=lambda path: path.stem)
def test_a_lesson_has_its_parts_in_order(lesson):
    text = lesson.read_text()
    assert all(f"\n{field}" in text for field in ("teaching_min:", "objectives:", "misconceptions:", "requires:"))
    places = [text.find(f"\n## {section}\n") for section in SECTIONS]
    assert -1 not in places and places == sorted(places)


@pytest.mark.parametrize("page", LESSONS, ids=lambda path: path.stem)
def test_a_page_types_no_measured_number(page):
    prose = re.sub(r"^---.*?^---|```.*?```|\{\{.*?\}\}|`[^`]*`", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert not re.findall(r"\d[\d,.]*\s?(?:ms|µs|us|kB|KiB|MB|B|bytes|requests/s)\b", prose)


def test_the_palette_of_the_site_is_that_of_the_page():
    assert (ROOT / "lessons/stylesheets/palette.css").read_text() == (ROOT / "servers/web/palette.css").read_text()
