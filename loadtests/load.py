"""What the users of one process share: the scenario, the clock, the sockets, and who waits for which message."""

import itertools
import time
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from gevent.event import AsyncResult
from gevent.lock import Semaphore

from loadtests import headers, schedule, sockets, tls
from loadtests.scenario import Scenario
from loadtests.timer import Timer

if TYPE_CHECKING:
    from loadtests.users.base import Participant

ALPN = {"1.1": "http/1.1", "2": "h2"}  # what a version of HTTP is called in TLS (RFC 7301, RFC 9113 section 3.2)
HANDSHAKES = 20  # at one time: more would only queue in the server's backlog
HANDSHAKES_ON_THE_WAY = 1_000  # more for each second of a round trip: as many a second as a server can take


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


class Load:
    """What the users of one process have in common. `begin` is the common start; without it each starts when it is in.

    The poll interval is in seconds, and 0 where nobody polls by the clock. With several processes `numbers` are the
    users that this one has, and `run_id` is the same for all. `ca` is who signed for a server of https, in PEM; without
    it the system says whom to trust.
    """

    def __init__(
        self, scenario: Scenario, seed: int, url: str, poll_interval_s: float, log: Log,
        horizon_s: float | None = None, rtt_s: float = 0.0,
        numbers: Sequence[int] | None = None, run_id: uuid.UUID | None = None, ca: str = "",
        http: str = "1.1",
    ) -> None:  # fmt: skip
        self.scenario, self.seed, self.poll_interval_s, self.log = scenario, seed, poll_interval_s, log
        self.horizon_s = horizon_s  # nothing is written later than this after the start; None: no end
        self.rtt_s = rtt_s  # what the way to the server takes beside, there and back
        self.begin: AsyncResult[int] | None = None
        self.http = http  # its version, 1.1 or 2
        parts = urlsplit(url)
        self.prefix = parts.path.rstrip("/")
        host, secure = parts.hostname or "", parts.scheme == "https"
        self.address = sockets.look_up(host, parts.port or (443 if secure else 80))
        origin = f"{parts.scheme}://{parts.netloc}"
        self.headers = headers.prepare(scenario.headers, parts.netloc, origin, scenario.keep_alive)
        self.authority = parts.netloc
        self.sockets = sockets.Sockets(tls.opener(ca, host, ALPN[http]) if secure else sockets.MeteredSocket)
        self.timer = Timer()
        self.handshakes = Semaphore(HANDSHAKES + round(rtt_s * HANDSHAKES_ON_THE_WAY))
        self.users: list[Participant] = []
        self.numbers = itertools.count() if numbers is None else iter(numbers)
        self.own: Collection[int] = range(scenario.users) if numbers is None else set(numbers)
        self.listeners = Counter(self.room_of(number) for number in self.own if not self.is_deaf(number))
        self.run_id = run_id or uuid.uuid4()
        self.subscribed = self.writing = self.skipped_polls = 0
        self.awaiting = 0  # deliveries that this process's users have yet to get

    def room_of(self, number: int) -> int:
        return number // self.scenario.participants

    def is_deaf(self, number: int) -> bool:
        """Whether this user is one of those who are in, and never read on: the last seats of each room."""
        return number % self.scenario.participants >= self.scenario.participants - self.scenario.deaf

    def message_id(self, number: int, n: int) -> str:
        """The id of the n-th message of a user: no two runs share one."""
        return str(uuid.uuid5(self.run_id, f"{number} {n}"))

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

    def expect(self, number: int, messages: int = 1) -> None:
        """Every listener of this user's room has these coming; those of other processes wait there.

        Less than none: they were refused.
        """
        self.awaiting += messages * self.listeners[self.room_of(number)]

    def expect_from_elsewhere(self) -> None:
        """What the users of other processes will write to those of this one, as the schedule has it."""
        for number in range(self.scenario.users):
            if number not in self.own and self.listeners[self.room_of(number)]:
                self.expect(number, sum(1 for _ in self.plan(number)))
