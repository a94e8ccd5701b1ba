"""What all four widgets have in common: nothing that axe knows is wrong, nothing sticks out, none needs a mouse."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from lab.widgets import WIDGETS
from tests.lessons.widgets.driving import behind

pytestmark = pytest.mark.browser
WIDTHS = {"phone": (360, 740), "laptop": (1280, 800), "projector": (1920, 1080)}
SMALL = 9  # px, below which a word in a picture cannot be read


STICKING = """() => [...document.querySelectorAll(".widget")].flatMap((widget) => {
  const edge = widget.getBoundingClientRect().right + 1;
  return [...widget.querySelectorAll(":is(.row, .slider, .buttons, .head, .costs, .field, .map) *")]
    .filter((one) => one.getBoundingClientRect().right > edge && !one.closest(".strip, .scroll, .spoken"))
    .map((one) => one.outerHTML.slice(0, 120));
})"""
HEIGHTS = """[...document.querySelectorAll(".widget svg text")].filter((text) => text.textContent)
    .map((text) => text.getBoundingClientRect().height)"""


def axe(page: Page) -> list[tuple[str, list[str]]]:
    """The rules that a widget breaks, and where. Style sheets are not read again: that needs a server."""
    broken = Axe().run(page, context="article", options={"preload": False}).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken]


SCHEMES = ("default", "slate")
SCREENS = [  # `make test` looks at each width and each scheme, `make prove` at all of both
    pytest.param(width, scheme, marks=[pytest.mark.prove] if (n - m) % len(SCHEMES) else [])
    for n, width in enumerate(WIDTHS)
    for m, scheme in enumerate(SCHEMES)
]


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_nothing_that_axe_knows_is_wrong_and_nothing_sticks_out(visit, width, scheme):
    wide, high = WIDTHS[width]
    page = visit(viewport={"width": wide, "height": high}, color_scheme="light")
    page.add_style_tag(content="* { transition: none !important }")  # no colour is judged on its way to another
    for widget in WIDGETS:
        behind(page.locator(widget))
    page.locator("body[data-md-color-scheme=default]").wait_for()
    if scheme != "default":
        page.locator(".md-header__option label:visible").click()
        page.locator(f"body[data-md-color-scheme={scheme}]").wait_for()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == wide
    assert page.evaluate(STICKING) == []
    heights = page.evaluate(HEIGHTS)
    assert len(heights) > 30 and min(heights) >= SMALL


def test_the_keyboard_comes_everywhere_and_its_place_is_seen(page):
    wanted = page.evaluate("""[...document.querySelectorAll(".widget :is(button, input, textarea, summary)")]
        .filter((one) => one.checkVisibility() && !one.disabled && !(one.type === "radio" && !one.checked)).length""")
    page.locator(".widget input").first.focus()
    reached = 0
    while page.evaluate("document.activeElement.closest('.widget') !== null"):
        if page.evaluate("document.activeElement.matches('button, input, textarea, summary')"):
            reached += 1
        shape = page.evaluate("""() => { const one = document.activeElement;
            return [one, one.closest("label") ?? one].map((one) => getComputedStyle(one).outlineStyle); }""")
        assert shape != ["none", "none"], page.evaluate("document.activeElement.outerHTML")
        page.keyboard.press("Tab")
    assert reached == wanted > 30


def test_every_slider_says_what_it_is_and_how_far_it_stands(page):
    for slider in page.locator(".widget input[type=range]").all():
        before = slider.get_attribute("aria-valuetext")
        assert before and slider.evaluate("slider => slider.labels[0].textContent.length > 4")
        shown = slider.locator("xpath=../b")
        expect(shown).to_have_text(before)
        slider.press("ArrowLeft")
        assert slider.get_attribute("aria-valuetext") != before
        expect(shown).to_have_text(slider.get_attribute("aria-valuetext"))


def test_each_picture_has_its_numbers_in_a_table(page):
    for widget in WIDGETS:
        tables = behind(page.locator(widget)).locator("table")
        assert tables.count() >= 1
        assert all(table.locator("caption").inner_text() for table in tables.all())
        assert tables.first.locator("tbody tr").count() >= 4


def test_each_shows_in_the_same_palette_as_the_rest(page):
    colours = page.evaluate("""() => ["short-polling", "long-polling", "sse", "websocket"].map((way) => {
      const places = [`wait-timeline .strip.${way} .marker`, `cost-crossover tr[data-transport=${way}] .mark`,
        `my-run .plot.${way} .theirs`];
      const styles = places.map((place) => getComputedStyle(document.querySelector(place)));
      const wanted = getComputedStyle(document.documentElement).getPropertyValue(`--${way}-color`).trim();
      return [wanted, styles[0].fill, styles[1].fill, styles[2].stroke];
    })""")
    for wanted, *found in colours:
        red, green, blue = (int(wanted[n : n + 2], 16) for n in (1, 3, 5))
        assert found == [f"rgb({red}, {green}, {blue})"] * 3


def test_in_print_the_pictures_stay_and_the_controls_go(page):
    page.emulate_media(media="print")
    assert page.locator(".widget .sliders").first.is_hidden()
    assert page.locator("wait-timeline .strip.sse").is_visible()
