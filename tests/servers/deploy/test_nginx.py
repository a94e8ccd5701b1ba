"""servers/deploy: what the obvious site does to each transport, and that the good one does not."""

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPResponse

import pytest
from websockets.exceptions import InvalidStatus

from lab.behind import FOLDER
from tests.front import Front
from tests.processes import PATIENCE, Server, Site
from tests.servers.contract.clients import JSON, Sse, WebSocket
from tests.servers.deploy.upstream import Asked, keeping, streaming

TIMEOUT = 3  # seconds, in place of a minute; on a busy machine a server may take one to answer
POLLS = 10
SOON = 0.5  # seconds in which what is not put aside has long arrived
STREAM = b"Content-Type: text/event-stream\r\n"
UNTIL_IT_CLOSES = b"HTTP/1.0 200 OK\r\n" + STREAM + b"\r\n", b"data: news\n\n"
IN_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + STREAM + b"\r\n", b"c\r\ndata: news\n\n\r\n"
TO_NGINX = b"HTTP/1.0 200 OK\r\nX-Accel-Buffering: no\r\n" + STREAM + b"\r\n", b"data: news\n\n"
DRAFT = {"id": "1", "sender": "Ada", "text": "hello"}


@pytest.fixture
def front(request: pytest.FixtureRequest, running: Callable[..., Server], fronting: Callable[..., Front]) -> Front:
    """nginx before a server of all four."""
    return fronting(running("all"), request.param)


@pytest.fixture
def asked(request: pytest.FixtureRequest, fronting: Callable[..., Front]) -> Iterator[tuple[Front, list[Asked]]]:
    """nginx before a server that keeps what it was asked."""
    found: list[Asked] = []
    with keeping(found) as url:
        yield fronting(url, request.param), found


def on(fixture: str, site: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(fixture, [site], indirect=True)


def poll(front: Site, times: int = POLLS) -> None:
    """Ask for something, again and again on one connection."""
    with closing(front.connect()) as connection:
        for _ in range(times):
            connection.request("GET", "/rooms/r/messages?after=0", headers={"Upgrade": ""})
            assert connection.getresponse().read() == b"{}"


@on("asked", "obvious")
def test_the_obvious_site_opens_a_connection_for_each_request_and_asks_by_http_1_0(asked) -> None:
    front, found = asked
    poll(front)
    assert len({request.connection for request in found}) == len(found) == POLLS
    assert {request.line.rpartition(" ")[2] for request in found} == {"HTTP/1.0"}
    assert {request.fields["Connection"] for request in found} == {"close"}


@on("asked", "good")
def test_the_good_site_keeps_its_connections_and_asks_by_http_1_1(asked) -> None:
    front, found = asked
    poll(front)
    assert len(found) == POLLS and {request.connection for request in found} == {0}
    assert {request.line.rpartition(" ")[2] for request in found} == {"HTTP/1.1"}
    assert not any("Connection" in request.fields for request in found)


@on("asked", "obvious")
def test_the_obvious_site_tells_the_server_a_name_that_the_client_did_not_ask_for(asked) -> None:
    front, found = asked
    poll(front, 1)
    assert found[0].fields["Host"] != front.url.removeprefix("http://")


@on("asked", "good")
def test_the_good_site_passes_on_the_name_that_was_asked_for(asked) -> None:
    front, found = asked
    poll(front, 1)
    assert found[0].fields["Host"] == front.url.removeprefix("https://")


def send_as_a_page(front: Front) -> int:
    """The status of a message from a page of this very site."""
    body = json.dumps(DRAFT).encode()
    return front.request("POST", "/sse/rooms/pages/messages", body, JSON | {"Origin": front.url}).status


@on("front", "obvious")
def test_behind_the_obvious_site_a_page_may_not_send(front: Front) -> None:
    assert send_as_a_page(front) == 403


@on("front", "good")
def test_behind_the_good_site_a_page_may_send(front: Front) -> None:
    assert send_as_a_page(front) in (200, 201)


@on("front", "obvious")
def test_the_obvious_site_refuses_a_websocket(front: Front, room: str) -> None:
    with pytest.raises(InvalidStatus) as refused, WebSocket(front).open(room):
        pass
    assert refused.value.response.status_code == 400


@on("front", "good")
def test_the_good_site_opens_a_websocket(front: Front, room: str) -> None:
    with WebSocket(front).open(room) as sock:
        assert json.loads(sock.recv(PATIENCE))["type"] == "ready"


@on("front", "good")
def test_the_good_site_shows_no_stranger_what_is_counted(front: Front) -> None:
    answers = {}
    for name in ("127.0.0.1", "127.0.0.2"):
        with closing(front.connect()) as connection:
            connection.source_address = name, 0
            connection.request("GET", "/metrics")
            answers[name] = connection.getresponse().status
    assert answers == {"127.0.0.1": 200, "127.0.0.2": 403}


def heard_at_once(front: Front, over: threading.Event) -> bool:
    """Whether an event comes before its stream is over; afterwards it does."""
    with closing(front.connect()) as connection:
        connection.connect()
        connection.sock.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.sock.settimeout(SOON)
        heard = b""
        with suppress(TimeoutError):
            while b"news" not in heard:
                heard += connection.sock.recv(65_536)
        at_once = b"news" in heard
        over.set()
        connection.sock.settimeout(PATIENCE)
        while b"news" not in heard:
            heard += connection.sock.recv(65_536)
        return at_once


@pytest.mark.parametrize(
    ("site", "said", "at_once"),
    [
        ("obvious", UNTIL_IT_CLOSES, False),
        ("obvious", IN_CHUNKS, True),
        ("obvious", TO_NGINX, True),
        ("good", UNTIL_IT_CLOSES, True),
        ("good", IN_CHUNKS, True),
    ],
    ids=[
        "put aside",
        "in chunks it is not",
        "nor where the server says so",
        "nor by the good site",
        "in chunks or not",
    ],
)
def test_the_obvious_site_puts_the_events_of_a_stream_aside(
    fronting: Callable[..., Front], site: str, said: tuple[bytes, bytes], at_once: bool
) -> None:
    over = threading.Event()
    with streaming(*said, over) as url:
        assert heard_at_once(fronting(url, site), over) is at_once


@on("front", "obvious")
def test_our_streams_are_passed_on_by_the_obvious_site_too(front: Front, room: str) -> None:
    client = Sse(front)
    assert client.send(room, DRAFT).seq == 1
    assert client.read(room, 1)[0]["text"] == "hello"


@pytest.fixture
def streams(
    running: Callable[..., Server], fronting: Callable[..., Front], room: str
) -> Iterator[Callable[[float], list[HTTPResponse]]]:
    """`streams(heartbeat)` are two that were opened at once, by the obvious site and by the good one."""
    with ExitStack() as stack:

        def opened(heartbeat: float) -> list[HTTPResponse]:
            answers = []
            for site in ("obvious", "good"):
                front = fronting(running("all", "--heartbeat", heartbeat), site, read_timeout=f"{TIMEOUT}s")
                connection = stack.enter_context(closing(front.connect()))
                connection.request("GET", f"/sse/rooms/{room}/events")
                answers.append(connection.getresponse())
            return answers

        yield opened


def test_a_stream_that_says_nothing_is_closed_when_the_time_out_is_over(streams) -> None:
    for answer in streams(86_400):
        assert answer.readline() == b"id:\n"
        with suppress(Exception):
            answer.read()  # comes to an end without a word
        assert answer.isclosed()


def test_a_stream_whose_heart_beats_outlives_the_time_out(streams) -> None:
    for answer in streams(TIMEOUT / 10):
        beats = 0
        while beats < 15:  # one and a half time-outs long
            beats += answer.readline() == b":\n"


@on("front", "good")
def test_the_cookie_of_a_session_is_for_tls_alone(
    front: Front, running: Callable[..., Server], fronting: Callable[..., Front]
) -> None:
    front = fronting(running("sse", "--auth", "token"))
    cookie = front.request("POST", "/session", {"name": "Ada"}).headers["Set-Cookie"]
    assert "Secure" in cookie.split("; ") and "HttpOnly" in cookie.split("; ")


@pytest.mark.parametrize("site", ["good", "obvious"])
def test_its_files_are_in_order_when_filled_in(
    site: str, running: Callable[..., Server], fronting: Callable[..., Front], tool: Callable[[str], str]
) -> None:
    where = fronting(running("sse"), site).nginx.where
    test = [tool("nginx"), "-t", "-q", "-p", where, "-c", where / "nginx.conf", "-e", "stderr"]
    done = subprocess.run(test, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "@" not in (where / f"{site}.conf").read_text().replace("Words between @ signs", "")


def test_every_word_to_be_filled_in_is_explained() -> None:
    explained = set(re.findall(r"`(@\w+@)`", (FOLDER / "README.md").read_text()))
    used = {
        word for path in FOLDER.iterdir() if path.suffix != ".md" for word in re.findall(r"@\w+@", path.read_text())
    }
    assert explained == used
