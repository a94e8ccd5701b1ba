"""The page where the server asks for a token: it joins, speaks by every transport, leaves, and comes back."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.processes import Server, until
from tests.redis_server import LASTING, RedisServer
from tests.web.conftest import TRANSPORTS, Witness
from tests.web.talking import NASTY, say, shows

pytestmark = pytest.mark.browser
REFUSED = ("status of 401", "status of 403", "status of 503")  # as Chromium says what the page then says itself
Come = Callable[..., Page]


class Patient(Witness):
    """A witness who knows that a page without a session is refused."""

    def logged(self, message) -> None:
        if not any(text in message.text for text in REFUSED):
            super().logged(message)


@pytest.fixture
def server(running: Callable[..., Server]) -> Server:
    return running("all", "--auth", "token", "--join-code", "tea-time")


@pytest.fixture
def come(tool: Callable[[str], str], request: pytest.FixtureRequest) -> Iterator[Come]:
    """`come(server, room, "Ada")` is the page of somebody who has joined."""
    tool("chromium")
    browser: Browser = request.getfixturevalue("browser")
    witnesses, contexts = [], []

    def page(server: Server, room: str, name: str, code: str = "tea-time") -> Page:
        contexts.append(browser.new_context(reduced_motion="reduce"))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        witnesses.append(Patient(page, server.url, outage=True))
        page.goto(f"{server.url}/?room={room}")
        join(page, name, code)
        return page

    yield page
    for context in contexts:
        context.close()
    assert [seen for witness in witnesses for seen in witness.seen] == []


def join(page: Page, name: str, code: str = "tea-time") -> None:
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Join code").fill(code)
    page.get_by_role("button", name="Join").click()


def connected(page: Page) -> None:
    expect(page.locator(".pane[data-state=connected]")).to_have_count(len(TRANSPORTS))


def test_two_who_joined_talk_by_every_transport(server: Server, room: str, come: Come) -> None:
    ada, bob = come(server, room, "Ada"), come(server, room, "Bob")
    connected(ada)
    for transport in TRANSPORTS:
        say(ada, f"by {transport}", by=transport)
    said = [f"by {transport}" for transport in TRANSPORTS]
    expect(bob.locator(".pane.websocket li p")).to_have_count(len(said))
    shows(bob, *bob.locator(".pane.websocket li p").all_inner_texts())
    expect(bob.locator(".pane.sse li b")).to_have_text(["Ada"] * len(said))


def test_a_wrong_code_is_said_and_can_be_mended(server: Server, room: str, come: Come) -> None:
    page = come(server, room, "Ada", code="coffee")
    expect(page.locator("#join output")).to_have_text("This is not the join code.")
    expect(page.locator(".pane[data-state=connected]")).to_have_count(0)
    assert Axe().run(page).response["violations"] == []
    join(page, "Ada")
    expect(page.locator("#join")).to_be_hidden()
    connected(page)


def test_a_session_outlives_a_reload_and_its_token_is_in_no_address_and_no_script(
    server: Server, room: str, come: Come
) -> None:
    page = come(server, room, "Ada")
    connected(page)
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.on("websocket", lambda socket: addresses.append(socket.url))
    page.reload()
    connected(page)
    expect(page.get_by_label("Your name")).to_have_value("Ada")
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "polls_apart_session")
    assert addresses and not any(token in address for address in addresses)
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("JSON.stringify([localStorage, sessionStorage])").find(token) == -1


def test_who_leaves_is_asked_again_and_comes_back_under_another_name(server: Server, room: str, come: Come) -> None:
    page = come(server, room, "Ada")
    connected(page)
    say(page, "before", by="sse")
    shows(page, "before")
    page.get_by_role("button", name="Leave").click()
    expect(page.locator("#join")).to_be_visible()
    join(page, "Eve")
    expect(page.locator("#join")).to_be_hidden()
    connected(page)
    say(page, "after", by="websocket")
    shows(page, "before", "after")
    expect(page.locator(".pane.sse li b")).to_have_text(["Ada", "Eve"])


def test_who_cannot_leave_is_told_why_and_stays(room: str, come: Come, start_redis: Callable[..., RedisServer]) -> None:
    redis = start_redis(*LASTING)
    server = Server("all", "--auth", "token", "--join-code", "tea-time", "--store", redis.url)
    try:
        page = come(server, room, "Ada")
        connected(page)
        leave, notice = page.get_by_role("button", name="Leave"), page.locator("#notice")
        redis.kill()
        leave.click()
        expect(notice).to_have_text("You are still in. The store does not answer. Try the same again.")
        expect(page.locator("#join")).to_be_hidden()
        assert Axe().run(page).response["violations"] == []
        redis.start()
        until(lambda: server.request("GET", "/health").json["status"] == "ok")
        say(page, "still here", by="websocket")
        shows(page, "still here")
        leave.click()
        expect(page.locator("#join")).to_be_visible()
        expect(notice).to_be_hidden()
        join(page, "Eve")
        connected(page)
        server.kill()
        leave.click()
        expect(notice).to_have_text("You are still in. The server does not answer.")
    finally:
        if server.process.poll() is None:
            server.kill()


def test_names_and_texts_are_inert(server: Server, room: str, come: Come) -> None:
    page = come(server, room, NASTY[0])
    connected(page)
    title = page.title()
    for text in NASTY:
        say(page, text, by="sse")
    shows(page, *NASTY)
    assert page.title() == title
    assert page.locator(".log :is(script, img, a)").count() == 0
