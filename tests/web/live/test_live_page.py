"""The live lab in a real browser: real server, real line, real stage."""

import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, WebSocketRoute, expect

from loadtests import scenario
from tests.web.conftest import TRANSPORTS
from tests.web.live.conftest import Lab, Visit

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)  # ms: above two retries at their limit of 8 s

NAMES = {"Short polling", "Long polling", "Server-sent events", "WebSocket"}
SEEN = r"(?:by|,) ([A-Z][\w -]+?) (?:after )?\d"
COUNTS = ("requests", "empty", "connections", "queued", "socket_up", "socket_down", "ip_up", "ip_down")
DRAWN = """(panes) => panes.map(
  (pane) => [...pane.querySelectorAll('[data-count]')].map((data) => [data.dataset.count, data.value])
)"""
WIDTHS = {"phone": (390, 844), "laptop": (1280, 720), "projector": (1920, 1080)}
Look = Callable[..., Visit]


def test_a_word_typed_in_any_pane_is_seen_in_all_four_and_keeps_its_bar(look: Look) -> None:
    visit = look(reduced_motion="no-preference")
    for transport in TRANSPORTS:
        visit.say(f"by {transport}", by=transport)
        visit.shows(f"by {transport}")
        assert set(re.findall(SEEN, visit.happened(f"“by {transport}” was heard"))) == NAMES
    for transport in TRANSPORTS:
        bars = visit.pane(transport).locator(".log li.mine .bar i")
        delays = bars.evaluate_all("bars => bars.map((bar) => Number(bar.style.getPropertyValue('--delay')))")
        assert len(delays) == 4 and min(delays) > 0
        widths = bars.evaluate_all("bars => bars.map((bar) => bar.getBoundingClientRect().width)")
        slow = [(delay, width) for delay, width in zip(delays, widths, strict=True) if delay > 100]
        if len(slow) > 1:  # to scale: as much longer as it took longer
            assert slow[0][1] / slow[1][1] == pytest.approx(slow[0][0] / slow[1][0], rel=0.05)


def test_who_hears_first_is_what_interval_and_delay_predict(look: Look) -> None:
    """At 400 ms of round trip, what is said just after another word waits until the long poll was asked again."""
    ada = look()
    bob = look(beside=ada)
    ada.turn("rtt_ms", 400)
    ada.turn("poll_s", 5)
    ada.say("first")
    bob.say("second")
    bob.shows("first", "second")
    order = re.findall(SEEN, bob.happened("“second” was heard"))
    assert set(order[:2]) == {"WebSocket", "Server-sent events"}
    assert order[2:] == ["Long polling", "Short polling"]


def test_what_is_shown_is_what_the_stage_counted(look: Look) -> None:
    visit = look()
    visit.turn("poll_s", 2)
    visit.say("counted")
    visit.shows("counted")

    def equal() -> bool:
        counted = visit.told["counters"]["transports"]
        drawn = dict(zip(TRANSPORTS, visit.page.locator(".pane").evaluate_all(DRAWN), strict=True))
        return all(
            [(name, "" if counted[way][name] is None else str(counted[way][name])) for name in COUNTS]
            == sorted(map(tuple, drawn[way]), key=lambda one: COUNTS.index(one[0]))
            for way in TRANSPORTS
        )

    visit.wait(equal)
    counted = visit.told["counters"]["transports"]
    assert counted["short-polling"]["requests"] > counted["sse"]["requests"] > 0 < counted["websocket"]["requests"]
    expect(visit.pane("sse").locator("[data-count=socket_down]")).to_have_text(re.compile(r"^\d+\s+B$|^\d+\.\d\s+kB$"))


def test_the_table_says_what_the_strip_shows(look: Look) -> None:
    visit = look()
    visit.say("one")
    visit.shows("one")
    rows = visit.page.locator("#minute tbody tr")
    for transport, row in zip(TRANSPORTS, rows.all(), strict=True):
        expect(row.locator("td").first).to_have_text("1")
        median = row.locator("td").nth(2).text_content()
        expect(visit.pane(transport).locator("[data-figure=median]")).to_have_text(str(median))
        expect(visit.pane(transport).get_by_role("img")).to_have_accessible_name(re.compile("1 message, median "))


@pytest.mark.parametrize("transport", ["", "sse"])
def test_a_cut_loses_nothing_and_is_told(transport: str, look: Look) -> None:
    visit = look(outage=True)
    visit.turn("robot_per_s", 10)
    button = "Cut Server-sent events" if transport else "Cut the line"
    visit.page.get_by_role("button", name=button).click()
    visit.happened("^[0-9:]+ Server-sent events is back after ")
    if not transport:
        visit.happened("WebSocket is back after ")
    visit.turn("robot_per_s", 0)
    visit.say(f"after the cut of {transport or 'all'}")
    visit.shows(f"after the cut of {transport or 'all'}")
    visit.whole()


def test_who_is_frozen_hears_nothing_and_catches_up(look: Look) -> None:
    visit = look(outage=True)
    sse = visit.pane("sse")
    visit.say("before")
    visit.shows("before")
    visit.page.get_by_role("button", name="Freeze Server-sent events").click()
    expect(sse.locator("[data-figure=state]")).to_have_text("frozen")
    for n in range(3):
        visit.say(f"unheard {n}")
    for transport in set(TRANSPORTS) - {"sse"}:
        expect(visit.pane(transport).locator(".log > ol:first-child p").last).to_have_text("unheard 2")
    expect(sse.locator(".coming li")).to_have_count(3)
    visit.page.get_by_role("button", name="Thaw Server-sent events").click()
    visit.shows("before", "unheard 0", "unheard 1", "unheard 2")
    visit.happened("Server-sent events thawed after .* caught up on 3 messages: none is missing")
    visit.whole()


def test_a_server_killed_loses_nothing_and_all_come_back(look: Look) -> None:
    visit = look(outage=True)
    visit.turn("robot_per_s", 5)
    visit.page.get_by_role("button", name="Kill the server").click()
    for name in ("Server-sent events", "WebSocket", "Long polling"):
        visit.happened(f"{name} is back after ")
    visit.turn("robot_per_s", 0)
    visit.say("after the crash")
    visit.shows("after the crash")
    visit.whole()


def test_every_control_works_by_keyboard(look: Look) -> None:
    visit = look(outage=True)
    page = visit.page
    places: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if not focused.count():
            break
        style = focused.evaluate("one => { const s = getComputedStyle(one); return [s.outlineStyle, s.boxShadow]; }")
        assert style != ["none", "none"], focused.evaluate("one => one.outerHTML")
        places.append(focused.evaluate("one => one.ariaLabel || one.id || one.textContent || one.className"))
        if places[-1] == "The strips as a table":
            break
    wanted = ["name"]
    for name in ("Short polling", "Long polling", "Server-sent events", "WebSocket"):
        wanted += [f"Cut {name}", f"Freeze {name}", f"Messages by {name}", f"Message by {name}", "Send"]
    wanted += ["poll_s", "rtt_ms", "jitter_ms", "robot_per_s", "robot_bytes"]
    wanted += ["Cut the line", "Kill the server", "Copy as scenario"]
    assert [place for place in places if place in wanted] == wanted
    for dial in ("poll_s", "rtt_ms", "jitter_ms", "robot_bytes", "robot_per_s"):
        before = visit.told["controls"][dial]
        page.locator(f"#{dial}").focus()
        page.keyboard.press("ArrowRight")
        visit.wait(lambda dial=dial, before=before: visit.told["controls"][dial] > before)
        expect(page.locator(f"#watch-{dial}")).to_be_visible()
    page.locator("#robot_per_s").press("Home")
    page.get_by_label("Message by Long polling").focus()
    page.keyboard.type("by keyboard")
    page.keyboard.press("Enter")
    visit.shows("by keyboard")
    page.get_by_role("button", name="Freeze WebSocket").press("Enter")
    page.get_by_role("button", name="Thaw WebSocket").press("Space")
    visit.happened("WebSocket thawed after ")
    page.get_by_role("button", name="Copy as scenario").press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.get_by_role("button", name="Cut the line").press("Enter")
    visit.happened("Server-sent events is back after ")
    page.locator("summary").press("Enter")
    expect(page.locator("#minute")).to_be_visible()


def test_the_dials_are_copied_as_a_scenario_that_loads(look: Look, tmp_path: Path) -> None:
    visit = look()
    visit.turn("poll_s", 2.5)
    visit.turn("rtt_ms", 150)
    visit.page.get_by_role("button", name="Copy as scenario").click()
    text = visit.page.get_by_label("The scenario, in TOML")
    expect(text).not_to_have_value("")
    toml = text.input_value()
    assert text.evaluate("text => text.value.slice(text.selectionStart, text.selectionEnd)") == toml
    expect(visit.page.locator("#scenario output")).to_have_text(re.compile("^It is (copied|selected)"))
    path = tmp_path / "live.toml"
    path.write_text(toml)
    loaded = scenario.load(path)
    assert loaded.poll_intervals == (2.5,) and loaded.kind == "silence"
    assert "--rtt 150" in toml.splitlines()[1]


def test_a_third_tab_warns(look: Look) -> None:
    first = look()
    second = look(beside=first)
    expect(first.page.locator("#crowded")).to_be_hidden()
    third = look(beside=first)
    for visit in (first, second, third):
        expect(visit.page.locator("#crowded")).to_contain_text("open in 3 tabs")
    third.page.close()
    expect(first.page.locator("#crowded")).to_be_hidden()


def test_without_the_stage_the_panes_go_on_and_the_page_says_so(look: Look, lab: Lab) -> None:
    routes: list[WebSocketRoute] = []
    away = False

    def connect(route: WebSocketRoute) -> None:
        routes.append(route)
        route.close() if away else route.connect_to_server()

    visit = look(before=lambda page: page.route_web_socket(f"{lab.stage}/", connect))
    expect(visit.page.locator("#unmanned")).to_be_hidden()
    expect(visit.page.get_by_role("button", name="Cut the line")).to_be_enabled()
    away = True
    routes[-1].close()
    expect(visit.page.locator("#unmanned")).to_be_visible()
    expect(visit.page.get_by_role("button", name="Cut the line")).to_be_disabled()
    visit.say("still heard")
    visit.shows("still heard")
    away = False
    expect(visit.page.locator("#unmanned")).to_be_hidden()
    expect(visit.page.get_by_role("button", name="Cut the line")).to_be_enabled()


def test_what_was_not_measured_is_a_dash_that_says_so(look: Look, lab: Lab) -> None:
    def connect(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(lambda frame: route.send(without_ip(frame)))

    visit = look(before=lambda page: page.route_web_socket(f"{lab.stage}/", connect))
    for pane in visit.page.locator(".pane").all():
        expect(pane.locator("[data-count=ip_down]")).to_have_text("\N{EN DASH}")
        expect(pane.locator("[data-layer=ip] small")).to_be_visible()
        expect(pane.locator("[data-layer=socket] small")).to_be_hidden()


def without_ip(text: str | bytes) -> str:
    """A frame from a machine without TCP_INFO's counters of segments."""
    frame = json.loads(text)
    for counted in frame.get("transports", {}).values():
        counted["ip_up"] = counted["ip_down"] = None
    return json.dumps(frame)


def test_what_is_refused_can_be_taken_back(look: Look) -> None:
    visit = look(outage=True)
    field = visit.pane("sse").locator("form input")
    field.evaluate("field => field.removeAttribute('maxlength')")
    visit.say("x" * 4001, by="sse")
    expect(visit.pane("sse").locator(".coming span")).to_contain_text("refused: Expected `str` of length <= 4000")
    expect(visit.page.locator(".coming li")).to_have_count(1)
    visit.page.get_by_role("button", name="Take back").click()
    expect(field).to_have_value("x" * 4001)
    expect(visit.page.locator(".coming li")).to_have_count(0)


def test_markup_is_text(look: Look) -> None:
    visit = look()
    nasty = "<img src=x onerror=\"document.title = 'owned'\">"
    visit.page.get_by_label("Your name").fill(nasty)
    visit.say(nasty)
    visit.shows(nasty)
    visit.happened("onerror")
    assert visit.page.locator(":is(.log, .happened) :is(img, script, a)").count() == 0
    assert "owned" not in visit.page.title()


def test_a_pane_keeps_the_last_lines_and_stays_at_its_end(look: Look, lab: Lab) -> None:
    visit = look()
    for n in range(90):
        draft = {"id": secrets.token_hex(8), "sender": "Ada", "text": f"line {n}"}
        assert lab.request("POST", "/sse/rooms/lobby/messages", draft).status == 201
    for pane in visit.page.locator(".pane").all():
        expect(pane.locator(".log li p").last).to_have_text("line 89")
        expect(pane.locator(".log li p").last).to_be_in_viewport()
        expect(pane.locator(".log li")).to_have_count(60)
        expect(pane.locator(".latest")).to_be_hidden()


def test_nothing_that_axe_knows_is_wrong_and_nothing_sticks_out(look: Look) -> None:
    visit = look(outage=True)
    page = visit.page
    visit.turn("robot_bytes", 4000)
    visit.turn("robot_per_s", 5)
    visit.say("a word")
    page.get_by_role("button", name="Freeze Server-sent events").click()
    expect(visit.pane("sse").locator("[data-figure=state]")).to_have_text("frozen")
    page.locator("summary").click()
    for width, height in WIDTHS.values():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.emulate_media(color_scheme="dark" if width == 1280 else "light")
        assert axe(page) == [], width
    page.get_by_role("button", name="Copy as scenario").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.emulate_media(color_scheme="dark")
    assert axe(page) == []


def axe(page: Page) -> list[tuple[str, list[str]]]:
    """The rules broken, and where."""
    broken = Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken]
