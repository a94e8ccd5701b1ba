"""What the load users share: one participant of a room, who listens all the time and writes by the schedule.

A participant is a Locust user with one task, `live`. Its transport is in a file of its own, which says how to
`subscribe`, `send` and `receive`; whatever is measured is here, so that it is measured alike.
"""

import itertools
import random
import time
from functools import cached_property
from typing import ClassVar

import gevent
import msgspec
from gevent.event import Event
from locust import User, task

from loadtests import schedule, sockets
from loadtests.load import Load
from loadtests.timer import SECOND

BACKOFF_FIRST = 0.1  # seconds: the longest first wait before trying again
BACKOFF_LONGEST = 5.0
FOREVER = 86_400.0  # seconds: longer than any run
AHEAD = 150_000  # ns: a process wakes up to 0.1 ms late, and the message is made meanwhile
DEAF_BUFFER = 4_096  # bytes that the kernel may take for one who does not read: else it would take megabytes


class Draft(msgspec.Struct, frozen=True):
    """A message as its sender gives it."""

    id: str
    sender: str
    text: str


class Message(msgspec.Struct, frozen=True):
    """A message as a subscriber gets it; the server's own time, `at`, is of no use here and is not read."""

    seq: int
    id: str
    text: str


class Position(msgspec.Struct, frozen=True):
    """Where to read on: what a 409, a 410 or a reset says."""

    epoch: str
    cursor: int


class Refused(ConnectionError):
    """The server answered, but not with what was asked for."""


class Participant(User):
    """One person in one room."""

    abstract = True
    transport: ClassVar[str]
    load: ClassVar[Load]

    def on_start(self) -> None:
        self.number = next(self.load.numbers)
        self.load.users.append(self)
        self.room = f"{self.load.scenario.name}-{self.load.room_of(self.number)}"
        self.sender = f"user-{self.number}"
        self.epoch, self.cursor = "", 0
        plan = self.load.plan(self.number)
        first = list(itertools.islice(plan, 1))
        self.writes, self.due = bool(first), itertools.chain(first, plan)
        self.start_ns = self.subscribed_ns = self.published = 0

    @task
    def live(self) -> None:
        """Subscribe, wait for the common start, then listen for ever and write when it is due."""
        arrival_s = schedule.arrival(self.load.scenario, self.load.seed, self.number)
        if arrival_s is None:
            self.subscribe_until_in()
            self.subscribed_ns = time.monotonic_ns()
            self.start_ns = self.load.start()
        else:
            self.start_ns = self.load.start()
            self.load.timer.sleep_until(self.start_ns + round(arrival_s * SECOND))
            self.subscribe_until_in()
            self.subscribed_ns = time.monotonic_ns()
        if self.load.is_deaf(self.number):
            return self.ignore()
        writer = gevent.spawn(self.write) if self.writes else None  # a greenlet takes 10 KiB
        try:
            while True:
                try:
                    self.receive()
                except OSError as error:
                    self.load.note(error)
                    self.back_off(0)
                    self.subscribe_until_in()
        finally:
            if writer:
                writer.kill()
            self.leave()

    def ignore(self) -> None:
        """Stay in, and read no more: nothing is owed to one who does not listen."""
        self.subscribed_ns = 0
        self.listen_no_more()
        gevent.sleep(FOREVER)

    def listen_no_more(self) -> None:
        """Leave unread what the server sends from now on."""
        raise NotImplementedError

    def subscribe(self) -> None:
        """Open the receiving connection, to read on from the cursor. Raises OSError."""
        raise NotImplementedError

    def send(self, draft: Draft, row: int) -> None:
        """Publish; the row of the publish is given its acknowledgement. Raises OSError: to be sent again."""
        raise NotImplementedError

    def receive(self) -> None:
        """Take deliveries until the connection is lost, which raises OSError."""
        raise NotImplementedError

    def leave(self) -> None:
        """Close what is open, in the transport's way."""
        raise NotImplementedError

    def subscribe_until_in(self) -> None:
        for attempt in itertools.count(1):
            try:
                with self.load.handshakes:
                    return self.subscribe()
            except OSError as error:
                self.load.note(error)
            self.back_off(attempt)

    @cached_property
    def answer(self) -> Event:
        """Set when what was published last is answered; only those who write have one."""
        return Event()

    @cached_property
    def dice(self) -> random.Random:
        """Its own, for the waits; not made before they are needed, since they take 2.5 KiB."""
        return random.Random(f"backoff {self.load.seed} {self.number}")

    def back_off(self, attempt: int) -> None:
        """Full jitter: anything up to twice the last limit, so that those who fell together do not rise together."""
        gevent.sleep(self.dice.uniform(0, min(BACKOFF_LONGEST, BACKOFF_FIRST * 2**attempt)))

    def write(self) -> None:
        self.load.writing += 1
        self.write_when_due() if self.load.scenario.loop == "open" else self.write_when_answered()
        self.load.writing -= 1

    def write_when_due(self) -> None:
        """The open loop: each message at its moment, whatever became of the ones before.

        It wakes a little ahead, and what is left of that it spends looking at the clock: so it sends in time.
        """
        for offset_s, text in self.due:
            intended_ns = self.start_ns + round(offset_s * SECOND)
            self.load.timer.sleep_until(intended_ns - AHEAD)
            draft = self.draft(text)
            while time.monotonic_ns() < intended_ns:
                pass
            self.publish(draft, intended_ns)

    def write_when_answered(self) -> None:
        """The closed loop: after each answer the schedule's pause, then the next message, timed from its sending.

        A server that stands still is so asked less, and the wait of all that should have been said meanwhile is in no
        figure: coordinated omission, as Gil Tene has named it.
        """
        free_ns, before_s = self.start_ns, 0.0
        for offset_s, text in self.due:
            self.load.timer.sleep_until(free_ns + round((offset_s - before_s) * SECOND))
            now_ns = time.monotonic_ns()
            if self.load.horizon_s is not None and now_ns >= self.start_ns + self.load.horizon_s * SECOND:
                return
            self.answer.clear()
            self.publish(self.draft(text), now_ns)
            self.answer.wait()
            free_ns, before_s = time.monotonic_ns(), offset_s

    def draft(self, text: str) -> Draft:
        """This user's next message, of which all who listen are to hear."""
        draft = Draft(self.load.message_id(self.number, self.published), self.sender, text)
        self.published += 1
        self.load.expect(self.number)
        return draft

    def publish(self, draft: Draft, intended_ns: int) -> None:
        """Send, again and again under the same id until it is answered: that is what a chat client does."""
        sent_ns, size = time.monotonic_ns(), len(draft.text.encode())
        row = self.load.log.published(self.room, draft.id, self.number, size, intended_ns, sent_ns)
        for attempt in itertools.count():
            try:
                return self.send(draft, row)
            except OSError as error:
                self.load.note(error)
            self.back_off(attempt)

    def answered(self, row: int, status: int, received_ns: int) -> None:
        """The server's last word on a publish: stored, or refused for good."""
        self.load.log.acked(row, received_ns, status)
        self.answer.set()
        if status not in (200, 201):
            self.load.note(f"a publish was refused with {status}")
            self.load.expect(self.number, -1)

    def deliver(self, sock: sockets.MeteredSocket, message: Message, epoch: str, received_ns: int) -> None:
        """Record one message received; one that is not the next of the log is recorded all the same, and counted."""
        sock.payload_down += len(message.text.encode())
        self.load.log.delivered(
            self.number, sock.number, self.room, message.id, epoch, message.seq, received_ns
        )  # fmt: skip
        self.epoch = epoch
        if message.seq <= self.cursor:
            return self.load.note("a message was delivered twice or late")
        if message.seq > self.cursor + 1:
            self.load.note("a gap in seq without a reset")
        self.cursor = message.seq
        self.load.awaiting -= 1

    def reset(self, position: Position) -> None:
        """The server says that the cursor is of no use: something was lost, and said so."""
        self.load.note("a reset: the server's log was lost or trimmed")
        self.epoch, self.cursor = position.epoch, position.cursor

    def path(self, resource: str) -> str:
        return f"{self.load.prefix}/rooms/{self.room}/{resource}"

    def query(self) -> str:
        """What says where to read on."""
        return f"?after={self.cursor}&epoch={self.epoch}" if self.epoch else f"?after={self.cursor}"
