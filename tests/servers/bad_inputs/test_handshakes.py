"""WebSocket handshakes that are broken, and first frames that show no token."""

from contextlib import ExitStack
from itertools import takewhile

import pytest

from tests.processes import Server
from tests.servers.bad_inputs.asking import UPGRADE, head, refused, token
from tests.servers.contract.clients import HANDSHAKE
from tests.servers.raw import Raw
from tests.servers.sockets import CLOSE, TEXT, masked, read_frame

FIRST_FRAMES = ["{}", "hello", '{"type":"auth"}', '{"type":"auth","token":1}', '{"type":"auth","token":"x"}']
FIRST_FRAMES += ['{"type":"send","id":"a","sender":"Ada","text":"x"}', '{"type":"auth","token":"{token}x"}']


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Upgrade": None, "Connection": None, "Sec-WebSocket-Version": None, "Sec-WebSocket-Key": None}, 400),
        ({"Upgrade": None, "Connection": None}, 400),
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Version": "thirteen"}, 426),
        ({"Sec-WebSocket-Version": None}, 426),
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Key": "!" * 24}, 400),
        ({"Sec-WebSocket-Key": "\xe9" * 24}, 400),
        ({"Sec-WebSocket-Protocol": "\xe9"}, 400),
        ({"Connection": "Upgrade, \xe9"}, 400),
        ({"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ=="}, 400),
    ],
)
def test_a_broken_handshake_is_refused(server: Server, change: dict[str, str | None], status: int) -> None:
    fields = "".join(f"{name}: {value}\r\n" for name, value in (HANDSHAKE | change).items() if value is not None)
    assert refused(server, head(server, "GET", "/websocket/rooms/kept/socket", f"{fields}\r\n"))[0] == status


@pytest.mark.parametrize(
    "first",
    [
        "GET {} HTTP/1.0\r\nHost: {}",
        "GET {} HTTP/1.1\r\nX-Host: {}",
        "GET {} HTTP/1.1\r\nHost: [fe80::1%\xfc]:80\r\nX-Host: {}",
    ],
    ids=["by HTTP/1.0", "without a Host", "with a Host that is not ASCII"],
)
def test_a_handshake_that_no_browser_makes_is_refused(server: Server, first: str) -> None:
    host = f"{server.host}:{server.port}"
    request = first.format("/websocket/rooms/kept/socket", host) + f"\r\n{UPGRADE}\r\n"
    assert refused(server, request)[0] in (400, 421)


def shaken(raw: Raw, server: Server) -> None:
    """A WebSocket that has said nothing yet, though a cookie and a header have."""
    cookie = f"Cookie: polls_apart_session={token(server)}\r\n\r\n"
    raw.send(head(server, "GET", "/websocket/rooms/kept/socket", UPGRADE + cookie))
    assert b" 101 " in raw.incoming.readline()
    assert list(takewhile(b"\r\n".__ne__, raw.incoming))


def test_a_first_frame_without_a_valid_token_closes_4401(server: Server) -> None:
    with ExitStack() as stack:
        sockets = []
        for frame in (None, *FIRST_FRAMES):  # side by side: each is waited for
            raw = stack.enter_context(Raw(server))
            shaken(raw, server)
            if frame is not None:
                raw.send(masked(TEXT, frame.replace("{token}", token(server)).encode()))
            sockets.append((frame, raw))
        for frame, raw in sockets:
            opcode, payload = read_frame(raw.incoming)
            assert (opcode, payload[:2]) == (CLOSE, (4401).to_bytes(2)), frame
        for _, raw in sockets:
            assert raw.ended(), "also when the client closes nothing"
