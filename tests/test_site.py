"""The course builds without a warning, and loads nothing from another host."""

import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.tools import find

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=find("chromium"), args=["--no-sandbox", "--disable-gpu"])


CONTRASTS = """() => [...document.querySelectorAll(".scroll > svg text")].map((text) => {
  const luminance = (color) => color.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, n) => sum + part * [0.2126, 0.7152, 0.0722][n], 0);
  let sheet = text;
  while (/^rgba\\(.*, 0\\)$/.test(getComputedStyle(sheet).backgroundColor)) sheet = sheet.parentElement;
  const pair = [getComputedStyle(text).fill, getComputedStyle(sheet).backgroundColor].map(luminance);
  return [text.textContent, (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)];
})"""


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
        shown = re.sub(r"<[^>]*>", "", page.read_text())  # what is highlighted is in pieces
        assert "{{" not in shown and "--8" not in shown, page


def test_the_first_lesson_shows_its_figures_and_its_table_from_the_recorded_run(site):
    page = (site / "who-hears-first" / "index.html").read_text()
    assert page.count('<svg role="img" aria-label="') == 3
    assert page.count("The numbers in this figure") == 3
    assert page.count("results/reference/irc-room") >= 4
    assert "<td" in page and "WebSocket" in page


def test_no_two_elements_of_a_page_share_an_id(site):
    for page in site.rglob("*.html"):
        ids = Counter(re.findall(r'\sid="([^"]+)"', page.read_text()))
        assert [name for name, count in ids.items() if count > 1] == [], page


@pytest.mark.browser
@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("address", ["index.html", "who-hears-first/index.html"])
def test_the_words_in_a_figure_can_be_read_on_either_paper(site, tool, request, system, address):
    tool("chromium")
    page = request.getfixturevalue("browser").new_page(color_scheme=system)
    page.goto(f"file://{site / address}")
    for _ in range(2):  # as the system has it, and after the switch in the page's head
        contrasts = page.evaluate(CONTRASTS)
        assert contrasts
        assert [(text, contrast) for text, contrast in contrasts if contrast < 4.5] == []
        scheme = page.locator("body").get_attribute("data-md-color-scheme")
        page.locator(".md-header__option label:visible").click()
        page.locator(f"body:not([data-md-color-scheme={scheme}])").wait_for()
    page.close()


@pytest.mark.browser
def test_on_a_phone_the_words_in_a_figure_keep_a_size_that_can_be_read(site, tool, request):
    tool("chromium")
    page = request.getfixturevalue("browser").new_page(viewport={"width": 360, "height": 740})
    for address in ("index.html", "who-hears-first/index.html"):
        page.goto(f"file://{site / address}")
        heights = page.evaluate(
            "[...document.querySelectorAll('.scroll > svg text')].map((text) => text.getBoundingClientRect().height)"
        )
        assert heights and min(heights) >= 8  # px
        assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.close()


def test_the_palette_of_the_site_is_that_of_the_page():
    assert (ROOT / "lessons/stylesheets/palette.css").read_text() == (ROOT / "servers/web/palette.css").read_text()
