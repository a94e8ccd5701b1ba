"""What is in the built pages, read as text: nothing from elsewhere, nothing unread, and the recorded runs' figures."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

from tests.processes import ROOT


class Resources(HTMLParser):
    """The addresses that a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        loads = tag in ("script", "img", "iframe", "source", "video") and given.get("src")
        loads = loads or (tag == "link" and given.get("rel") != "canonical" and given.get("href"))
        if loads:
            self.found.append(loads)


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    for page in site.rglob("*.html"):
        resources = Resources()
        resources.feed(page.read_text())
        assert resources.found
        assert not [address for address in resources.found if re.match(r"(https?:)?//", address)], page


def test_no_directive_is_left_unread(site: Path) -> None:
    for page in site.rglob("*.html"):
        shown = re.sub(r"<[^>]*>", "", page.read_text())  # what is highlighted is in pieces
        assert "{{" not in shown and "--8" not in shown, page


def test_the_first_lesson_shows_its_figures_and_its_table_from_the_recorded_run(site: Path) -> None:
    page = (site / "who-hears-first" / "index.html").read_text()
    assert page.count('<svg role="img" aria-label="') == 2
    assert page.count("The numbers in this figure") == 2
    assert page.count("results/reference/irc-room") >= 3
    assert "<td" in page and "WebSocket" in page


def test_no_two_elements_of_a_page_share_an_id(site: Path) -> None:
    for page in site.rglob("*.html"):
        ids = Counter(re.findall(r'\sid="([^"]+)"', page.read_text()))
        assert [name for name, count in ids.items() if count > 1] == [], page


def test_the_palette_of_the_site_is_that_of_the_page() -> None:
    assert (ROOT / "lessons/stylesheets/palette.css").read_text() == (ROOT / "servers/web/palette.css").read_text()


def test_a_lesson_says_beneath_its_title_how_long_it_takes_and_what_it_is_for(site: Path) -> None:
    page = (site / "who-hears-first" / "index.html").read_text()
    told = page.partition("</h1>")[2].partition("<h2")[0]
    assert "Core · 20 minutes, and 10 to try it yourself" in told
    assert "Run a comparison of the four and read its figures." in told
    assert "to try it yourself" not in (site / "reference/monitoring/index.html").read_text()
