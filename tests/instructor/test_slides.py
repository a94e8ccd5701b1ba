"""The slides of Part I: one file that asks nobody, with the lessons' own figures, to be read from the last row."""

import re
from collections import Counter

import pytest
from playwright.sync_api import expect

from lab import slides
from lab.errors import BadUse
from tests.instructor.pack import DECK, HEADINGS
from tests.lessons.course import LESSONS, PAGES
from tests.site.test_content import Resources

STEMS = ("who-hears-first", "are-we-there-yet", "hold-the-line", "one-way-radio", "both-ways", "choose-first-draft")
PART_ONE = [lesson for lesson in LESSONS if lesson.path.stem in STEMS]
[FIRST] = [page for page in PAGES if str(page) == "index"]
SCREENS = [(1024, 768), (1280, 720), (1920, 1080)]
LOADS = re.compile(r"url\(\s*['\"]?(?!#|data:)|@import|\bfetch\(|XMLHttpRequest|<form\b")
CODE = re.compile(r"<code>.*?</code>", re.DOTALL)
OF_PAGES = ("page-has-heading-one", "heading-order", "region")  # of axe, for a whole page and no part of it
CUT_OFF = """() => [...document.querySelectorAll("section.now, section.now :is(pre, p, li, td)")]
    .filter((one) => one.clientWidth && one.clientHeight)
    .filter((one) => one.scrollHeight > one.clientHeight + 2 || one.scrollWidth > one.clientWidth + 2)
    .map((one) => one.tagName + ": " + one.textContent.trim().slice(0, 60))"""


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    """The file, as `make slides` writes it."""
    to = tmp_path_factory.mktemp("slides") / "part-1.html"
    assert slides.build(DECK.path, to) == count()
    return to


def count():
    return 1 + len(re.findall(r"^---$", DECK.text, re.MULTILINE))


def test_every_slide_has_a_title_and_is_one(deck):
    found = re.findall(r"<section id=\"(\d+)\".*?</section>", deck.read_text(), re.DOTALL)
    assert found == [str(n + 1) for n in range(count())] and len(HEADINGS) == count()
    for slide in slides.slides_of(DECK.text):
        assert len(re.findall(r"<h[12]", slide)) == 1, slide[:200]


def test_it_loads_nothing_and_leaves_nothing_unread(deck):
    text = deck.read_text()
    resources = Resources()
    resources.feed(text)
    assert resources.found == []
    assert not LOADS.search(CODE.sub("", text))
    assert "{{" not in re.sub(r"<[^>]*>", "", text.partition("<body>")[2].partition("<script>")[0])


def test_no_two_elements_share_an_id(deck):
    ids = Counter(re.findall(r'\sid="([^"]+)"', deck.read_text()))
    assert [name for name, times in ids.items() if times > 1] == []


def test_its_figures_sources_and_predictions_are_the_lessons_own(deck):
    shown = {tuple(words[:2]) for page in [*PART_ONE, FIRST] for words in page.directives}
    own = {tuple(words[:2]) for words in DECK.directives if words[0] in ("figure", "picture", "source")}
    assert own and own <= shown
    asked = {id: options for lesson in PART_ONE for id, options in lesson.asked("predict")}
    predicted = DECK.asked("predict")
    assert predicted and [id for id, options in predicted if asked.get(id) != options] == []
    answered = [words[1] for words in DECK.directives if words[0] == "prediction"]
    assert sorted(answered) == sorted(id for id, _ in predicted)
    text = deck.read_text()
    figures = [words for words in DECK.directives if words[0] in ("figure", "picture")]
    assert text.count("<figure>") == len(figures)


def test_without_a_title_or_a_file_it_says_so_in_a_sentence(tmp_path):
    with pytest.raises(BadUse, match=r"^The first slide needs a title"):
        slides.page(slides.slides_of("Words.\n\n---\n\nMore.\n"))
    with pytest.raises(BadUse, match=r"^.*part-1\.md cannot be read \(No such file or directory\)"):
        slides.build(tmp_path / "part-1.md", tmp_path / "part-1.html")


@pytest.mark.browser
def test_keys_turn_the_slides_show_the_notes_and_change_the_light(deck, reader):
    page = reader.new_page()
    page.goto(deck.as_uri())
    now = page.locator("section.now")
    expect(now).to_have_count(1)
    for key, number in (("ArrowRight", 2), ("PageDown", 3), ("ArrowLeft", 2), ("End", count()), ("ArrowRight", count()),
                        ("Home", 1), ("ArrowUp", 1)):  # fmt: skip
        page.keyboard.press(key)
        expect(now).to_have_attribute("id", str(number))
    expect(now.locator("aside")).to_be_hidden()
    page.keyboard.press("n")
    expect(now.locator("aside")).to_be_visible()
    page.keyboard.press("n")
    expect(now.locator("aside")).to_be_hidden()
    paper = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(paper)
    page.keyboard.press("d")
    assert page.evaluate(paper) != before
    page.keyboard.press("ArrowRight")
    page.reload()
    expect(now).to_have_attribute("id", "2")


@pytest.mark.browser
@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_nothing_is_cut_off_and_all_can_be_read_from_the_last_row(deck, reader, width, height):
    page = reader.new_page()
    page.set_viewport_size({"width": width, "height": height})
    for number in range(1, count() + 1):
        page.goto(f"{deck.as_uri()}#{number}")
        expect(page.locator("section.now")).to_have_attribute("id", str(number))
        assert page.evaluate(CUT_OFF) == [], number
    size = page.evaluate("parseFloat(getComputedStyle(document.querySelector('section p')).fontSize)")
    assert size >= height / 34  # a thirtieth of the height, or nearly, as projected text needs


@pytest.mark.browser
def test_on_paper_it_is_a_slide_to_a_page(deck, reader):
    page = reader.new_page()
    page.goto(deck.as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == count()


@pytest.mark.prove
@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_in_either_scheme(deck, browser, scheme):
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(deck.as_uri())
    for number in range(1, count() + 1):
        page.evaluate("(n) => { location.hash = n; }", number)
        expect(page.locator("section.now")).to_have_attribute("id", str(number))
        found = Axe().run(page, context="section.now").response["violations"]
        assert [one["id"] for one in found if one["id"] not in OF_PAGES] == [], number
    context.close()
