"""loadtests/link.py and loadtests/connection.py: bytes come late, but they come, all of them and in order.

No test says how late at most: that is the machine's. None comes too early.
"""

import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loadtests.link import Link, receive, receive_all
from tests.processes import PATIENCE

RTT_S = 0.06
CHUNKS = st.lists(st.binary(min_size=1, max_size=5_000), max_size=12)
RESET = struct.pack("ii", 1, 0)  # SO_LINGER that makes close() a reset
POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has neither these signals nor these limits")


@pytest.fixture(scope="module")
def rough() -> Iterator[Link]:
    """A link that does all at once."""
    options = ("--rtt-ms", 2, "--jitter-ms", 3, "--loss", 0.1, "--rto-ms", 4, "--kbit-s", 100_000)
    with Link(*options) as link:
        yield link


@pytest.fixture(scope="module")
def slow() -> Iterator[Link]:
    with Link("--rtt-ms", 1_000 * RTT_S) as link:
        yield link


@given(up=CHUNKS, down=CHUNKS)
@settings(max_examples=30, deadline=None)
def test_all_arrives_in_order_under_jitter_loss_and_a_rate(rough: Link, up: list[bytes], down: list[bytes]) -> None:
    client, server = rough.open()
    with client, server:
        for sender, chunks in ((client, up), (server, down)):
            for chunk in chunks:
                sender.sendall(chunk)
            sender.shutdown(socket.SHUT_WR)
        assert receive_all(server) == b"".join(up)
        assert receive_all(client) == b"".join(down)


def test_the_opening_of_a_connection_takes_a_round_trip(slow: Link) -> None:
    """So a question on a new connection is there after one and a half, and its answer after two."""
    began = time.monotonic()
    client = slow.connect()
    client.sendall(b"?")
    with client, slow.accept() as server:
        assert time.monotonic() - began >= RTT_S / 2
        assert receive(server, 1) == b"?"
        assert time.monotonic() - began >= 1.5 * RTT_S
        server.sendall(b"!")
        assert receive(client, 1) == b"!"
        assert time.monotonic() - began >= 2 * RTT_S


def test_on_an_open_connection_each_way_takes_half_a_round_trip(slow: Link) -> None:
    client, server = slow.open()
    with client, server:
        client.sendall(b"?")
        receive(server, 1)
        for sender, receiver in ((client, server), (server, client)) * 5:
            began = time.monotonic()
            sender.sendall(b"x")
            receive(receiver, 1)
            assert time.monotonic() - began >= RTT_S / 2


def test_jitter_only_adds() -> None:
    with Link("--rtt-ms", 10, "--jitter-ms", 10) as link:
        client, server = link.open()
        with client, server:
            for _ in range(20):
                began = time.monotonic()
                server.sendall(b"x")
                receive(client, 1)
                assert time.monotonic() - began >= 0.005


def test_a_rate_is_what_the_way_carries_at_most() -> None:
    with Link("--kbit-s", 800) as link:
        client, server = link.open()
        with client, server:
            began = time.monotonic()
            server.sendall(bytes(20_000))
            receive(client, 20_000)
            assert time.monotonic() - began >= 20_000 * 8 / 800_000


def test_a_rate_is_shared_by_all_connections() -> None:
    with Link("--kbit-s", 800) as link:
        pairs = [link.open() for _ in range(2)]
        began = time.monotonic()
        for _, server in pairs:
            server.sendall(bytes(10_000))
        for client, _ in pairs:
            receive(client, 10_000)
        assert time.monotonic() - began >= 20_000 * 8 / 800_000
        for sock in (sock for pair in pairs for sock in pair):
            sock.close()


def stalls(seed: int) -> int:
    """How many segments are lost of a hundred sent one by one."""
    with Link("--loss", 0.2, "--rto-ms", 1, "--seed", seed) as link:
        client, server = link.open()
        with client, server:
            for _ in range(50):
                client.sendall(b"?")
                receive(server, 1)
                server.sendall(b"!")
                receive(client, 1)
        return link.end().stalls


def test_the_seed_decides_what_is_lost() -> None:
    with ThreadPoolExecutor() as pool:
        first, again, *others = pool.map(stalls, (1, 1, 2, 3, 4))
    assert first == again > 0
    assert len({first, *others}) > 1


def test_a_loss_is_a_stall_of_a_retransmission_timeout_and_holds_up_what_is_behind() -> None:
    with Link("--loss", 0.99, "--rto-ms", 50) as link:
        client, server = link.open()
        with client, server:
            server.settimeout(0.05)
            client.sendall(b"a")
            client.sendall(b"b")
            with pytest.raises(TimeoutError):
                server.recv(1)


def test_one_way_may_end_while_the_other_goes_on(slow: Link) -> None:
    client, server = slow.open()
    with client, server:
        client.sendall(b"all I have")
        client.shutdown(socket.SHUT_WR)
        assert receive_all(server) == b"all I have"
        server.sendall(b"thank you")
        assert receive(client, 9) == b"thank you"
        server.close()
        assert client.recv(1) == b""


def test_a_reset_at_one_end_is_a_reset_at_the_other(slow: Link) -> None:
    for first in (0, 1):
        pair = slow.open()
        pair[0].sendall(b"?")
        assert receive(pair[1], 1) == b"?"
        pair[first].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        pair[first].close()
        with pair[1 - first] as other, pytest.raises(ConnectionResetError):
            other.recv(1)


def test_where_nobody_listens_the_client_is_reset() -> None:
    with Link("--rtt-ms", 10) as link:
        link.server.close()
        with link.connect() as client, pytest.raises(ConnectionResetError):
            client.recv(1)
        assert link.process.poll() is None


def test_a_receiver_that_does_not_read_holds_up_its_sender(slow: Link) -> None:
    """What the sender can get rid of is bounded: 1 MiB in the link, and what the kernel buffers at both ends."""
    client, server = slow.open()
    with client, server:
        sent, piece = 0, bytes(range(256)) * 256
        client.settimeout(1.0)
        with pytest.raises(TimeoutError):
            while sent < 1 << 28:
                sent += client.send(piece)
        arrived = receive(server, sent)
        assert arrived == (piece * (sent // len(piece) + 1))[:sent]


@pytest.mark.parametrize(("how", "seen"), [("reset", ConnectionResetError), ("close", None)])
@POSIX
def test_a_cut_ends_all_connections_at_both_ends_at_the_moment_given(how: str, seen: type[OSError] | None) -> None:
    with Link("--await-signal", "--cut-at", 0.05, "--cut-by", how) as link:
        pairs = [link.open() for _ in range(3)]
        for client, server in pairs:
            client.sendall(b"?")
            receive(server, 1)
        began = time.monotonic()
        link.begin_window()
        for sock in (sock for pair in pairs for sock in pair):
            with sock:
                if seen is None:
                    assert sock.recv(1) == b""
                else:
                    with pytest.raises(seen):
                        sock.recv(1)
        assert time.monotonic() - began >= 0.05
        client, server = link.open()  # who comes back gets in
        with client, server:
            client.sendall(b"again")
            assert receive(server, 5) == b"again"
        assert link.end().cuts == 3


def test_cuts_at_random_moments_hit_one_connection_each() -> None:
    with Link("--cut-every", 0.02, "--cut-by", "close") as link:
        for _ in range(3):
            client, server = link.open()
            with client, server:
                assert client.recv(1) == server.recv(1) == b""
        assert link.end().cuts == 3


@POSIX
def test_it_reports_what_it_did() -> None:
    with Link("--rtt-ms", 2) as link:
        client, server = link.open()
        client.sendall(b"?")
        receive(server, 1)
        link.begin_window()
        for _ in range(20):
            client.sendall(b"hello")
            receive(server, 5)
        server.sendall(b"bye")
        receive(client, 3)
        client.close()
        server.close()
        report = link.end()
    assert (report.connections, report.up, report.down) == (1, 101, 3)
    assert report.late_p50_ms is not None and 0 <= report.late_p50_ms <= report.late_p99_ms <= report.late_max_ms
    assert report.cpu_ns > 0 and 0 < report.cpu_busiest < 1.5
    assert report.exact == (sys.platform == "linux")


@pytest.mark.skipif(not hasattr(socket, "TCP_MAXSEG"), reason="this system does not limit segments")
def test_segments_are_those_of_an_ethernet(slow: Link) -> None:
    client, server = slow.open()
    with client, server:
        for sock in (client, server):
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG) <= 1_460


@POSIX
def test_without_a_free_descriptor_clients_wait_and_are_not_refused() -> None:
    import resource

    with Link(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))) as link:
        clients = [link.connect() for _ in range(24)]
        link.server.settimeout(0.3)
        reached = []
        with pytest.raises(TimeoutError):
            while True:
                reached.append(link.accept())
        assert 0 < len(reached) < len(clients)
        for sock in (*clients[:-1], *reached):
            sock.close()
        link.server.settimeout(PATIENCE)
        clients[-1].sendall(b"at last")
        while receive(link.accept(), 7) != b"at last":
            pass  # one of those that have left
        clients[-1].close()
        assert link.end().held_back > 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["ftp://x"], "ftp://x"),
        (["http://127.0.0.1:9", "--rtt-ms", "-1"], "'-1'"),
        (["http://127.0.0.1:9", "--rtt-ms", "nan"], "'nan'"),
        (["http://127.0.0.1:9", "--loss", "1"], "'1'"),
        (["http://127.0.0.1:9", "--cut-by", "scissors"], "scissors"),
        (["http://127.0.0.1:9", "--cpu", "9999"], "9999"),
        (["http://127.0.0.1:9", "--port", "99999"], "99999"),
        (["http://127.0.0.1:9", "--host", "no-such-host.invalid"], "no-such-host.invalid"),
        (["http://127.0.0.1:9", "--host", "203.0.113.9"], "203.0.113.9"),
        (["http://no-such-host.invalid"], "no-such-host.invalid"),
    ],
)
def test_bad_use_is_one_sentence_that_names_it(options: list[str], named: str) -> None:
    done = subprocess.run([sys.executable, "-m", "loadtests.link", *options], capture_output=True, text=True)
    assert done.returncode == 2 and not done.stdout
    assert named in done.stderr and done.stderr.count("\n") == 1 and done.stderr.endswith(".\n")


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "loadtests.link", "http://127.0.0.1:9", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and f"Port {port}" in done.stderr and done.stderr.count("\n") == 1


def test_connections_that_are_over_take_no_memory() -> None:
    def come_and_go(times: int) -> None:
        for _ in range(times):
            client, server = link.open()
            with client, server:
                client.sendall(b"?")
                assert receive(server, 1) == b"?"

    with Link() as link:
        come_and_go(100)
        before = psutil.Process(link.process.pid).memory_info().rss
        come_and_go(1_000)
        assert psutil.Process(link.process.pid).memory_info().rss - before < 2 << 20, "some 8 KiB each would be 8 MiB"
