"""loadtests/headers.toml against what Chromium sends, captured anew on a socket that shows every byte."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile

import pytest

from loadtests import headers
from tests.loadtests.answering import answering
from tests.processes import PATIENCE

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
VERSIONS = 12  # bytes by which the headers may differ from one Chromium, or one version of it, to the next
ETAG, EVENT_ID = '"e-5"', "e-5"
JSON_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: private, no-cache\r\n"
ANSWERS = {  # the request line's first words: the answer
    "GET /rooms/r/messages": f"{JSON_HEAD}ETag: {ETAG}\r\nContent-Length: 2\r\n\r\n{{}}",
    "POST /rooms/r/messages": f"{JSON_HEAD}Content-Length: 2\r\n\r\n{{}}",
    "GET /rooms/r/events?first": "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    f"retry: 10\nid: {EVENT_ID}\ndata: x\n\n",
    "GET /rooms/r/socket": "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "GET /": "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi",
}
PAGE = """async () => {
  const url = "/rooms/r/messages?after=0";
  await (await fetch(url)).text();
  await (await fetch(url)).text();
  const body = JSON.stringify({id: "1", sender: "a", text: "b"});
  const headers = {"Content-Type": "application/json"};
  await (await fetch("/rooms/r/messages", {method: "POST", headers, body})).text();
  await new Promise(done => {
    const source = new EventSource("/rooms/r/events?first");
    let lost = 0;
    source.onerror = () => { if (++lost == 2) { source.close(); done(); } };
  });
  await new Promise(done => { new WebSocket(`ws://${location.host}/rooms/r/socket?after=0`).onerror = done; });
}"""


@contextmanager
def showing_every_byte(heads: list[str]) -> Iterator[str]:
    """A server that keeps every request head and answers from the table."""

    def answer(connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            while (head := b"".join(takewhile(b"\r\n".__ne__, lines))).endswith(b"\r\n"):
                text = head.decode()
                heads.append(text)
                lines.read(int(dict(fields(text)).get("Content-Length", "0")))
                reply = next(reply for start, reply in ANSWERS.items() if text.startswith(start))
                connection.sendall(reply.encode())
                if "Connection: close" in reply:
                    return

    with answering(answer) as (host, port):
        yield f"{host}:{port}"


def fields(head: str) -> list[tuple[str, str]]:
    return [tuple(line.split(": ", 1)) for line in head.splitlines()[1:] if line]


@pytest.fixture(scope="module")
def captured(tool: Callable[[str], str]) -> tuple[str, list[str]]:
    """(host, the request heads that Chromium sent there)."""
    from playwright.sync_api import sync_playwright

    chromium = tool("chromium")
    heads: list[str] = []
    with showing_every_byte(heads) as host, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"http://{host}/")
        page.evaluate(PAGE)
        browser.close()
    return host, heads


CASES = [  # (the kind in headers.toml, how its request begins, which of those, the values that change)
    ("fetch-get", "GET /rooms/r/messages", 0, {}),
    ("fetch-get", "GET /rooms/r/messages", 1, {"etag": ETAG}),
    ("fetch-post", "POST /rooms/r/messages", 0, {"length": "34"}),
    ("eventsource", "GET /rooms/r/events", 0, {}),
    ("eventsource", "GET /rooms/r/events", 1, {"event_id": EVENT_ID}),
    ("websocket", "GET /rooms/r/socket", 0, {"key": "A" * 24}),
]


@pytest.mark.browser
@pytest.mark.parametrize(("kind", "begins", "which", "values"), CASES)
def test_our_headers_are_chromiums_by_name_order_and_size(
    captured: tuple[str, list[str]], kind: str, begins: str, which: int, values: dict[str, str]
) -> None:
    host, heads = captured
    theirs = fields([head for head in heads if head.startswith(begins)][which])
    ours = headers.fill(headers.prepare("browser", host, f"http://{host}")[kind], **values)
    assert [name for name, _ in ours] == [name for name, _ in theirs]
    chromium = sum(len(name) + len(value.replace("HeadlessChrome", "Chrome")) for name, value in theirs)
    assert abs(sum(len(name) + len(value) for name, value in ours) - chromium) <= VERSIONS


def test_a_header_without_a_value_is_left_out() -> None:
    template = headers.prepare("bare", "h", "http://h")["eventsource"]
    assert headers.fill(template) == [("Host", "h"), ("Accept", "text/event-stream")]
    assert headers.fill(template, event_id="e-1")[-1] == ("Last-Event-ID", "e-1")


def test_both_sets_have_the_same_kinds() -> None:
    assert headers.SETS["browser"].keys() == headers.SETS["bare"].keys()
