"""What a WebSocket does wrong in its first version, with one client at a time."""

import json
import zlib

import psutil
import pytest

from tests.processes import PATIENCE
from tests.servers.conformance import wire
from tests.servers.defects.places import Place
from tests.servers.defects.raw import NotAFrame, WebSocket, draft, says_something

QUIET = 1.5  # seconds; our server is told to need less
MEGABYTE = 1024 * 1024
DEFLATE = "permessage-deflate"


def sending(text: str) -> bytes:
    return json.dumps({"type": "send", **draft(text, "long")}).encode()


def test_who_comes_back_to_a_socket_has_missed_what_was_said(place: Place) -> None:
    server = place.start("websocket")
    speaker = WebSocket.in_the_room(server, "speaker")
    speaker.say("said while it was away")
    speaker.heard_until("said while it was away")
    back = WebSocket.in_the_room(server, "back")
    assert ("said while it was away" in back.heard) == place.sees(minimal=False, mended=True)


def test_a_page_of_any_site_may_open_a_socket(place: Place) -> None:
    """Browsers ask no server whether a page may: the server must look who asks, or the page speaks as its visitor."""
    socket = WebSocket(place.start("websocket"), Origin="https://evil.example")
    assert socket.status == place.sees(minimal=101, mended=403)


@pytest.mark.parametrize("change", [{"Sec_WebSocket_Version": "8"}, {"Sec_WebSocket_Key": ""}])
def test_a_broken_handshake_is_the_servers_error(place: Place, change: dict[str, str]) -> None:
    status = 426 if "Sec_WebSocket_Version" in change else 400
    assert WebSocket(place.start("websocket"), **change).status == place.sees(minimal=500, mended=status)


@pytest.mark.parametrize("said", [b"hello", b"[1]", b'"hello"'])
def test_a_message_that_is_none_is_answered_by_a_page_of_html(place: Place, said: bytes) -> None:
    """The handler fails, and Flask writes its error page where frames are expected."""
    client = WebSocket.in_the_room(place.start("websocket"), "client")
    client.send(said)
    if place.is_minimal:
        with pytest.raises(NotAFrame, match=r"HTTP/1\.1 500"):
            client.frame()
    else:
        assert client.outcome() == "error"


def test_a_message_may_be_of_any_length(place: Place) -> None:
    client = WebSocket.in_the_room(place.start("websocket"), "client")
    client.send(sending("x" * MEGABYTE))
    assert client.outcome() == place.sees(minimal="message", mended=1009)


def test_a_gigabyte_is_waited_for(place: Place) -> None:
    """Whoever announces one holds a thread, and memory for as much of it as it sends."""
    client = WebSocket.in_the_room(place.start("websocket"), "client")
    client.socket.sendall(wire.head(wire.TEXT, 1024 * MEGABYTE) + wire.KEY)
    assert says_something(client.socket, within=place.sees(minimal=QUIET, mended=PATIENCE)) != place.is_minimal


def test_a_few_bytes_become_megabytes(place: Place) -> None:
    """Compression is agreed to whenever a client offers it, and a message inflates to whatever it says."""
    server = place.start("websocket", "--compression")
    client = WebSocket(server, Sec_WebSocket_Extensions=f"{DEFLATE}; server_no_context_takeover")
    assert DEFLATE.encode() in client.head
    before = memory(server)
    packer = zlib.compressobj(wbits=-15)
    bomb = (packer.compress(sending("x" * 50 * MEGABYTE)) + packer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(
        b"\0\0\xff\xff"
    )
    assert len(bomb) < 64 * 1024
    client.socket.sendall(wire.frame(wire.TEXT, bomb, rsv=4))
    assert client.outcome() == place.sees(minimal="no frame", mended=1009), "there it is told to all, compressed"
    assert (memory(server) - before > 50 * MEGABYTE) == place.sees(minimal=True, mended=False)


def memory(server: object) -> int:
    main = psutil.Process(server.process.pid)
    return sum(process.memory_info().rss for process in (main, *main.children(recursive=True)))


def test_a_client_that_answers_no_ping_is_kept(place: Place) -> None:
    """It is never asked: a laptop that was shut stays in the room until the machine is restarted."""
    client = WebSocket.in_the_room(place.start("websocket", "--heartbeat", 1), "client")
    assert says_something(client.socket, within=place.sees(minimal=QUIET, mended=PATIENCE)) != place.is_minimal
    if not place.is_minimal:
        assert client.outcome() == 1008


def test_a_socket_that_was_closed_ends_with_a_page(place: Place) -> None:
    client = WebSocket.in_the_room(place.start("websocket"), "client")
    client.socket.sendall(wire.close(1000))
    assert (b"HTTP/1.1 200" in client.incoming.read()) == place.sees(minimal=True, mended=False)
