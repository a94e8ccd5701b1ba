"""What is long unfolds, row by row: by keyboard, without scripts, on a phone, by a link, and on paper."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lab.claims import entries

pytestmark = pytest.mark.browser
LESSON = "choose-and-defend"
PHONE = {"width": 360, "height": 740}
STICKING_OUT = """() => [...document.querySelectorAll(".unfolding *")]
  .filter((part) => part.getBoundingClientRect().right > document.documentElement.clientWidth)
  .map((part) => part.outerHTML)"""
SCROLLING = "boxes => boxes.filter((box) => box.scrollWidth > box.clientWidth).length"
SHOWN = "cells => cells.map((cell) => [cell.dataset.head, getComputedStyle(cell, '::before').content])"
Visit = Callable[..., Page]


def test_a_row_unfolds_by_keyboard_without_scripts(site: Path, visit: Visit) -> None:
    page = visit(f"file://{site}", f"{LESSON}/index.html", java_script_enabled=False)
    for rows, words in ((".claims", "It holds if"), (".cases", "way of delivery")):
        details = page.locator(f"{rows} details").nth(1)
        expect(details.get_by_text(words)).to_be_hidden()
        details.locator("summary").press("Enter")
        expect(details.get_by_text(words)).to_be_visible()


def test_unfolded_on_a_phone_nothing_sticks_out_and_nothing_scrolls(origin: str, visit: Visit) -> None:
    page = visit(origin, f"{LESSON}/", viewport=PHONE)
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true })")
    expect(page.locator(".prices").last).to_be_visible()
    assert page.evaluate(STICKING_OUT) == []
    assert page.locator(".unfolding .scroll").count() == 0


def test_a_link_to_a_claim_unfolds_it(origin: str, visit: Visit) -> None:
    page = visit(origin, f"{LESSON}/")
    page.locator("article a[href='#claim-c7']").click()
    expect(page.locator("#claim-c7")).to_be_in_viewport()
    expect(page.locator(".claims details[open]")).to_have_count(1)


def test_on_paper_all_is_unfolded(origin: str, visit: Visit) -> None:
    page = visit(origin, f"{LESSON}/")
    page.emulate_media(media="print")
    for claim in entries.CLAIMS:
        expect(page.locator(f"#claim-{claim.id.lower()}")).to_be_visible()
    for prices in page.locator(".prices").all():
        expect(prices).to_be_visible()


@pytest.mark.parametrize("address", ["", "exercises/", "reference/monitoring/", "notebooks/claims/"])
def test_on_a_phone_each_row_of_a_table_of_cards_is_a_card_without_scripts(
    address: str, site: Path, visit: Visit
) -> None:
    page = visit(f"file://{site}", f"{address}index.html", viewport=PHONE, java_script_enabled=False)
    cards = page.locator(".cards tbody tr")
    assert cards.count() >= 4
    assert page.evaluate(STICKING_OUT.replace(".unfolding", ".cards tbody")) == []
    assert page.locator(".cards .scroll").evaluate_all(SCROLLING) == 0
    told = cards.first.locator("td").evaluate_all(SHOWN)
    assert told and all(shown == f'"{head}"' for head, shown in told)
