"""How the page looks and how it is reached: by keyboard, on a phone, on a projector, and over a slow line."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.talking import Running, Visit, say, shows

pytestmark = pytest.mark.browser
SIZES = """Object.fromEntries(["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
    .map((entry) => [entry.name, entry.decodedBodySize]))"""
WIDTHS = {"phone": (320, 568), "laptop": (1366, 768), "projector": (1920, 1080)}


def test_the_keyboard_is_enough_and_its_place_is_seen(running: Running, room: str, visit: Visit) -> None:
    page = visit(running("all"), f"?room={room}")
    places = []
    for _ in range(9):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        style = focused.evaluate("one => { const s = getComputedStyle(one); return [s.outlineStyle, s.boxShadow]; }")
        assert style != ["none", "none"], focused.evaluate("one => one.outerHTML")
        places.append(focused.evaluate("one => one.id || one.className || one.textContent"))
    assert places == ["name", "room", "visually-hidden", *["log"] * 4, "text", "by"]
    page.get_by_label("Your name").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    shows(page, "one\ntwo")
    expect(page.locator(".log b").first).to_have_text("Ada")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    for key in ("Tab", "S", "Tab", "Tab", "ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("#by")).to_have_value("short-polling")
    expect(page.locator(".interval output")).to_have_text("1.5 s")


@pytest.mark.parametrize("kind", ["all", pytest.param("short-polling", marks=pytest.mark.prove)])
def test_nothing_that_axe_knows_is_wrong_and_nothing_sticks_out(
    kind: str, running: Running, room: str, visit: Visit
) -> None:
    server = running(kind)
    page = visit(server, "?room=No%20such%20room", outage=True, reduced_motion="reduce")
    page.locator("#text").evaluate("text => text.removeAttribute('maxlength')")
    say(page, "x" * 4001)
    say(page, "A message")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Take back")).to_be_visible()
    for pane in page.locator(".pane").all():
        expect(pane.get_by_text("A message").last).to_be_attached()
    for width, height in WIDTHS.values():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert axe(page) == [], (width, scheme)


def test_a_phone_shows_who_heard_first_in_all_four_panes_at_once(running: Running, room: str, visit: Visit) -> None:
    page = visit(running("all"), f"?room={room}", viewport={"width": 360, "height": 740})
    say(page, "dinner?")
    shows(page, "dinner?")
    composer = page.locator("footer").bounding_box()
    assert composer is not None and composer["height"] < 120
    for bar in page.locator(".race").all():
        box = bar.bounding_box()
        assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= composer["y"] + 1


def test_the_figures_of_a_pane_stand_in_one_line(running: Running, room: str, visit: Visit) -> None:
    page = visit(running("all"), f"?room={room}")
    say(page, "dinner?")
    shows(page, "dinner?")
    expect(page.locator(".websocket [data-figure=asked]")).to_have_text("request")
    for width, height in (WIDTHS["laptop"], (360, 740)):
        page.set_viewport_size({"width": width, "height": height})
        for pane in page.locator(".pane dl").all():
            assert len({box["y"] for part in pane.locator("dt").all() if (box := part.bounding_box())}) == 1


def axe(page: Page) -> list[tuple[str, list[str]]]:
    """The rules broken, and where."""
    broken = Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken]


def test_the_page_is_small(running: Running, room: str, visit: Visit) -> None:
    page = visit(running("all"), f"?room={room}")
    expect(page.locator(".pane[data-state=connected]")).to_have_count(4)
    sizes: dict[str, int] = page.evaluate(SIZES)
    files = {url: size for url, size in sizes.items() if "/rooms/" not in url}
    assert len(files) == 15
    assert sum(files.values()) < 42_000  # bytes: a quarter of a second at 1.35 Mbit/s
