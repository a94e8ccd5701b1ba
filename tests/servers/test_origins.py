"""Whose pages may talk to a server, and by which names it is asked: the rules, and what is told to who breaks them."""

import json
from collections.abc import Callable

import pytest

from servers.app import create_app
from servers.origins import allows, goes_by
from servers.settings import Settings
from servers.stores import open_store
from tests.processes import Server
from tests.servers.bad_inputs.asking import NOUNS, UPGRADE
from tests.servers.raw import Raw

LISTED = ("https://class.example", "http://lab:5005")
NAMES = [  # in a Host field, and whether the server goes by them
    ("127.0.0.1", True),
    ("127.0.0.1:5005", True),
    ("192.168.1.7:80", True),
    ("[::1]:5005", True),
    ("localhost:5005", True),
    ("LOCALHOST", True),
    ("class.example", True),
    ("Class.Example:8443", True),
    ("lab", True),
    ("", True),  # of who has no name for it: no browser
    ("evil.example", False),
    ("evil.example:5005", False),
    ("localhost.evil.example", False),
    ("127.0.0.1.evil.example", False),
    ("class.example.evil.example", False),
    ("127.0.0.1,evil.example", False),
    ("evil.example@127.0.0.1", False),
    ("127.0.0.1/evil.example", False),
    ("2130706433", False),
    ("[::1", False),
    (":5005", False),
]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:5005", "127.0.0.1:5005"),
        ("http://localhost:5005", "localhost:5005"),
        ("http://[::1]:5005", "[::1]:5005"),
        ("http://192.168.1.7", "192.168.1.7"),
        ("https://10.0.0.1:8443", "10.0.0.1:8443"),
    ],
)
def test_a_server_known_by_an_address_talks_to_its_own_pages(origin: str, host: str) -> None:
    assert allows(origin, host, ())


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://evil.example", "127.0.0.1:5005"),
        ("null", "127.0.0.1:5005"),
        ("", ""),
        ("http://", ""),
        ("http://127.0.0.1:5005.evil.example", "127.0.0.1:5005"),
        ("http://127.0.0.1:5006", "127.0.0.1:5005"),
        ("http://localhost:5005", "127.0.0.1:5005"),
        ("ftp://127.0.0.1:5005", "127.0.0.1:5005"),
        ("http://evil.example:5005", "evil.example:5005"),  # a name that was made to lead here
        ("http://localhost.evil.example", "localhost.evil.example"),
        ("http://[::1", "[::1"),
        ("http://2130706433", "2130706433"),
        ("http://a@127.0.0.1", "a@127.0.0.1"),
    ],
)
def test_any_other_page_is_foreign(origin: str, host: str) -> None:
    assert not allows(origin, host, ())


def test_an_origin_with_a_name_is_let_in_when_it_is_listed() -> None:
    listed = ("https://class.example",)
    assert allows("https://class.example", "class.example", listed)
    assert not allows("https://class.example.evil.example", "class.example.evil.example", listed)


@pytest.mark.parametrize("auth", [False, True])
def test_the_list_holds_with_tokens_and_without(auth: bool) -> None:
    settings = Settings(auth=auth, secret="x" * 16, origins=("https://class.example",))
    client = create_app(["sse"], open_store("memory", 10), settings).test_client()
    for origin, status in (("https://class.example", 200), ("https://other.example", 403), ("null", 403)):
        assert client.get("/health", headers={"Origin": origin}).status_code == status


@pytest.mark.parametrize(("host", "whether"), NAMES)
def test_a_server_goes_by_its_address_as_localhost_and_by_the_names_it_was_told(host: str, whether: bool) -> None:
    assert goes_by(host, LISTED) == whether


@pytest.mark.parametrize("auth", ["off", "token"])
@pytest.mark.parametrize("transport", NOUNS)
def test_who_asks_by_another_name_is_refused_whatever_it_asks_for(
    engine: str, serving: Callable[..., Server], transport: str, auth: str, room: str
) -> None:
    """What a page reads by a plain GET, once its own name leads here, carries no Origin."""
    server = serving(engine, "--auth", auth, "--origin", "http://class.example")
    upgrade = UPGRADE if transport == "websocket" else ""
    for target in (f"/{transport}/rooms/{room}/{NOUNS[transport]}", "/", "/health", "/web/chat.js", "/nowhere"):
        with Raw(server) as raw:
            raw.send(f"GET {target} HTTP/1.1\r\nHost: evil.example:{server.port}\r\n{upgrade}\r\n")
            status, fields, body = raw.answer()
        assert (status, fields["content-type"]) == (421, "application/problem+json"), target
        assert "--origin" in json.loads(body)["detail"]


def test_who_asks_by_a_name_that_is_listed_or_by_none_is_answered(engine: str, serving: Callable[..., Server]) -> None:
    server = serving(engine, "--auth", "off", "--origin", "http://class.example")
    for version, host in (("1.1", "class.example"), ("1.1", "localhost"), ("1.1", f"[::1]:{server.port}"), ("1.0", "")):
        with Raw(server) as raw:
            raw.send(f"GET /health HTTP/{version}\r\n" + (f"Host: {host}\r\n" if host else "") + "\r\n")
            assert raw.answer()[0] == 200, host
