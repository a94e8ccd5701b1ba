"""POST, GET and DELETE /session: the app as it is, without a socket."""

import pytest
from flask.testing import FlaskClient

from servers.app import create_app
from servers.entrance import counted
from servers.settings import Settings
from servers.stores import open_store


def client(**settings: object) -> FlaskClient:
    app = create_app(["short-polling"], open_store("memory", 10), Settings(secret="x" * 16, **settings))
    return app.test_client()


@pytest.mark.parametrize("auth", [False, True])
def test_who_asks_gets_a_token_for_a_header_and_a_cookie_for_a_page(auth: bool) -> None:
    ours = client(auth=auth)
    answer = ours.post("/session", json={"name": "Ada"})
    assert answer.status_code == 201 and answer.headers["Cache-Control"] == "no-store"
    assert answer.json["name"] == "Ada"
    cookie = answer.headers["Set-Cookie"]
    assert answer.json["token"] in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "Max-Age=43200" in cookie and "Secure" not in cookie


def test_over_tls_the_cookie_never_leaves_it() -> None:
    answer = client(auth=True).post("/session", json={"name": "Ada"}, base_url="https://127.0.0.1")
    assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("way", ["bearer", "Bearer", "cookie"])
def test_a_token_is_taken_from_a_header_or_a_cookie(way: str) -> None:
    ours = client(auth=True)
    token = ours.post("/session", json={"name": "Ada"}).json["token"]
    headers = {} if way == "cookie" else {"Authorization": f"{way} {token}"}
    other = ours if way == "cookie" else ours.application.test_client()
    assert other.get("/rooms/tea/messages", headers=headers).status_code == 200
    assert other.get("/session", headers=headers).json["token"] == token


def test_without_tokens_a_session_is_of_no_effect() -> None:
    ours = client(auth=False)
    ours.post("/session", json={"name": "Ada"})
    draft = {"id": "a", "sender": "Eve", "text": "hello"}
    assert ours.post("/rooms/tea/messages", json=draft).status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"name": ""}, 422),
        ({"name": "x" * 65}, 422),
        ({"name": 1}, 422),
        ({"name": "Ada", "admin": True}, 422),
        ([], 422),
        ({"name": "x" * 70_000}, 413),
    ],
)
def test_a_session_needs_a_name(body: object, status: int) -> None:
    assert client(auth=True).post("/session", json=body).status_code == status


def test_a_join_code_is_needed_where_there_is_one() -> None:
    ours = client(auth=True, join_code="tea-time")
    for code, status in (("", 403), ("tea", 403), ("Tea-Time", 403), ("é", 403), ("tea-time", 201)):
        assert ours.post("/session", json={"name": "Ada", "code": code}).status_code == status


def test_join_codes_cannot_be_tried_out() -> None:
    ours = client(auth=True, join_code="tea-time")
    tries = [ours.post("/session", json={"name": "Ada", "code": str(n)}) for n in range(12)]
    assert [answer.status_code for answer in tries[:10]] == [403] * 10
    assert tries[-1].status_code == 429 and int(tries[-1].headers["Retry-After"]) >= 1
    right = ours.post("/session", json={"name": "Ada", "code": "tea-time"})
    assert right.status_code == 429, "or one more try would tell"
    elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    assert ours.post("/session", json={"name": "A", "code": "tea-time"}, environ_base=elsewhere).status_code == 201


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::3", "2001:db8:1:2:ffff::", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("2001:db8:1:2::3", "2001:db8:1:3::3", False),
        ("192.0.2.1", "192.0.2.2", False),
    ],
)
def test_who_has_an_ipv6_address_has_all_that_begin_like_it(one: str, other: str, same: bool) -> None:
    assert (counted(one) == counted(other)) is same


def test_an_address_gets_sessions_for_a_class_and_not_for_an_army() -> None:
    ours = client(auth=True)
    statuses = [ours.post("/session", json={"name": "Ada"}).status_code for _ in range(400)]
    assert statuses[:40] == [201] * 40 and 429 in statuses


def test_who_leaves_is_out_and_the_cookie_is_gone() -> None:
    ours = client(auth=True)
    token = ours.post("/session", json={"name": "Ada"}).json["token"]
    gone = ours.delete("/session")
    assert gone.status_code == 204 and "Max-Age=0" in gone.headers["Set-Cookie"]
    headers = {"Authorization": f"Bearer {token}"}
    for answer in (ours.get("/rooms/tea/messages", headers=headers), ours.delete("/session", headers=headers)):
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_key_that_nobody_gave_is_not_an_empty_one() -> None:
    from itsdangerous import URLSafeTimedSerializer

    app = create_app(["short-polling"], open_store("memory", 10), Settings(auth=True))
    forged = URLSafeTimedSerializer("", salt="polls-apart session").dumps(["id", "Ada"])
    answer = app.test_client().get("/rooms/tea/messages", headers={"Authorization": f"Bearer {forged}"})
    assert answer.status_code == 401
