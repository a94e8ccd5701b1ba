"""What a browser is shown at which address, and whom a page may talk to."""

import re
from collections.abc import Sequence
from itertools import combinations

import pytest
from flask.testing import FlaskClient

from servers.app import create_app
from servers.front import PAGES, stage_for
from servers.settings import PAGES as KNOWN
from servers.settings import Settings
from servers.stores import open_store
from servers.transports import TRANSPORTS

STAGE = 5006


def client(page: str, transports: Sequence[str] = tuple(TRANSPORTS)) -> FlaskClient:
    stage = 0 if page == "chat" else STAGE
    settings = Settings(page=page, stage=stage, auth=page == "class", origins=("http://lab:5005",))
    return create_app(list(transports), open_store("memory", 10), settings).test_client()


def directives(policy: str) -> dict[str, set[str]]:
    """A policy as what each of its directives allows."""
    return {name: set(sources) for name, *sources in (part.split() for part in policy.split(";"))}


@pytest.mark.parametrize("page", KNOWN)
def test_every_page_has_its_templates_and_nothing_else_is_there(page: str) -> None:
    shown = client(page)
    for path in ("/", "/projector"):
        answer = shown.get(path, headers={"Host": "127.0.0.1:5005"})
        assert answer.status_code == (200 if path in PAGES[page] else 404)
        if path in PAGES[page]:
            assert answer.mimetype == "text/html"


def test_the_pages_are_those_that_can_be_asked_for() -> None:
    assert tuple(PAGES) == KNOWN


@pytest.mark.parametrize("name", TRANSPORTS)
def test_the_chat_by_one_way_is_headed_by_its_name_and_leaves_no_choice(name: str) -> None:
    shown = client("chat", [name]).get("/").text
    words = {"short-polling": "Short polling", "long-polling": "Long polling", "sse": "Server-sent events",
             "websocket": "WebSocket"}[name]  # fmt: skip
    assert f"<title>{words} · Polls Apart</title>" in shown and f"<h1>{words}</h1>" in shown
    assert '<body class="alone">' in shown and "One message" not in shown and '<label class="by" hidden>' in shown
    assert shown.count("<section") == 1 and ("every <input" in shown) == (name == "short-polling")


@pytest.mark.parametrize("many", [2, 3, 4])
def test_the_chat_by_several_ways_says_how_many(many: int) -> None:
    for names in combinations(TRANSPORTS, many):
        shown = client("chat", names).get("/").text
        word = {2: "two", 3: "three", 4: "four"}[many]
        assert f"<title>{word.capitalize()} ways · Polls Apart</title>" in shown
        assert f"<h1>One message, {word} ways</h1>" in shown
        assert '<body class="together">' in shown and '<label class="by">' in shown


@pytest.mark.parametrize(("page", "path"), [("live", "/"), ("class", "/"), ("class", "/projector")])
@pytest.mark.parametrize(
    ("host", "stage"),
    [
        ("127.0.0.1:5005", "ws://127.0.0.1:5006"),
        ("localhost:5005", "ws://localhost:5006"),
        ("192.168.1.7:5005", "ws://192.168.1.7:5006"),
        ("[::1]:5005", "ws://[::1]:5006"),
        ("LAB:5005", "ws://lab:5006"),
    ],
)
def test_a_page_may_talk_to_its_server_and_to_its_stage_only(page: str, path: str, host: str, stage: str) -> None:
    answer = client(page).get(path, headers={"Host": host})
    (named,) = re.findall(r'<body[^>]* data-stage="([^"]*)"', answer.text)
    (meta,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', answer.text)
    for policy in (meta.replace("&#39;", "'"), answer.headers["Content-Security-Policy"]):
        allowed = directives(policy)
        assert allowed["connect-src"] == {"'self'", stage} and allowed["default-src"] == {"'none'"}
        assert set.union(*allowed.values()) == {"'self'", "'none'", stage}
    assert named == stage
    assert allowed["frame-ancestors"] == {"'none'"}


def test_the_chat_talks_to_its_server_only() -> None:
    answer = client("chat").get("/", headers={"Host": "127.0.0.1:5005"})
    assert directives(answer.headers["Content-Security-Policy"])["connect-src"] == {"'self'"}


@pytest.mark.parametrize("page", KNOWN)
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:5005", "127.0.0.1;script-src", "[::1"])
def test_who_asks_by_another_name_sees_no_page(page: str, host: str) -> None:
    for path in PAGES[page]:
        assert client(page).get(path, headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("host", ["[fe80::1%;script-src *]:5005", "[fe80::1%25eth0]:5005"])
def test_the_zone_of_an_address_does_not_get_into_the_policy(host: str) -> None:
    assert stage_for(host, STAGE) in ("ws://[fe80::1]:5006", "ws://localhost:5006")
    answer = client("live").get("/", headers={"Host": host})
    assert answer.status_code == 421 or "script-src *" not in answer.headers["Content-Security-Policy"]


def test_who_names_no_host_is_shown_the_page_all_the_same() -> None:
    answer = client("live").get("/", environ_overrides={"HTTP_HOST": ""})
    assert answer.status_code == 200 and "ws://localhost:5006" in answer.text
