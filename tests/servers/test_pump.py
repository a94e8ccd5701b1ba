"""From the log into the outboxes, in order, without gaps, once: whatever happens at whichever line of it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import FrameType
from typing import Any

import pytest

from servers import pump as module
from servers.message import Draft, Message
from servers.outbox import Cursor, Outbox
from servers.pump import PIECE, Encoding, Pump
from servers.stores import Store, open_store

NUMBERS = Encoding(
    message=lambda epoch, message: b"%d " % message.seq, reset=lambda epoch, cursor: b"reset:%d " % cursor
)


class Wire:
    """A socket that takes all, and keeps it."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def settimeout(self, seconds: float | None) -> None:
        """It never waits."""

    def send(self, data: bytes, flags: int) -> int:
        self.pieces.append(data)
        return len(data)


class Box(Outbox):
    """An outbox that keeps what is put in, and is busy when it is told to be."""

    transport = "test"

    def __init__(self, cursor: Cursor = (None, 0)) -> None:
        wire = Wire()
        super().__init__(wire)
        self.cursor = cursor
        self.pieces = wire.pieces

    @property
    def heard(self) -> str:
        return b"".join(self.pieces).decode().strip()

    def end(self, code: int) -> None:
        self._finish()
        self.code = code

    def stall(self) -> None:
        self.busy, self._clear = True, False

    def catch_up(self) -> None:
        self.busy, self._clear = False, True
        assert self._resume
        self._resume()


def draft(number: int, text: str = "hello") -> Draft:
    return Draft(f"id-{number}", "Ada", text)


def upto(last: int, first: int = 1) -> str:
    return " ".join(map(str, range(first, last + 1)))


@pytest.fixture
def store() -> Store:
    return open_store("memory", 1000)


@pytest.fixture
def pump(store: Store) -> Iterator[Pump]:
    """A pump whose thread is the test."""
    pump = Pump(store, "room", NUMBERS, (None, 0), observe=lambda seconds: None)
    with store.listening("room", pump._bell):
        yield pump


def follow(pump: Pump, cursor: Cursor = (None, 0)) -> Box:
    box = Box(cursor)
    pump.followers.add(box)
    pump.join(box)
    return box


def turn(pump: Pump) -> None:
    """What the thread does when the bell has rung."""
    if pump._bell.is_set():
        pump._bell.clear()
        pump._turn()


def settle(pump: Pump) -> None:
    while pump._bell.is_set():
        turn(pump)


@contextmanager
def interrupted(at: int, act: Callable[[], None]) -> Iterator[list[int]]:
    """Do something just before the line number `at` that the pump runs, counted from 0. Yields the lines so far."""
    lines = [0]

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != module.__file__:
            return None
        if event == "line":
            if lines[0] == at:
                act()
            lines[0] += 1
        return trace

    sys.settrace(trace)
    try:
        yield lines
    finally:
        sys.settrace(None)


def publishing(store: Store, pump: Pump) -> dict[str, Callable[[], None]]:
    """What other threads may do meanwhile."""
    numbers = count(100)

    def publish() -> None:
        store.append("room", draft(next(numbers)))

    def publish_and_turn() -> None:
        publish()
        turn(pump)

    return {"publish": publish, "publish, and a turn": publish_and_turn, "a turn": lambda: turn(pump)}


@pytest.mark.parametrize("act", ["publish", "publish, and a turn", "a turn"])
@pytest.mark.parametrize("first", [False, True])
def test_one_who_joins_misses_nothing_that_is_published_at_any_line(act: str, first: bool) -> None:
    for at in count():
        store = open_store("memory", 1000)
        pump = Pump(store, "room", NUMBERS, (None, 0), observe=lambda seconds: None)
        with store.listening("room", pump._bell):
            boxes = [] if first else [follow(pump)]
            store.append("room", draft(1))
            with interrupted(at, publishing(store, pump)[act]) as lines:
                boxes.append(follow(pump))
            settle(pump)
            last = store.since("room", 0).cursor
        assert [box.heard for box in boxes] == [upto(last)] * len(boxes), f"line {at}"
        if lines[0] <= at:
            assert at > 10
            return


@pytest.mark.parametrize("act", ["publish", "join", "publish and join", "leave"])
def test_a_turn_misses_nothing_and_no_one_at_any_line(act: str) -> None:
    for at in count():
        store = open_store("memory", 1000)
        pump = Pump(store, "room", NUMBERS, (None, 0), observe=lambda seconds: None)
        with store.listening("room", pump._bell):
            leaver, boxes = follow(pump), [follow(pump), follow(pump)]

            def meanwhile(
                store: Store = store, pump: Pump = pump, leaver: Box = leaver, boxes: list[Box] = boxes
            ) -> None:
                if "publish" in act:
                    store.append("room", draft(2))
                if "join" in act:
                    boxes.append(follow(pump))
                if "leave" in act:
                    pump.leave(leaver)

            store.append("room", draft(1))
            with interrupted(at, meanwhile) as lines:
                turn(pump)
            settle(pump)
            last = store.since("room", 0).cursor
        assert [box.heard for box in boxes] == [upto(last)] * len(boxes), f"line {at}"
        assert leaver.heard in ("", "1", "1 2")
        if lines[0] <= at:
            assert at > 10
            return


def test_what_is_new_is_encoded_once_for_all(store: Store) -> None:
    encoded: list[int] = []

    def message(epoch: str, message: Message) -> bytes:
        encoded.append(message.seq)
        return b"%d " % message.seq

    pump = Pump(store, "room", NUMBERS._replace(message=message), (None, 0), observe=lambda seconds: None)
    with store.listening("room", pump._bell):
        boxes = [follow(pump) for _ in range(250)]
        settle(pump)
        for number in (1, 2):
            store.append("room", draft(number))
        settle(pump)
    assert encoded == [1, 2]
    assert {tuple(box.pieces) for box in boxes} == {(b"1 2 ",)}, "and what came together goes out together"


def test_one_that_is_busy_waits_for_nobody_and_goes_on_where_it_was(store: Store, pump: Pump) -> None:
    slow, quick = follow(pump), follow(pump)
    slow.stall()
    for number in range(1, 6):
        store.append("room", draft(number))
        settle(pump)
    assert (slow.heard, quick.heard) == ("", upto(5))
    slow.catch_up()
    assert slow.heard == upto(5)
    store.append("room", draft(6))
    settle(pump)
    assert slow.heard == quick.heard == upto(6)


def test_one_that_is_gone_before_it_has_caught_up_is_forgotten(store: Store, pump: Pump) -> None:
    box = follow(pump)
    box.stall()
    store.append("room", draft(1))
    settle(pump)
    pump.leave(box)
    box.catch_up()
    assert not pump._live and not pump.followers and box.heard == ""


def test_a_burst_goes_out_in_pieces(store: Store, pump: Pump) -> None:
    box, text = follow(pump), "x" * 4000
    pump._encoding = NUMBERS._replace(message=lambda epoch, message: b"%d " % message.seq + b" " * 4000)
    for number in range(1, 601):
        store.append("room", draft(number, text))
    settle(pump)
    assert [int(number) for number in box.heard.split()] == list(range(1, 601))
    assert max(map(len, box.pieces)) < PIECE + 5000


def test_a_log_longer_than_a_page_is_replayed_whole(store: Store, pump: Pump) -> None:
    for number in range(1, 1000):
        store.append("room", draft(number))
    settle(pump)
    assert follow(pump).heard == follow(pump).heard == upto(999)
    assert follow(pump, (store.epoch, 997)).heard == "998 999"


def test_one_that_is_behind_what_is_kept_is_told_so_and_goes_on() -> None:
    store = open_store("memory", 5)
    resets: list[str] = []
    pump = Pump(store, "room", NUMBERS, (None, 0), lambda seconds: None, on_reset=resets.append)
    with store.listening("room", pump._bell):
        slow, quick = follow(pump), follow(pump)
        slow.stall()
        for number in range(1, 21):
            store.append("room", draft(number))
            settle(pump)
    slow.catch_up()
    assert slow.heard == "reset:15 16 17 18 19 20" and quick.heard == upto(20)
    assert follow(pump, ("another", 7)).heard == slow.heard
    assert resets == ["test", "test"], "once for each of the two"


def test_a_store_that_fails_ends_the_connections_and_not_the_pump(store: Store, caplog: Any) -> None:
    pump = Pump(store, "room", NUMBERS, (None, 0), observe=lambda seconds: None)
    box, since = follow(pump), store.since

    def fail(*_: Any) -> None:
        pump.stop()
        raise ZeroDivisionError

    store.since = fail
    pump._run()
    assert box.code == 1011 and "A room could not be read." in caplog.text
    store.since = since
    store.append("room", draft(1))
    assert follow(pump).heard == "1"
