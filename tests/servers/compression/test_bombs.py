"""Few bytes that would inflate to many, and clients that go away."""

import os
import struct
import sys
from pathlib import Path

import psutil
import pytest

from servers import compression
from servers.inbound import STRIKES
from tests.processes import Server, until
from tests.servers.compression.conftest import OFFER
from tests.servers.sockets import CLOSE, DRAFT, TEXT, answered, masked, open_socket, raw, read_frame, said
from tests.servers.transports.test_sse import PATH as EVENTS
from tests.servers.transports.test_sse import stream

MIB = 1 << 20


def large(opcode: int, payload: bytes, first: int = 0xC0) -> bytes:
    """A client's frame of any length below 16 MiB, with a mask of zeros."""
    return struct.pack("!BBQ", first | opcode, 0xFF, len(payload)) + bytes(4) + payload if len(payload) > 65_535 else (
        struct.pack("!BBH", first | opcode, 0xFE, len(payload)) + bytes(4) + payload
        if len(payload) > 125
        else masked(opcode, payload, first)
    )  # fmt: skip


def processes(server: Server) -> list[psutil.Process]:
    """gunicorn's master and its worker; of pywsgi the one."""
    parent = psutil.Process(server.process.pid)
    return [parent, *parent.children(recursive=True)]


def forget_peak(server: Server) -> int:
    """The resident bytes of a server's processes, from which `peak` counts anew (proc_pid_clear_refs(5))."""
    for process in processes(server):
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")
    return sum(process.memory_info().rss for process in processes(server))


def peak(server: Server) -> int:
    """The most bytes that were resident since."""
    status = [Path(f"/proc/{process.pid}/status").read_text() for process in processes(server)]
    return sum(int(text.partition("VmHWM:")[2].split()[0]) * 1024 for text in status)


BOMBS = {  # of 64 KiB or so
    "one message of 60 MB": lambda: [compression.gzipped(bytes(60 * 10**6))[10:-8]],
    "nine hundred of 64 KiB": lambda: [compression.deflated(b" " * 65_536)[:-4]] * 900,
}


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of another process's memory is known by /proc")
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_takes_no_memory_and_disturbs_nobody(squeezing: Server, room: str, bomb: str) -> None:
    payloads = BOMBS[bomb]()
    frames = b"".join(large(TEXT, payload) for payload in payloads)
    assert 55_000 < len(frames) < 90_000
    with open_socket(squeezing, room) as other:
        assert said(other)["type"] == "ready"
        for attempt in range(4):
            with raw(squeezing, room, **OFFER) as (connection, incoming, _):
                assert read_frame(incoming)[0] == TEXT
                connection.sendall(frames)
                assert squeezing.request("GET", "/health").status == 200
                if len(payloads) == 1:
                    opcode, payload = read_frame(incoming)
                    assert (opcode, payload[:2]) == (CLOSE, struct.pack("!H", 1009))
                else:
                    *answers, (opcode, payload) = [read_frame(incoming) for _ in range(STRIKES + 1)]
                    assert all(b'"status":400' in payload for _, payload in answers)
                    assert (opcode, payload[:2]) == (CLOSE, struct.pack("!H", 1008))
            if attempt == 0:  # the first has the interpreter get ready for such things
                before = forget_peak(squeezing)
        assert answered(other, DRAFT)["type"] == "ack"
    # Of the 60 MB in each. A piece of 4 KiB that was read when the tenth was refused has 45 of the small ones: 6 MiB,
    # as bytes and as text, and the next connection may come before they are gone.
    assert peak(squeezing) - before < 16 * MIB


@pytest.mark.skipif(os.name != "posix", reason="Windows has no file descriptors to count")
def test_clients_that_go_away_leave_nothing_behind(squeezing: Server, room: str) -> None:
    come_and_go(squeezing, room, 1)  # a process that has answered nothing yet has not opened all that it needs
    before = sum(process.num_fds() for process in processes(squeezing))
    come_and_go(squeezing, room, 5)
    until(lambda: sum(process.num_fds() for process in processes(squeezing)) <= before + 1)


def come_and_go(server: Server, room: str, times: int) -> None:
    """Sockets and streams, until none of them is in flight."""
    for _ in range(times):
        with raw(server, room, **OFFER) as (_, incoming, _):
            assert read_frame(incoming)[0] == TEXT
        with stream(server, EVENTS.format(room), Accept_Encoding="gzip") as response:
            response.read1(10)
    until(lambda: server.metric("polls_apart_in_flight") == 1)
