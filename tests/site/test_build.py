"""The course is built out of what is here, and weighs little."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.site.building import wall

ASK = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"
LIMIT = 500 * 1024  # bytes, and not one less for being compressed: the server in the tests sends all as it is
INKS = """[...document.querySelectorAll("article :is(h1, p, td, pre code), svg[role=img] text")]
    .map((words) => getComputedStyle(words)[words.closest("svg") ? "fill" : "color"])"""
PAPERS = ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
Visit = Callable[..., Page]


def test_the_course_was_built_where_nobody_else_can_be_reached(site: Path, origin: str, tool: Any) -> None:
    """Behind the same wall not even a server of this machine's answers."""
    tool("unshare"), tool("ip")
    if not wall():
        pytest.skip("no network namespace can be made here: it takes root, or user namespaces")
    asking = [sys.executable, "-c", ASK, origin.rpartition(":")[2]]
    assert subprocess.run(asking, capture_output=True).returncode == 0
    behind = subprocess.run([*wall(), *asking], capture_output=True, text=True)
    assert behind.returncode == 1 and "ConnectionRefusedError" in behind.stderr


@pytest.mark.browser
def test_the_first_page_weighs_under_500_KiB_without_the_search_index(origin: str, visit: Visit) -> None:
    page = visit(origin, "404.html")
    network = page.context.new_cdp_session(page)
    addresses: dict[str, str] = {}
    weights: dict[str, int] = {}
    network.on("Network.requestWillBeSent", lambda sent: addresses.update({sent["requestId"]: sent["request"]["url"]}))
    network.on("Network.loadingFinished", lambda got: weights.update({got["requestId"]: got["encodedDataLength"]}))
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(f"{origin}/")
    page.wait_for_load_state("networkidle")
    counted = {url: weights[key] for key, url in addresses.items() if key in weights and "search_index" not in url}
    assert f"{origin}/" in counted and any(address.endswith(".js") for address in counted)
    assert sum(counted.values()) < LIMIT, counted


@pytest.mark.browser
def test_a_page_that_was_dark_is_printed_in_dark_ink_without_what_can_only_be_pressed(
    origin: str, visit: Visit
) -> None:
    page = visit(origin, "who-hears-first/", color_scheme="dark")
    page.emulate_media(media="print")
    colors = page.evaluate(INKS)
    assert colors and all(max(map(int, color[4:-1].split(","))) < 128 for color in colors), set(colors)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in PAPERS
    for pressed in (".md-header", ".md-sidebar", ".md-footer", ".md-code__nav", ".md-top"):
        assert not any(part.is_visible() for part in page.locator(pressed).all()), pressed
