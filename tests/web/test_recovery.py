"""What the page does when the server goes, comes back, forgets, or does not answer."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.processes import lasting_port
from tests.web.conftest import TRANSPORTS
from tests.web.talking import Running, Visit, say, shows

pytestmark = pytest.mark.browser
NEW_LOG = "The server began a new log. Some messages were lost."


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
