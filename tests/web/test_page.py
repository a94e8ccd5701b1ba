"""The page in a real browser, on real servers: by each transport alone, and by all four side by side."""

import json
import re
from contextlib import nullcontext

import pytest
from playwright.sync_api import expect

from tests.web.conftest import TRANSPORTS
from tests.web.talking import NASTY, Running, Visit, say, shows

pytestmark = pytest.mark.browser
SPAN = re.compile(r"^(\d+\sms|\d+\.\d\d\ss)$")
EXTENSIONS = """(url) => new Promise((done) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    socket.onopen = () => { done(socket.extensions); socket.close(); };
})"""


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


def test_empty_answers_are_counted_and_the_interval_can_be_set(running: Running, room: str, visit: Visit) -> None:
    page = visit(running("short-polling"), f"?room={room}")
    page.locator(".interval input").fill("0.5")
    expect(page.locator("[data-figure=empty]")).to_have_text(re.compile(r"^([4-9]|\d\d+)$"))
    page.locator(".interval input").fill("10")
    expect(page.locator("[data-figure=requests]")).to_have_text(page.locator("[data-figure=empty]").inner_text())


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
