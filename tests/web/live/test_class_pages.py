"""A class in a real browser: phones that join, vote and send, and the projector that shows them and moves them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.processes import ROOT, until
from tests.web.conftest import TRANSPORTS
from tests.web.live.classroom import PHONE, ROBOTS, Board, Class, Open, join, say
from tests.web.talking import NASTY
from tests.web.test_page import SPAN

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # ms: above two retries at their limit of 8 s
Phone = Callable[..., Page]

MOVED = {"poll": ["short-polling"], "long": ["long-polling"], "push": ["sse", "websocket"], "distance": TRANSPORTS}
INK = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, n) => n % 4 === 3 && value > 0);
}"""
CUT = """() => [document.documentElement, ...document.querySelectorAll("main, .figures, .figures section, footer")]
    .filter((one) => one.clientHeight && one.scrollHeight > one.clientHeight + 2)
    .map((one) => [one.tagName, one.id || one.className, one.scrollHeight, one.clientHeight])"""
SIZES = {"phone": (390, 844), "laptop": (1280, 720), "projector": (1920, 1080)}


def transport_of(page: Page) -> str:
    return page.locator("#place").get_attribute("class") or ""


def broken(page: Page) -> list[tuple[str, list[str]]]:
    """The rules of axe that the page breaks, and where."""
    rules = Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in rules]


def test_a_member_needs_no_name_and_is_told_how_its_device_hears(phone: Phone, board: Board) -> None:
    page = phone()
    expect(page.locator("h1")).to_have_text("Short polling")
    expect(page.locator("#place .about")).to_have_text("Your device asks every 5 s: anything new?")
    expect(page.locator("#name")).to_have_text(re.compile(r"^[a-z]+ [a-z]+$"))
    expect(page.locator("#said")).not_to_be_empty()


def test_the_code_may_come_with_the_address(classroom: Class, board: Board, open_page: Open) -> None:
    page = open_page(classroom, f"{classroom.url}/#{board.code}", **PHONE)
    expect(page.get_by_label("Join code")).to_have_value(board.code)
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#place")).to_have_attribute("data-state", "connected")


def test_a_wrong_code_is_refused_in_a_sentence_and_can_be_mended(
    classroom: Class, board: Board, open_page: Open
) -> None:
    page = open_page(classroom, classroom.url, **PHONE)
    join(page, "coffee")
    expect(page.get_by_role("alert").filter(has_text="This is not the join code.")).to_be_visible()
    expect(page.locator("#where")).to_have_text("It is on the projector.")
    expect(page.locator("#place")).not_to_have_attribute("data-state", "connected")
    join(page, board.code, "Ada")
    expect(page.locator("#place")).to_have_attribute("data-state", "connected")


def test_each_phase_moves_a_member_who_sees_its_own_word_by_the_new_way(phone: Phone, board: Board) -> None:
    page = phone()
    for n, (phase, transports) in enumerate(MOVED.items()):
        board.begin(phase)
        expect(page.locator("#place")).to_have_class(re.compile("|".join(transports)))
        expect(page.locator("#place")).to_have_attribute("data-state", "connected")
        say(page, f"word {n}")
        expect(page.locator("#echoes li").first.locator("b")).to_have_text(SPAN)
        expect(page.locator("#echoes li").first).to_have_class(transport_of(page))
        expect(page.locator("#heard li p").filter(has_text=f"word {n}")).to_have_count(1)
        expect(board.figure("p50", transport_of(page))).to_have_text(SPAN)
    assert page.locator("#echoes li").count() == len(MOVED)


def test_a_member_who_switches_goes_on_where_it_was(phone: Phone, board: Board) -> None:
    page, other = phone(), phone()
    for n, transport in enumerate([*TRANSPORTS[1:], TRANSPORTS[0]]):
        page.locator(f"#switch [value={transport}]").check()
        expect(page.locator("#place")).to_have_class(transport)
        say(other, f"after switch {n}")
        expect(page.locator("#heard li p").filter(has_text=f"after switch {n}")).to_have_count(1)
    board.page.locator("#fix").check()
    expect(page.locator("#switch input").first).to_be_disabled()
    expect(page.locator("#fixed")).to_be_visible()
    board.page.locator("#fix").uncheck()
    expect(page.locator("#switch input").first).to_be_enabled()


def robots_have_answered(board: Board) -> None:
    """Wait for that: they answer once, after as long as they think."""
    first = board.page.locator("#results table").first.locator("td:last-child")
    until(lambda: sum(map(int, first.all_inner_texts())) >= ROBOTS)


def test_votes_and_tickets_are_counted_on_the_projector(phone: Phone, board: Board) -> None:
    page = phone()
    robots_have_answered(board)
    votes = board.page.locator("#results [data-choice=sse] td").last
    before = int(votes.text_content() or 0)
    page.locator("#question [value=sse]").check()
    expect(page.locator("#question output")).to_have_text("Counted. You may change it.")
    expect(votes).to_have_text(str(before + 1))
    board.begin("ticket")
    items = page.locator("#question fieldset")
    expect(items.first).to_be_visible()
    for item in items.all():
        item.locator("[value=b]").check()
    board.page.get_by_role("button", name="Show the answers").click()
    robots_have_answered(board)
    taken = board.page.locator("#results [data-choice=b] td:last-child")
    handed = [int(count) for count in taken.all_inner_texts()]
    page.get_by_role("button", name="Hand in").click()
    expect(page.locator("#question output")).to_have_text("Thank you.")
    expect(taken).to_have_text([str(count + 1) for count in handed])


@pytest.mark.parametrize("key", ["", "#", "#not-the-key-not-the-key-not-the-ke"])
def test_a_projector_without_the_key_shows_nothing_and_controls_nothing(
    key: str, classroom: Class, open_page: Open
) -> None:
    page = open_page(classroom, f"{classroom.url}/projector{key}")
    expect(page.get_by_role("alert")).to_contain_text("Its address ends in a key.")
    expect(page.locator("main")).to_be_hidden()
    assert page.locator("footer, #enlarge").evaluate_all("parts => parts.every((part) => part.hidden)")


def test_the_projector_silences_the_robots(board: Board, phone: Phone) -> None:
    board.begin("distance")
    hush = board.page.get_by_label("Robots are silent")
    hush.check()
    board.begin("vote")
    expect(hush).not_to_be_checked()


def test_the_key_that_was_left_out_can_be_added_in_the_same_tab(classroom: Class, open_page: Open) -> None:
    page = open_page(classroom, classroom.projector.partition("#")[0])
    expect(page.get_by_role("alert")).to_contain_text("Its address ends in a key.")
    page.goto(classroom.projector)
    expect(page.locator("#phases")).to_be_visible()


def test_a_members_page_has_no_controls_and_the_stage_takes_none_from_it(phone: Phone, board: Board) -> None:
    page = phone()
    assert page.locator("[data-phase], [data-do], #rtt, #end").count() == 0
    refused = page.evaluate("""() => new Promise((told) => {
        const socket = new WebSocket(document.body.dataset.stage);
        socket.onopen = () => socket.send(JSON.stringify({ type: "phase", phase: "over" }));
        socket.onclose = ({ code }) => told(code);
    })""")
    assert refused == 4401
    expect(board.page.locator("#phases [aria-current]")).to_have_attribute("data-phase", "vote")


def test_words_and_names_are_inert(phone: Phone) -> None:
    page = phone(NASTY[0][:20])
    page.locator("#switch [value=websocket]").check()
    title = page.title()
    for text in NASTY:
        say(page, text[:60])
        expect(page.locator("#heard li p").filter(has_text=re.compile(f"^{re.escape(text[:60])}$"))).to_have_count(1)
    assert page.locator("#heard :is(script, img, a), #echoes :is(script, img, a)").count() == 0
    assert page.title() == title


def test_the_projector_shows_who_is_here_and_what_that_takes(phone: Phone, board: Board) -> None:
    page = phone()
    board.begin("long")
    here = board.figure("here", "long-polling")
    until(lambda: int(here.text_content()) >= 2)
    say(page, "a word")
    expect(board.figure("requests", "long-polling")).to_have_text(re.compile(r"^[1-9]|\.[1-9]"))
    expect(board.figure("all-bytes", "websocket")).to_have_text(re.compile(r"^\d.*B$"))
    board.page.get_by_text("The class as a table").click()
    rows = board.page.locator("#roll tr").filter(has_text="open")
    until(lambda: rows.count() == int(here.text_content()))
    assert board.page.locator("#members").evaluate(INK)


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_words_move_unless_motion_is_unwelcome(
    motion: str, moves: bool, classroom: Class, phone: Phone, board: Board
) -> None:
    page = phone()
    board.page.emulate_media(reduced_motion=motion)
    board.begin("poll")
    say(page, "a word")
    expect(page.locator("#echoes b").first).to_have_text(SPAN)
    words = board.page.locator("#words")
    if moves:
        until(lambda: words.evaluate(INK))
    else:
        expect(board.figure("p50", "short-polling")).to_have_text(SPAN)
        assert not words.evaluate(INK)


def test_a_member_who_reloads_is_the_same(phone: Phone, board: Board) -> None:
    page = phone("Ada")
    here = board.figure("here")
    page.reload()
    expect(page.locator("#place")).to_have_attribute("data-state", "connected")
    expect(page.locator("#name")).to_have_text("Ada")
    expect(page.locator("#join")).to_be_hidden()
    expect(here).to_have_text(re.compile(r"^\d+$"))


def test_nothing_that_axe_knows_is_wrong_and_nothing_sticks_out(phone: Phone, board: Board) -> None:
    page = phone()
    say(page, "x" * 60)
    expect(page.locator("#echoes b").first).to_have_text(SPAN)
    checked: list[tuple[str, Page]] = [("vote", page), ("vote", board.page), ("push", page), ("push", board.page),
                                       ("ticket", page), ("ticket", board.page)]  # fmt: skip
    for phase, one in checked:
        board.begin(phase)
        for width, height in SIZES.values():
            one.set_viewport_size({"width": width, "height": height})
            assert one.evaluate("document.documentElement.scrollWidth") <= width, (phase, width)
        for scheme in ("light", "dark"):
            one.emulate_media(color_scheme=scheme)
            assert broken(one) == [], (phase, scheme)


@pytest.mark.parametrize("phase", ["vote", "push", "ticket"])
@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_a_projector_shows_all_of_a_phase_at_once(phase: str, size: tuple[int, int], board: Board) -> None:
    board.page.set_viewport_size({"width": size[0], "height": size[1]})
    board.begin(phase)
    cut: list[Any] = board.page.evaluate(CUT)
    assert cut == []


def test_the_teachers_page_says_what_the_projector_says(board: Board) -> None:
    told = (ROOT / "instructor/live-lesson.md").read_text()
    for button in board.page.locator("#phases button").all():
        name, minutes = button.evaluate("one => [one.firstChild.textContent, one.querySelector('small').textContent]")
        button.click()
        expect(button).to_have_attribute("aria-current", "step")
        row = f"| {minutes.removesuffix(' min')} | {name} | *{board.figure('say').text_content()}* |"
        assert row in told
