"""loadtests/http2.py: against Chromium's own requests, and against a server that is h2's."""

from collections.abc import Callable

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection

from lab import authority
from loadtests import headers, http2
from tests.loadtests.chromium2 import FRAME_HEADER, Asked, keeping
from tests.loadtests.test_headers import SWITCHES, VERSIONS
from tests.processes import PATIENCE

PAGE = """async () => {
  for (let n = 0; n < 3; n++) await (await fetch("/rooms/r/messages?after=0")).text();
  const body = JSON.stringify({id: "1", sender: "a", text: "b"});
  const headers = {"Content-Type": "application/json"};
  for (let n = 0; n < 2; n++) await (await fetch("/rooms/r/messages", {method: "POST", headers, body})).text();
  await new Promise(done => {
    const source = new EventSource("/rooms/r/events?first");
    let lost = 0;
    source.onerror = () => { if (++lost == 3) { source.close(); done(); } };
  });
}"""
CASES = [  # (the kind in headers.toml, method and path, the values that change)
    ("fetch-get", "GET", "/rooms/r/messages?after=0", {}),
    ("fetch-post", "POST", "/rooms/r/messages", {"length": "34"}),
    ("eventsource", "GET", "/rooms/r/events?first", {"event_id": "e-5"}),
]


@pytest.fixture(scope="module")
def captured(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Asked]]:
    """(host, what Chromium asked there)."""
    from playwright.sync_api import sync_playwright

    chromium, _ = tool("chromium"), tool("openssl")
    asked: list[Asked] = []
    with (
        keeping(asked, authority.make(tmp_path_factory.mktemp("authority"))) as host,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"https://{host}/")
        page.evaluate(PAGE)
        browser.close()
    return host, asked


@pytest.mark.browser
@pytest.mark.parametrize(("kind", "method", "path", "values"), CASES)
def test_our_requests_are_chromiums_field_by_field_and_from_the_second_on_byte_by_byte(
    captured: tuple[str, list[Asked]], kind: str, method: str, path: str, values: dict[str, str]
) -> None:
    host, asked = captured
    theirs = [one for one in asked if (one[":method"], one[":path"]) == (method, path)][-1]
    prepared = headers.prepare("browser", host, f"https://{host}")
    ours = http2.browser_fields(method, host, path, headers.fill(prepared[kind], **values))
    assert [name for name, _ in ours] == [name for name, _ in theirs.fields]
    differ = sum(len(value) for _, value in ours) - sum(len(value) for _, value in theirs.fields)
    assert abs(differ) <= VERSIONS
    session = http2.Session()
    lengths = []
    for _ in range(3):
        session.outgoing()
        session.ask(method, host, path, headers.fill(prepared[kind], **values))
        lengths.append(len(session.outgoing()) - FRAME_HEADER)
    assert lengths[0] > 5 * lengths[1] and lengths[1:] == [theirs.length, theirs.length]


class Talk:
    """Our session, and a server for it."""

    def __init__(self) -> None:
        self.client = http2.Session()
        self.server = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.server.initiate_connection()
        self.exchange()

    def exchange(self, piece: int = 1) -> list[tuple[int, http2.News]]:
        """Everything that both have to say, in pieces of so many bytes; what the client hears."""
        heard = []
        while (up := self.client.outgoing()) or (down := self.server.data_to_send()):
            if up:
                self.server.receive_data(up)
            else:
                pieces = (down[start : start + piece] for start in range(0, len(down), piece))
                heard += [news for data in pieces for news in self.client.feed(data)]
        return heard

    def ask(self) -> int:
        return self.client.ask("GET", "localhost", "/", [("Host", "localhost"), ("Accept", "*/*")])


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_two_answers_come_side_by_side(talk: Talk) -> None:
    assert talk.client.settled
    one, two = talk.ask(), talk.ask()
    talk.exchange()
    for number in (two, one):
        talk.server.send_headers(number, [(":status", "200"), ("etag", '"e-1"')])
        talk.server.send_data(number, b"answer", end_stream=number == one)
    head = http2.Head(200, [(b"etag", b'"e-1"')])
    assert talk.exchange() == [(two, head), (two, b"answer"), (one, head), (one, b"answer"), (one, None)]


def test_a_body_as_long_as_any_does_not_wait_for_leave(talk: Talk) -> None:
    number = talk.ask()
    talk.exchange()
    talk.server.send_headers(number, [(":status", "200")])
    for _ in range(100):
        talk.server.send_data(number, b"x" * 16_384)
    body = b"".join(news for _, news in talk.exchange(10_000) if isinstance(news, bytes))
    assert body == b"x" * 1_638_400


def test_a_stream_that_is_reset_ends_with_a_reason_and_leaves_the_others(talk: Talk) -> None:
    one, two = talk.ask(), talk.ask()
    talk.exchange()
    talk.server.reset_stream(one, 2)
    talk.server.send_headers(two, [(":status", "204")], end_stream=True)
    (first, error), *rest = talk.exchange()
    assert first == one and isinstance(error, ConnectionError) and "reset" in str(error)
    assert rest == [(two, http2.Head(204, [])), (two, None)] and not talk.client.over


def test_a_server_that_says_goodbye_answers_what_it_took_and_no_more(talk: Talk) -> None:
    one = talk.ask()
    talk.exchange()
    two = talk.ask()
    talk.server.close_connection(last_stream_id=one)
    heard = talk.client.feed(talk.server.data_to_send())
    assert [(number, type(news)) for number, news in heard] == [(two, ConnectionError)]
    assert talk.client.over
    with pytest.raises(ConnectionError, match="no request can be made"):
        talk.ask()


DATA_THAT_NOBODY_ASKED_FOR = b"\0\0\1\0\0\0\0\0\x63x"


def test_what_is_no_http2_ends_the_connection(talk: Talk) -> None:
    with pytest.raises(ConnectionError, match="the server broke off"):
        list(talk.client.feed(DATA_THAT_NOBODY_ASKED_FOR))
    assert talk.client.over
