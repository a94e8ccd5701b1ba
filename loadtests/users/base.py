"""What the load users share: one participant of a room, who listens all the time and writes by the schedule.

A participant is a Locust user with one task, `live`. Its transport is in a file of its own, which says how to
`subscribe`, `send` and `receive`; whatever is measured is here, so that it is measured alike.
"""

import itertools
import random
import time
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

import gevent
import msgspec
from gevent.event import AsyncResult, Event
from gevent.lock import Semaphore
from locust import User, task

from loadtests import headers, schedule, sockets
from loadtests.scenario import Scenario
from loadtests.timer import SECOND, Timer

BACKOFF_FIRST = 0.1  # seconds: the longest first wait before trying again
BACKOFF_LONGEST = 5.0
FOREVER = 86_400.0  # seconds: longer than any run
AHEAD = 150_000  # ns: a process wakes up to 0.1 ms late, and the message is made meanwhile
DEAF_BUFFER = 4_096  # bytes that the kernel may take for one who does not read: else it would take megabytes
HANDSHAKES = 20  # at one time: more would only queue in the server's backlog
HANDSHAKES_ON_THE_WAY = 1_000  # more for each second of a round trip: as many a second as a server can take


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


class Log(Protocol):
    """Where users report what they see: records.Recorder keeps it, the locustfile hands it to Locust."""

    def published(self, room: str, id: str, sender: int, size: int, intended_ns: int, sent_ns: int) -> int: ...
    def acked(self, row: int, acked_ns: int, status: int) -> None: ...
    def delivered(
        self, receiver: int, connection: int, room: str, id: str, epoch: str, seq: int, received_ns: int
    ) -> None: ...
    def request_began(self, connection: int, user: int, kind: str, started_ns: int, opened: bool) -> int: ...
    def request_answered(self, row: int, status: int) -> None: ...
    def request_ended(self, row: int, ended_ns: int) -> None: ...
    def request_carried(self, row: int, messages: int) -> None: ...
    def noted(self, error: str) -> None: ...


class Refused(ConnectionError):
    """The server answered, but not with what was asked for."""


class Load:
    """What the users of one process have in common. `begin` is the common start; without it each starts when it is in.

    The poll interval is in seconds, and 0 where nobody polls by the clock. With several processes `numbers` are the
    users that this one has, and `run_id` is the same for all.
    """

    def __init__(
        self, scenario: Scenario, seed: int, url: str, poll_interval_s: float, log: Log,
        horizon_s: float | None = None, rtt_s: float = 0.0,
        numbers: Sequence[int] | None = None, run_id: uuid.UUID | None = None,
    ) -> None:  # fmt: skip
        self.scenario, self.seed, self.poll_interval_s, self.log = scenario, seed, poll_interval_s, log
        self.horizon_s = horizon_s  # nothing is written later than this after the start; None: no end
        self.rtt_s = rtt_s  # what the way to the server takes beside, there and back
        self.begin: AsyncResult[int] | None = None
        parts = urlsplit(url)
        self.prefix = parts.path.rstrip("/")
        self.address = sockets.look_up(parts.hostname or "", parts.port or 80)
        origin = f"{parts.scheme}://{parts.netloc}"
        self.headers = headers.prepare(scenario.headers, parts.netloc, origin, scenario.keep_alive)
        self.sockets = sockets.Sockets()
        self.timer = Timer()
        self.handshakes = Semaphore(HANDSHAKES + round(rtt_s * HANDSHAKES_ON_THE_WAY))
        self.users: list[Participant] = []
        self.numbers = itertools.count() if numbers is None else iter(numbers)
        self.own: Collection[int] = range(scenario.users) if numbers is None else set(numbers)
        self.listeners = Counter(self.room_of(number) for number in self.own if not self.is_deaf(number))
        self.run_id = run_id or uuid.uuid4()
        self.subscribed = self.writing = self.skipped_polls = 0
        self.awaiting: dict[str, int] = {}  # message id: how many of this process have yet to hear of it

    def room_of(self, number: int) -> int:
        return number // self.scenario.participants

    def is_deaf(self, number: int) -> bool:
        """Whether this user is one of those who are in, and never read on: the last seats of each room."""
        return number % self.scenario.participants >= self.scenario.participants - self.scenario.deaf

    def message_id(self, number: int, n: int) -> str:
        """The id of the n-th message of a user: no two runs share one, and every process of a run knows it."""
        return str(uuid.uuid5(self.run_id, f"{number} {n}"))

    @property
    def lead_s(self) -> float:
        """By how much polling begins before the schedule, for a poll interval to be over when the window begins."""
        return max(0.0, self.poll_interval_s - self.scenario.warmup_s)

    def plan(self, number: int) -> Iterator[schedule.Send]:
        """What the user of this number writes, and when."""
        due = schedule.sends(self.scenario, self.seed, *divmod(number, self.scenario.participants))
        horizon = self.horizon_s
        return due if horizon is None else iter(list(itertools.takewhile(lambda send: send[0] < horizon, due)))

    def start(self) -> int:
        """Called by each user once it is subscribed: waits for the common start and returns it."""
        self.subscribed += 1
        return time.monotonic_ns() if self.begin is None else self.begin.get()

    def note(self, error: Exception | str) -> None:
        """Report something that went wrong; a run goes on."""
        self.log.noted(str(error) or type(error).__name__)

    def expect(self, number: int, id: str) -> None:
        """Every listener of this user's room has this message coming; those of other processes wait there."""
        if self.horizon_s is not None:
            self.awaiting[id] = self.listeners[self.room_of(number)]

    def expect_from_elsewhere(self) -> None:
        """What the users of other processes will write to those of this one, as the schedule has it."""
        for number in range(self.scenario.users):
            if number not in self.own and self.listeners[self.room_of(number)]:
                for n, _ in enumerate(self.plan(number)):
                    self.expect(number, self.message_id(number, n))

    def arrived(self, id: str) -> None:
        """One of them has it."""
        if remaining := self.awaiting.pop(id, 1) - 1:
            self.awaiting[id] = remaining


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
        self.load.expect(self.number, draft.id)
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

    def answered(self, row: int, id: str, status: int, received_ns: int) -> None:
        """The server's last word on a publish: stored, or refused for good."""
        self.load.log.acked(row, received_ns, status)
        self.answer.set()
        if status not in (200, 201):
            self.load.note(f"a publish was refused with {status}")
            self.load.awaiting.pop(id, None)

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
        self.load.arrived(message.id)

    def reset(self, position: Position) -> None:
        """The server says that the cursor is of no use: something was lost, and said so."""
        self.load.note("a reset: the server's log was lost or trimmed")
        self.epoch, self.cursor = position.epoch, position.cursor

    def path(self, resource: str) -> str:
        return f"{self.load.prefix}/rooms/{self.room}/{resource}"

    def query(self) -> str:
        """What says where to read on."""
        return f"?after={self.cursor}&epoch={self.epoch}" if self.epoch else f"?after={self.cursor}"
