"""One way out, in turn and bounded: over a pair of real sockets."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from servers.outbox import LIMIT, MOMENT, Outbox, bring_on
from tests.processes import PATIENCE, until

HEARTBEAT = 15.0  # seconds
FILLER = b"." * 1000


class Box(Outbox):
    """An outbox that counts the occasions to say something."""

    kept_alive = 0

    def _last_words(self, code: int) -> bytes:
        return b"<%d>" % code

    def _keep_alive(self, now: float, heartbeat: float) -> None:
        self.kept_alive += 1


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends that hold little between them."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        theirs.settimeout(PATIENCE)
        yield ours, theirs


@pytest.fixture
def box(pair: tuple[socket.socket, socket.socket]) -> Box:
    return Box(pair[0])


@pytest.fixture
def reader(pair: tuple[socket.socket, socket.socket]) -> socket.socket:
    return pair[1]


def read(reader: socket.socket, length: int) -> bytes:
    received = bytearray()
    while len(received) < length and (data := reader.recv(length - len(received))):
        received += data
    return bytes(received)


def stall(box: Outbox) -> int:
    """Put in fillers until the kernel takes no more; returns how many bytes that were."""
    for number in count(1):
        box.put(FILLER)
        if box.busy:
            return number * len(FILLER)
    raise AssertionError


def test_what_many_put_in_leaves_whole_and_in_turn(box: Box, reader: socket.socket) -> None:
    each, length = 100, 150  # in all, less than an outbox may hold

    def write(writer: int) -> None:
        for _ in range(each):
            box.put(bytes([writer]) * length)

    with ThreadPoolExecutor() as pool:
        writing = [pool.submit(write, writer) for writer in b"abcd"]
        received = read(reader, 4 * each * length)
        for written in writing:
            written.result(PATIENCE)
    pieces = [received[start : start + length] for start in range(0, len(received), length)]
    assert sorted(pieces) == sorted(bytes([writer]) * length for writer in b"abcd" for _ in range(each))


def test_whoever_puts_in_never_waits_and_the_rest_goes_out_as_the_reader_makes_room(
    box: Box, reader: socket.socket
) -> None:
    length, idle = stall(box), threading.Event()
    box.put(b"the end")
    box.when_idle(idle.set)
    assert not idle.is_set()
    assert read(reader, length + 7) == b"." * length + b"the end"
    assert idle.wait(PATIENCE) and not box.busy


def test_who_asks_when_nothing_is_queued_is_called_at_once(box: Box) -> None:
    called = []
    box.when_idle(lambda: called.append(True))
    assert called


def test_after_the_last_words_nothing_leaves(box: Box, reader: socket.socket) -> None:
    box.put(b"hi")
    box.end(1012)
    box.put(b"no")
    box.end(1011)
    box.cut()
    assert box.over and not box.was_cut
    box.beat(time.monotonic() + MOMENT + 1, HEARTBEAT)
    assert read(reader, 100) == b"hi<1012>", "and then the connection is shut"


def test_the_last_words_have_a_moment_to_be_read(box: Box, reader: socket.socket) -> None:
    box.end(1012)
    box.beat(time.monotonic(), HEARTBEAT)
    reader.setblocking(False)
    assert reader.recv(100) == b"<1012>"
    with pytest.raises(BlockingIOError):
        reader.recv(100)


def test_one_that_holds_too_much_is_cut(box: Box, reader: socket.socket) -> None:
    length = stall(box)
    while not box.was_cut:
        box.put(FILLER)
        assert box._queued <= LIMIT + len(FILLER)
    received = read(reader, length + 6)
    assert received == b"." * length + b"<1013>", "what it had begun to get is whole, and the rest is gone"


def test_one_that_takes_nothing_for_a_third_of_a_heartbeat_is_cut(box: Box) -> None:
    stall(box)
    box.beat(time.monotonic() + 4, HEARTBEAT)
    assert not box.was_cut
    box.beat(time.monotonic() + 6, HEARTBEAT)
    assert box.was_cut and box.over


def test_one_that_is_idle_is_kept_alive(box: Box) -> None:
    box.beat(time.monotonic() + 1000, HEARTBEAT)
    assert box.kept_alive == 1 and not box.over


def test_a_client_that_went_is_no_error(box: Box, reader: socket.socket) -> None:
    stall(box)
    reader.close()
    until(lambda: not box.busy)
    box.put(b"anyone?")
    assert box.over


def test_a_socket_that_is_closed_is_no_error(box: Box, pair: tuple[socket.socket, socket.socket]) -> None:
    pair[0].close()
    box.put(b"anyone?")
    assert box.over and not box.busy


def test_many_are_brought_on_at_once_and_who_is_elsewhere_is_named() -> None:
    start, end, other = ("epoch", 1), ("epoch", 2), ("epoch", 0)
    pairs = [socket.socketpair() for _ in range(6)]
    boxes = [Box(ours) for ours, _ in pairs]
    there, elsewhere, stalled, over, gone, small = boxes
    for box in boxes:
        box.cursor = start
    elsewhere.cursor = other
    stall(stalled)
    over.end(1012)
    pairs[4][1].close()
    pairs[5][0].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)
    news = FILLER * 60
    assert bring_on(boxes, news, start, end) == [elsewhere, stalled, over]
    assert [box.cursor for box in boxes] == [end, other, start, start, end, end]
    assert gone.over and not there.over and small.busy
    for (_, theirs), heard in zip(pairs, (news, b"", None, b"<1012>", None, news), strict=True):
        if heard is not None:
            theirs.settimeout(PATIENCE)
            assert read(theirs, len(heard)) == heard
    for ours, theirs in pairs:
        ours.close()
        theirs.close()
