"""The course as files, as `make site-zip` packs them: read and searched without a server."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests.processes import ROOT
from tests.site.building import alone

pytestmark = [pytest.mark.browser, pytest.mark.prove]  # it builds the course a second time
Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def unpacked(site: Path, shared: Path) -> Path:
    """The archive's folder. `site` is asked for since it has made the notebooks' pages."""
    folder = shared / "unpacked"
    with alone(folder.with_suffix(".lock")):
        if not folder.exists():
            given = ("DEV=", f"BIN={Path(sys.executable).parent}", f"BUILD={shared / 'build'}")
            packing = ["make", "--no-print-directory", "site-zip", *given]
            packed = subprocess.run(packing, cwd=ROOT, capture_output=True, text=True)
            assert packed.returncode == 0, packed.stderr
            archive = packed.stdout.split("Unpack ")[1].split(" and open")[0]
            ZipFile(archive).extractall(folder)
    return folder / "polls-apart-course"


def test_every_page_opens_from_its_file(unpacked: Path, visit: Visit) -> None:
    page = visit(f"file://{unpacked}", "index.html")
    pages = sorted(str(path.relative_to(unpacked)) for path in unpacked.rglob("*.html"))
    assert "who-hears-first.html" in pages and "notebooks/latency.html" in pages
    for address in pages:
        page.goto(f"file://{unpacked}/{address}")
        expect(page.locator("article h1")).to_be_visible()


def test_links_and_search_work_without_a_server(unpacked: Path, visit: Visit) -> None:
    page = visit(f"file://{unpacked}", "index.html")
    page.locator("article").get_by_role("link", name="Who hears first?").first.click()
    expect(page).to_have_url(f"file://{unpacked}/who-hears-first.html")
    page.get_by_role("textbox", name="Search").press_sequentially("Prometheus")
    page.locator(".md-search-result__link").first.click()
    expect(page.locator("article h1")).to_contain_text("Monitoring")
