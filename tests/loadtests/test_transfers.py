"""loadtests/transfers.py: what crosses for each poll, event and message, behind a real nginx."""

import subprocess
import sys
from collections.abc import Callable

import msgspec
import pytest

from loadtests.sockets import tcp_info_supported
from loadtests.transfers import KINDS, Transfers
from tests.front import Front
from tests.processes import PATIENCE, Server

COUNT = 3
RECORD = 22  # bytes of a TLS record beside its text: a header of 5, a tag of 16, and its type (RFC 8446 section 5.2)


@pytest.fixture(scope="module")
def measured(running: Callable[..., Server], fronting: Callable[..., Front]) -> Callable[[str, str], Transfers]:
    """`measured(kind, http)` is what the process says."""
    front, known = fronting(running("all")), dict[tuple[str, str], Transfers]()

    def measure(kind: str, http: str) -> Transfers:
        if (kind, http) not in known:
            options = ("--ca", front.nginx.ca, "--http", http, "--count", str(COUNT))
            command = [sys.executable, "-m", "loadtests.transfers", front.url, kind, *options]
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
            assert (done.returncode, done.stderr) == (0, "")
            known[kind, http] = msgspec.json.decode(done.stdout, type=Transfers)
        return known[kind, http]

    return measure


ALL = [(kind, http) for kind in KINDS for http in ("1.1", "2") if (kind, http) != ("websocket", "2")]


@pytest.mark.parametrize(("kind", "http"), ALL)
def test_what_crossed_at_the_socket_is_text_and_tls_and_nothing_is_left_over(
    measured: Callable[[str, str], Transfers], kind: str, http: str
) -> None:
    warm = measured(kind, http).warm
    for text, socket in (
        (warm.header_up + warm.body_up, warm.socket_up),
        (warm.header_down + warm.body_down, warm.socket_down),
    ):
        records = (socket - text) / RECORD
        assert records == pytest.approx(round(records)) and (records >= 1 or text == 0)
    if tcp_info_supported():
        assert warm.ip_up > warm.socket_up and warm.ip_down > warm.socket_down


@pytest.mark.parametrize("kind", ["short-polling", "short-polling-news", "long-polling", "send"])
def test_by_http_2_a_request_says_little_that_was_said_before(
    measured: Callable[[str, str], Transfers], kind: str
) -> None:
    one, two = measured(kind, "1.1"), measured(kind, "2")
    assert two.warm.header_up < one.warm.header_up / 3
    assert two.warm.header_up < two.first.header_up / 2 and one.warm.header_up > one.first.header_up * 0.9
    assert two.warm.body_down == pytest.approx(one.warm.body_down, abs=2)
    assert two.warm.header_down < one.warm.header_down


def test_an_empty_poll_has_no_body_and_a_message_has_no_header_but_its_frames(
    measured: Callable[[str, str], Transfers],
) -> None:
    assert measured("short-polling", "1.1").warm.body_down == measured("short-polling", "2").warm.body_down == 0
    for kind, http in (("sse", "1.1"), ("sse", "2"), ("websocket", "1.1")):
        warm = measured(kind, http).warm
        assert warm.header_up == 0 < warm.header_down < 10 < warm.body_down


def test_a_server_that_does_not_speak_it_is_a_sentence(running: Callable[..., Server]) -> None:
    url = running("all").url.replace("http:", "https:")
    command = [sys.executable, "-m", "loadtests.transfers", url, "sse"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2 and done.stderr.startswith("loadtests: ") and done.stderr.count("\n") == 1
