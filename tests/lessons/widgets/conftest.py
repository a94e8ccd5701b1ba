"""A page of the site with all four widgets, opened from its file by people who have a real browser and no network."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from lab.model.machine import Machine
from lab.model.recorded import folders, machine_of
from lab.widgets import REFERENCE, WIDGETS
from tests.processes import ROOT
from tests.site.building import alone
from tests.tools import find

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def site(shared: Path) -> Path:
    """The site as it is set up, but of two pages: one with the widgets, and one without."""
    folder = shared / "widgets"
    with alone(folder.with_suffix(".lock")):
        if not folder.exists():
            build(folder)
    return folder / "site"


def build(folder: Path) -> None:
    docs = folder / "docs"
    docs.mkdir(parents=True)
    for place, part in ((docs, "scripts"), (docs, "stylesheets"), (docs, "pictures"), (folder, "overrides")):
        if (source := ROOT / ("lessons" if place == docs else "") / part).exists():
            (place / part).symlink_to(source)
    (docs / "widgets.md").write_text("# Widgets\n\n" + "\n\n".join(f"<{name}></{name}>" for name in WIDGETS) + "\n")
    (docs / "index.md").write_text("# None\n\nOf `<my-run></my-run>` there is only the name.\n")
    pages = "nav: [index.md, widgets.md]"
    (folder / "mkdocs.yml").write_text(f"INHERIT: {ROOT / 'mkdocs.yml'}\ndocs_dir: docs\nsite_dir: site\n{pages}\n")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(folder / "mkdocs.yml")]
    built = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr


@pytest.fixture(scope="session")
def machine() -> Machine:
    """The machine of the recorded runs, as each build fits it."""
    return machine_of(folders(REFERENCE))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, closed after each file: beside its driver's event loop no other test could run one."""
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=find("chromium"), args=CHROMIUM)


class Visits:
    """Pages that were opened, and what went wrong in them: it is to be nothing."""

    def __init__(self, site: Path, browser: Browser) -> None:
        self.site, self.browser = site, browser
        self.wrong: list[str] = []
        self.contexts = ExitStack()

    def __call__(self, address: str = "widgets/index.html", **options: Any) -> Page:
        context = self.browser.new_context(**{"reduced_motion": "reduce"} | options)
        self.contexts.callback(context.close)
        page = context.new_page()
        page.set_default_timeout(10_000)  # ms
        page.on("console", lambda message: message.type in ("error", "warning") and self.wrong.append(message.text))
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("request", lambda request: request.url.startswith("file://") or self.wrong.append(request.url))
        page.goto((self.site / address).as_uri())
        return page

    def end(self) -> None:
        self.contexts.close()
        assert self.wrong == []


@pytest.fixture
def visit(tool: Callable[[str], str], request: pytest.FixtureRequest) -> Iterator[Visits]:
    """`visit(color_scheme="dark")` is the page with the widgets, as nobody has touched it."""
    tool("chromium")
    visits = Visits(request.getfixturevalue("site"), request.getfixturevalue("browser"))
    yield visits
    visits.end()


@pytest.fixture
def page(visit: Visits) -> Page:
    return visit()


@pytest.fixture(scope="module")
def scripts(tool: Callable[[str], str], request: pytest.FixtureRequest) -> Iterator[Page]:
    """The page, for those who ask its scripts or leave a widget as they found it: all of a file's tests share it."""
    tool("chromium")
    visits = Visits(request.getfixturevalue("site"), request.getfixturevalue("browser"))
    yield visits()
    visits.end()
