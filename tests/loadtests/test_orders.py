"""loadtests/orders.py: a link that is told what to change while bytes are under way."""

import json
import socket
import struct
import time
from collections.abc import Iterator
from typing import get_args

import pytest

from loadtests import orders
from loadtests.records import TRANSPORTS
from tests.loadtests.link import Link, ObedientLink, receive, receive_all

PIECE = bytes(range(256)) * 16
BUFFERS = 1 << 19  # bytes: far more than the kernels' buffers hold here, and half of what a link itself would take in


@pytest.fixture
def link() -> Iterator[ObedientLink]:
    with ObedientLink() as link:
        yield link


def asking(link: Link, target: str, method: str = "GET") -> tuple[socket.socket, socket.socket]:
    """A connection whose request has arrived: the client's end and the server's."""
    client, server = link.open()
    ask(client, server, target, method)
    return client, server


def ask(client: socket.socket, server: socket.socket, target: str, method: str = "GET") -> None:
    request = f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    client.sendall(request)
    assert receive(server, len(request)) == request


def goes_both_ways(client: socket.socket, server: socket.socket) -> bool:
    client.sendall(b"?")
    server.sendall(b"!")
    return receive(server, 1) == b"?" and receive(client, 1) == b"!"


def sent_until_it_blocks(server: socket.socket) -> bytes:
    """All that a server gets rid of before it has waited in vain for so long as a link takes for a thousand pieces."""
    server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
    server.settimeout(1.0)
    sent = b""
    with pytest.raises(TimeoutError):
        while len(sent) < 1 << 24:
            sent += PIECE[: server.send(PIECE)]
    return sent


def one_way_s(sender: socket.socket, receiver: socket.socket) -> float:
    began = time.monotonic()
    sender.sendall(b"x")
    assert receive(receiver, 1) == b"x"
    return time.monotonic() - began


def settle(rtt_ms: float, sender: socket.socket, receiver: socket.socket) -> None:
    """An order takes effect when the link has read it, which it does not say: send until something takes as long."""
    while one_way_s(sender, receiver) < rtt_ms / 2000:
        pass


def test_a_delay_that_changes_holds_for_connections_that_are_open(link: ObedientLink) -> None:
    client, server = link.open()
    with client, server:
        assert goes_both_ways(client, server)
        fastest = {}
        for rtt_ms in (60, 20, 120, 0):
            link.order(rtt_ms=rtt_ms)
            settle(rtt_ms, client, server)
            fastest[rtt_ms] = min(one_way_s(*ends) for ends in ((client, server), (server, client)) * 10)
            assert fastest[rtt_ms] >= rtt_ms / 2000
        assert fastest[0] < fastest[20] < fastest[60] < fastest[120]


def test_what_is_under_way_is_not_overtaken_when_the_delay_shrinks(link: ObedientLink) -> None:
    client, server = link.open()
    with client, server:
        assert goes_both_ways(client, server)
        link.order(rtt_ms=600)
        settle(600, client, server)
        began = time.monotonic()
        for sender in (client, server):
            sender.sendall(b"first, ")
        link.order(rtt_ms=200)
        for sender in (client, server):
            sender.sendall(b"second, ")
        link.order(rtt_ms=0)
        for sender in (client, server):
            sender.sendall(b"third")
        for receiver in (client, server):
            assert receive(receiver, 20) == b"first, second, third"
        assert time.monotonic() - began >= 0.3


def test_all_arrives_in_order_whatever_is_ordered_meanwhile(link: ObedientLink) -> None:
    client, server = asking(link, "/sse/rooms/tea/events")
    with client, server:
        sent = b""
        for number in range(60):
            changed = {"rtt_ms": number * 7 % 30, "jitter_ms": number * 5 % 20}
            link.order(**changed, **{("freeze", "thaw")[number % 2]: "sse"})
            piece = b"%d " % number * 50
            server.sendall(piece)
            sent += piece
        link.order(thaw="sse")
        server.close()
        assert receive_all(client) == sent


def test_jitter_can_be_ordered_alone(link: ObedientLink) -> None:
    client, server = link.open()
    with client, server:
        link.order(jitter_ms=40)
        times = [one_way_s(client, server) for _ in range(30)]
        assert max(times) > 0.02, "in 30 draws from 0 to 40 ms one is above 20, but for once in a thousand million"
        link.order(jitter_ms=0)
        assert min(one_way_s(client, server) for _ in range(20)) < 0.02


def test_what_is_frozen_blocks_its_server_and_comes_whole_when_it_thaws(link: ObedientLink) -> None:
    frozen, other = asking(link, "/sse/rooms/tea/events"), asking(link, "/long-polling/rooms/tea/messages")
    link.order(freeze="sse")
    sent = sent_until_it_blocks(frozen[1])
    assert len(sent) < BUFFERS
    assert goes_both_ways(*other)
    frozen[0].sendall(b"the way up is free")
    assert receive(frozen[1], 18) == b"the way up is free"
    link.order(thaw="sse")
    assert receive(frozen[0], len(sent)) == sent
    frozen[1].settimeout(None)
    assert goes_both_ways(*frozen)
    for sock in (*frozen, *other):
        sock.close()


def test_a_transport_stays_frozen_for_who_comes_later_and_for_who_turns_to_it(link: ObedientLink) -> None:
    link.order(freeze="sse")
    later, turned = asking(link, "/sse/rooms/tea/events"), asking(link, "/short-polling/rooms/tea/messages")
    turned[1].sendall(b"answer")
    assert receive(turned[0], 6) == b"answer"
    ask(*turned, "/sse/rooms/tea/messages", "POST")
    for _, server in (later, turned):
        assert len(sent_until_it_blocks(server)) < BUFFERS
    for sock in (*later, *turned):
        sock.close()


def test_who_turns_to_another_transport_is_frozen_no_longer(link: ObedientLink) -> None:
    pair = asking(link, "/sse/rooms/tea/messages")
    link.order(freeze="sse")
    pair[1].sendall(b"answer")
    ask(*pair, "/short-polling/rooms/tea/messages")
    assert receive(pair[0], 6) == b"answer"
    for sock in pair:
        sock.close()


def test_the_end_of_what_was_frozen_comes_when_it_thaws(link: ObedientLink) -> None:
    client, server = asking(link, "/sse/rooms/tea/events")
    link.order(freeze="sse")
    server.sendall(b"goodbye")
    server.close()
    link.order(thaw="sse")
    with client:
        assert receive_all(client) == b"goodbye"


def test_a_cut_of_one_transport_leaves_the_others(link: ObedientLink) -> None:
    names = {"sse": "events", "websocket": "socket", "short-polling": "messages", "long-polling": "messages"}
    pairs = {name: asking(link, f"/{name}/rooms/tea/{noun}") for name, noun in names.items()}
    silent = link.open()
    link.order(cut="sse")
    for sock in pairs.pop("sse"):
        with sock, pytest.raises(ConnectionResetError):
            sock.recv(1)
    for pair in (*pairs.values(), silent):
        assert goes_both_ways(*pair)
    link.order(cut=True)
    for sock in (sock for pair in (*pairs.values(), silent) for sock in pair):
        with sock, pytest.raises(ConnectionResetError):
            sock.recv(1)
    assert link.end().cuts == 5


def test_a_cut_ends_what_is_frozen_too(link: ObedientLink) -> None:
    pair = asking(link, "/sse/rooms/tea/events")
    link.order(freeze="sse")
    link.order(cut="sse")
    for sock in pair:
        with sock, pytest.raises(ConnectionResetError):
            sock.recv(1)


def test_a_cut_that_meets_a_reset_on_its_way_ends_the_connection_once(link: ObedientLink) -> None:
    client, server = link.open()
    assert goes_both_ways(client, server)
    link.order(rtt_ms=400)
    settle(400, client, server)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    server.close()  # a reset, which the client hears of half a round trip later
    link.order(cut=True)
    with client, pytest.raises(ConnectionResetError):
        receive(client, 1)
    client, server = link.open()  # which takes a round trip: by then it would have heard
    with client, server:
        assert goes_both_ways(client, server)


def test_a_cut_by_order_is_as_the_command_line_says() -> None:
    with ObedientLink("--cut-by", "close") as link:
        pair = link.open()
        assert goes_both_ways(*pair)
        link.order(cut=True)
        for sock in pair:
            with sock:
                assert sock.recv(1) == b""


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("cut everything", "malformed"),
        ("[]", "object"),
        ("{}", "orders nothing"),
        ('{"cut":false}', "true or a transport"),
        ('{"cut":"carrier-pigeon"}', "carrier-pigeon"),
        ('{"freeze":true}', "$.freeze"),
        ('{"rtt_ms":-1}', "$.rtt_ms"),
        ('{"rtt_ms":1e300}', "$.rtt_ms"),
        ('{"rtt_ms":NaN}', "malformed"),
        ('{"jitter_ms":"20"}', "$.jitter_ms"),
        ('{"explode":1}', "explode"),
        ("\x00\x7f", "malformed"),
        ("?" * 9_000, "malformed"),
    ],
)
def test_a_bad_order_is_refused_in_one_sentence_and_changes_nothing(link: ObedientLink, line: str, why: str) -> None:
    client, server = link.open()
    with client, server:
        said = link.refusal(line)
        assert said.startswith("loadtests: ") and said.endswith(".\n") and why in said and len(said) < 300
        assert goes_both_ways(client, server)
        link.order(rtt_ms=0)


def test_a_bad_order_beside_a_good_one_in_the_same_line_spoils_both(link: ObedientLink) -> None:
    client, server = link.open()
    with client, server:
        link.refusal(json.dumps({"cut": True, "rtt_ms": -1}))
        assert goes_both_ways(client, server)


def test_the_end_of_its_orders_ends_it_when_the_last_is_followed(link: ObedientLink) -> None:
    pair = link.open()
    assert goes_both_ways(*pair)
    link.process.stdin.write('{"cut":true}')
    link.process.stdin.close()
    link.process.stdin = None
    assert link.report().cuts == 1
    for sock in pair:
        sock.close()


def test_the_transports_are_those_that_are_recorded() -> None:
    assert get_args(orders.Transport) == TRANSPORTS
