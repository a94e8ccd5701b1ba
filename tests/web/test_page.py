"""The page in a real browser, on real servers: by each transport alone, and by all four side by side."""

import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.processes import Server, lasting_port
from tests.web.conftest import TRANSPORTS

pytestmark = pytest.mark.browser
SPAN = re.compile(r"^(\d+\sms|\d+\.\d\d\ss)$")
expect.set_options(timeout=20_000)  # ms: above two retries at their limit of 8 s

Running = Callable[..., Server]
Visit = Callable[..., Page]
NEW_LOG = "The server began a new log. Some messages were lost."
NASTY = (
    "<script>document.title = 'owned'</script>",
    "<img src=x onerror=\"document.title = 'owned'\">",
    "javascript:alert(1)",
    "<a href='javascript:alert(1)'>a</a> &lt;b&gt; </li></ol>",
)
SIZES = """Object.fromEntries(["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
    .map((entry) => [entry.name, entry.decodedBodySize]))"""
EXTENSIONS = """(url) => new Promise((done) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    socket.onopen = () => { done(socket.extensions); socket.close(); };
})"""
WIDTHS = {"phone": (320, 568), "laptop": (1366, 768), "projector": (1920, 1080)}


def say(page: Page, text: str, by: str = "") -> None:
    """Write a message and send it."""
    if by:
        page.locator("#by").select_option(by)
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def shows(page: Page, *lines: str) -> None:
    """Wait until each pane shows these lines and gaps, each once, in this order, and nothing waits to be sent."""
    for pane in page.locator(".pane").all():
        expect(pane.locator(".log").locator("li p, li.gap")).to_have_text(list(lines))
    expect(page.locator("#outbox li")).to_have_count(0)


def test_a_browser_takes_compressed_messages(transport: str, running: Running, room: str, visit: Visit) -> None:
    server = running(transport, "--compression")
    ada, bob = (visit(server, f"?room={room}", name) for name in ("Ada", "Bob"))
    texts = [("words and words " * 60).strip(), "short", ("the café, ça va " * 40).strip()]
    for text in texts:
        say(ada, text)
    shows(bob, *texts)
    say(bob, "and back")
    for page in (ada, bob):
        shows(page, *texts, "and back")
    gzipped = bob.expect_response(lambda response: response.headers.get("content-encoding") == "gzip")
    with nullcontext() if transport == "websocket" else gzipped:
        bob.reload()
    shows(bob, *texts, "and back")
    if transport == "websocket":
        assert "no_context_takeover" in bob.evaluate(EXTENSIONS, f"{server.url}/rooms/{room}/socket")


def test_two_browsers_talk_both_ways_in_order(transport: str, running: Running, room: str, visit: Visit) -> None:
    server = running(transport)
    ada, bob = (visit(server, f"?room={room}", name) for name in ("Ada", "Bob"))
    first = [f"from Ada {n}" for n in range(5)]
    for text in first:  # faster than they are acknowledged
        say(ada, text)
    shows(bob, *first)
    bob.get_by_label("Message", exact=True).fill("from Bob")
    bob.get_by_role("button", name="Send").click()
    shows(ada, *first, "from Bob")
    expect(ada.locator(".log b")).to_have_text(["Ada"] * 5 + ["Bob"])
    ada.reload()
    shows(ada, *first, "from Bob")
    expect(ada.get_by_label("Your name")).to_have_value("Ada")


def test_one_message_arrives_four_ways_by_whichever_it_is_sent(running: Running, room: str, visit: Visit) -> None:
    page = visit(running("all"), f"?room={room}", reduced_motion="no-preference")
    for transport in TRANSPORTS:
        say(page, f"by {transport}", by=transport)
        expect(page.locator("#outbox li")).to_have_count(0)  # each goes its own way, and may overtake
    shows(page, *[f"by {transport}" for transport in TRANSPORTS])
    for transport in TRANSPORTS:
        pane = page.locator(f".pane.{transport}")
        expect(pane.locator(".log li p").last).to_be_in_viewport()
        expect(pane.locator("[data-figure=delay]")).to_have_text(SPAN)
        assert int(pane.locator("[data-figure=requests]").inner_text()) >= 1
        assert 0 < float(pane.locator(".race i").evaluate("bar => bar.style.getPropertyValue('--share')")) <= 1


def test_a_server_killed_and_restarted_loses_nothing_and_repeats_nothing(
    start: Running, restart: Running, room: str, visit: Visit, tmp_path: Path
) -> None:
    arguments = ("all", "--store", f"sqlite:{tmp_path / 'log.db'}")
    server = start(*arguments, port=lasting_port())
    ada, bob = (visit(server, f"?room={room}", name, outage=True) for name in ("Ada", "Bob"))
    say(ada, "before")
    shows(ada, "before")
    shows(bob, "before")
    server.kill()
    for transport in TRANSPORTS:
        say(ada, f"by {transport}", by=transport)
    expect(ada.locator("#outbox span")).to_have_text(["trying again"] * 4)
    for page in (ada, bob):
        expect(page.locator(".pane[data-state='trying again']")).to_have_count(4)
    restart(server, *arguments)
    expect(bob.locator(".pane.sse li p")).to_have_count(5)
    lines = bob.locator(".pane.sse li p").all_inner_texts()  # the four outboxes come back when they come back
    assert sorted(lines) == sorted(["before", *[f"by {transport}" for transport in TRANSPORTS]])
    say(bob, "after")
    shows(ada, *lines, "after")
    shows(bob, *lines, "after")


def test_a_log_that_was_lost_is_a_gap_in_plain_sight(start: Running, restart: Running, room: str, visit: Visit) -> None:
    server = start("all", port=lasting_port())
    page = visit(server, f"?room={room}", outage=True)
    say(page, "before")
    shows(page, "before")
    server.kill()
    restart(server, "all")
    shows(page, "before", NEW_LOG)
    say(page, "after")
    shows(page, "before", NEW_LOG, "after")


def test_a_message_that_the_server_took_and_lost_is_called_lost(
    start: Running, restart: Running, room: str, visit: Visit
) -> None:
    server = start("short-polling", port=lasting_port())
    page = visit(server, f"?room={room}", outage=True)
    page.locator(".interval input").fill("10")
    expect(page.locator(".pane")).to_have_attribute("data-state", "connected")
    say(page, "acknowledged, and not asked for yet")
    expect(page.locator("#outbox span")).to_have_text("sent")
    server.kill()
    restart(server, "short-polling")
    page.locator(".interval input").fill("0.5")
    expect(page.locator("#outbox span")).to_have_text("lost: the server began a new log")
    page.get_by_role("button", name="Take back").click()
    shows(page, NEW_LOG)


def test_messages_that_are_no_longer_kept_are_counted(running: Running, room: str, visit: Visit) -> None:
    server = running("all", "--keep", 10)
    for n in range(12):  # a tenth more than is kept and one: the server trims
        draft = {"id": f"id-{n}", "sender": "Ada", "text": f"text {n}"}
        assert server.request("POST", f"/sse/rooms/{room}/messages", draft).status == 201
    page = visit(server, f"?room={room}", outage=True)
    shows(page, "2 messages are no longer kept.", *[f"text {n}" for n in range(2, 12)])


def test_a_long_log_is_read_page_by_page(running: Running, room: str, visit: Visit) -> None:
    server = running("all")
    connection = server.connect()
    for n in range(501):
        draft = json.dumps({"id": f"id-{n}", "sender": "Ada", "text": f"text {n}"})
        connection.request("POST", f"/sse/rooms/{room}/messages", draft, {"Content-Type": "application/json"})
        assert connection.getresponse().read()
    connection.close()
    page = visit(server, f"?room={room}")
    shows(page, *[f"text {n}" for n in range(501)])
    requests = page.locator(".short-polling [data-figure=requests]").inner_text()
    assert int(requests) >= 2  # pages of 500


def test_markup_in_text_name_and_room_is_inert(running: Running, room: str, visit: Visit) -> None:
    server = running("all")
    page = visit(server, f"?room={room}")
    for text in NASTY:
        page.get_by_label("Your name").fill(text[:64])
        say(page, text)
    shows(page, *NASTY)
    expect(page.locator(".pane.sse .log b")).to_have_text([text[:64] for text in NASTY])
    assert page.locator(".log :is(script, img, a, b b)").count() == 0
    page.goto(f"{server.url}/?room=%3Cscript%3Edocument.title%3D'owned'%3C/script%3E")
    expect(page.get_by_role("alert")).to_contain_text("<script>document.title='owned'</script>")
    expect(page.get_by_label("Room")).to_have_value("lobby")
    assert page.locator("#notice *").count() == 0
    assert "owned" not in page.title()


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


def test_empty_answers_are_counted_and_the_interval_can_be_set(running: Running, room: str, visit: Visit) -> None:
    page = visit(running("short-polling"), f"?room={room}")
    page.locator(".interval input").fill("0.5")
    expect(page.locator("[data-figure=empty]")).to_have_text(re.compile(r"^([4-9]|\d\d+)$"))
    page.locator(".interval input").fill("10")
    expect(page.locator("[data-figure=requests]")).to_have_text(page.locator("[data-figure=empty]").inner_text())


def test_a_send_whose_acknowledgement_was_lost_is_sent_again_under_its_id(
    transport: str, running: Running, room: str, visit: Visit
) -> None:
    page = visit(running(transport), f"?room={room}", "Ada", outage=True)
    sends = (lose_ack_in_socket if transport == "websocket" else lose_ack_over_http)(page)
    page.reload()
    say(page, "once")
    shows(page, "once")
    assert len(sends) >= 2 and len({draft["id"] for draft in sends}) == 1
    say(page, "twice")
    shows(page, "once", "twice")


def lose_ack_over_http(page: Page) -> list[dict[str, Any]]:
    """Lose the first answer to a send, and all news until there is a second. Returns what is sent, as it goes on."""
    sends: list[dict[str, Any]] = []

    def handle(route: Route) -> None:
        if route.request.method == "POST":
            sends.append(route.request.post_data_json)
            if len(sends) == 1:
                assert route.fetch().status == 201
                return route.abort()
        elif len(sends) < 2:
            return route.abort()
        route.continue_()

    page.route("**/rooms/**", handle)
    return sends


def lose_ack_in_socket(page: Page) -> list[dict[str, Any]]:
    """The same for frames: the socket goes away instead of the acknowledgement."""
    sends: list[dict[str, Any]] = []

    def connect(ours: WebSocketRoute) -> None:
        theirs, held = ours.connect_to_server(), []

        def up(frame: str) -> None:
            sends.append(json.loads(frame))
            theirs.send(frame)
            while held:
                ours.send(held.pop(0))

        def down(frame: str) -> None:
            if len(sends) != 1 or '"ready"' in frame:
                ours.send(frame)
            elif '"ack"' in frame:
                ours.close()
                theirs.close()
            else:
                held.append(frame)

        ours.on_message(up)
        theirs.on_message(down)

    page.route_web_socket("**/rooms/**", connect)
    return sends


def test_a_send_that_is_refused_says_why_and_can_be_taken_back(running: Running, room: str, visit: Visit) -> None:
    page = visit(running("all"), f"?room={room}", outage=True)
    page.locator("#text").evaluate("text => text.removeAttribute('maxlength')")
    for transport in TRANSPORTS:
        say(page, "x" * 4001, by=transport)
        expect(page.locator("#outbox span")).to_contain_text("refused: Expected `str` of length <= 4000")
        say(page, f"by {transport}")
        expect(page.locator(f".{transport} .log li p").last).to_have_text(f"by {transport}")
        page.get_by_role("button", name="Take back").click()
        expect(page.get_by_label("Message", exact=True)).to_have_value("x" * 4001)
    shows(page, *[f"by {transport}" for transport in TRANSPORTS])


ANSWERS = """async (frames) => {
    const { send, receive } = await import("./web/clients/websocket.js");
    WebSocket = class { static OPEN = 1; readyState = 1; send() {} };
    const room = { url: () => "", refusal: ({ title }) => new Error(title), introduced: (socket) => socket };
    receive(room);
    const sent = send(room, { id: "this" });
    for (const frame of frames) room.socket.onmessage({ data: JSON.stringify(frame) });
    return sent.then(({ seq }) => seq, ({ message }) => message);
}"""


def test_a_refusal_is_that_of_the_message_it_names_or_of_any_if_it_names_none(running: Running, visit: Visit) -> None:
    page = visit(running("websocket"), "")
    refusal, ack = {"type": "error", "status": 422, "title": "Not this."}, {"type": "ack", "id": "this", "seq": 7}
    assert page.evaluate(ANSWERS, [refusal | {"id": "another"}, ack]) == 7
    assert page.evaluate(ANSWERS, [refusal | {"id": "this"}, ack]) == "Not this."
    assert page.evaluate(ANSWERS, [refusal | {"id": None}, ack]) == "Not this."


WAITS = """async ([client, expected]) => {
    const { Room } = await import("./web/room.js");
    const { receive } = await import(`./web/clients/${client}.js`);
    const real = setTimeout;
    const waits = [];
    Math.random = () => 0.9;
    fetch = () => new Promise((_, fail) => real(fail, 200, new TypeError("away")));
    const over = new Promise((end) => {
        setTimeout = (act, ms) => {
            if (waits.push(ms) === expected) end();
            return real(act, ms / 10);
        };
    });
    const view = Object.fromEntries(["message", "gap", "state", "count"].map((name) => [name, () => {}]));
    new Room("tea", "", { valid: () => {} }, view).follow(receive);
    await over;
    return waits;
}"""


def test_whoever_fails_slowly_waits_longer_each_time(running: Running, visit: Visit) -> None:
    """Time runs ten times as fast here, and each request fails after 2 s of it."""
    page = visit(running("long-polling"), "")
    assert page.evaluate(WAITS, ["short_polling", 4]) == [450, 900, 1800, 3600]
    page.reload()
    held = 500
    assert page.evaluate(WAITS, ["long_polling", 6]) == [held, 450, held, 900, held, 1800]


def test_a_reader_who_went_back_is_not_pulled_away(running: Running, room: str, visit: Visit) -> None:
    server = running("sse")
    page, bob = (visit(server, f"?room={room}") for _ in range(2))
    for n in range(20):
        say(bob, f"text {n}")
    log = page.locator(".log")
    expect(log.locator("p").filter(has_text="text 19")).to_be_in_viewport()
    log.hover()
    page.mouse.wheel(0, -400)
    expect(log.locator("p").filter(has_text="text 19")).not_to_be_in_viewport()
    say(bob, "news")
    page.get_by_role("button", name="New messages").click()
    expect(log.locator("p").filter(has_text="news")).to_be_in_viewport()


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
