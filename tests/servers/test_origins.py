"""Whose pages may talk to a server: the rule alone."""

import pytest

from servers.app import create_app
from servers.origins import allows
from servers.settings import Settings
from servers.stores import open_store


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
