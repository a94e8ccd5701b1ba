"""The same load with Locust's own command and web page:

    locust -f loadtests/locustfile.py --host http://127.0.0.1:5005 --transport sse

Two rows appear for each transport. DELIVERY is what this project is about: from the moment a message was due to be
sent to the moment a subscriber had it, one figure for each subscriber. ACK is from sending to the server's answer.
Requests have no row: a poll that is held for its 25 s, or a stream that stays open, is not slow.

With `--transport all` the host is a server of all four, and all four listen side by side. Users fill the scenario's
rooms in order; more users than it has fill further rooms. Each user begins its schedule when it is subscribed.
Publishers and subscribers are compared within one process, so run Locust without workers. Tables, intervals and
verdicts come from `python -m loadtests.run`.
"""

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import locust.stats
from locust import events
from locust.env import Environment

sys.path.insert(0, str(Path(__file__).parent.parent))  # Locust itself adds only this file's folder

from loadtests.load import Load
from loadtests.scenario import DEFAULT, Scenario, ScenarioError, known, load
from loadtests.users import USERS
from loadtests.users.base import Participant
from loadtests.users.long_polling import LongPolling  # noqa: F401  (Locust looks for its users by name)
from loadtests.users.short_polling import ShortPolling  # noqa: F401
from loadtests.users.sse import Sse  # noqa: F401
from loadtests.users.websocket import WebSocket  # noqa: F401

REMEMBERED = 100_000  # publishes that a delivery can still be compared with: minutes, at the rates of the scenarios
MILLISECOND = 1_000_000


class Reporter:
    """Hands what one transport's users see to Locust, as requests named after what was measured.

    `published_before` holds id: intended_ns, size. All reporters of a test share it, as their users may share rooms.
    """

    users: list[Participant]

    def __init__(self, environment: Environment, name: str, published_before: dict[str, tuple[int, int]]) -> None:
        self.environment, self.name, self.published_before = environment, name, published_before
        self.rows: dict[int, tuple[int, int]] = {}  # row: sent_ns, size; only those that wait for an answer
        self.row = 0

    def published(self, room: str, id: str, sender: int, size: int, intended_ns: int, sent_ns: int) -> int:
        self.published_before[id] = intended_ns, size
        if len(self.published_before) > REMEMBERED:
            del self.published_before[next(iter(self.published_before))]
        self.row += 1
        self.rows[self.row] = sent_ns, size
        return self.row

    def acked(self, row: int, acked_ns: int, status: int) -> None:
        sent_ns, size = self.rows.pop(row, (acked_ns, 0))
        refusal = None if status in (200, 201) else f"refused with {status}"
        self.fire("ACK", acked_ns - sent_ns, size, refusal)

    def delivered(
        self, receiver: int, connection: int, room: str, id: str, epoch: str, seq: int, received_ns: int
    ) -> None:
        """Count it, unless it was in the room's log before this test, or before the receiver was subscribed."""
        intended_ns, size = self.published_before.get(id, (0, 0))
        if 0 < self.users[receiver].subscribed_ns <= intended_ns:
            self.fire("DELIVERY", received_ns - intended_ns, size)

    def request_began(self, connection: int, user: int, kind: str, started_ns: int, opened: bool) -> int:
        return 0

    def request_answered(self, row: int, status: int) -> None: ...

    def request_ended(self, row: int, ended_ns: int) -> None: ...

    def request_carried(self, row: int, messages: int) -> None: ...

    def noted(self, error: str) -> None:
        self.fire("CONNECTION", 0, 0, error)

    def fire(self, kind: str, span_ns: int, size: int, failure: str | None = None) -> None:
        self.environment.events.request.fire(  # type: ignore[no-untyped-call]
            request_type=kind,
            name=self.name,
            response_time=span_ns / MILLISECOND,
            response_length=size,
            exception=failure,
            context={},
        )


def tenths_of_a_millisecond(response_time: float) -> float:
    """In place of Locust's rounding to whole milliseconds, under which SSE and WebSocket both take 2 ms."""
    return round(response_time, 1) if response_time < 100 else float(f"{response_time:.3g}")


locust.stats.bucket_response_time = tenths_of_a_millisecond  # type: ignore[assignment]


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]
def add_arguments(parser: Any) -> None:
    parser.set_defaults(web_host="127.0.0.1")  # Locust's own default lets the whole network start a load test
    names = [*USERS, "all"]
    parser.add_argument(
        "--transport", default="short-polling", choices=names, include_in_web_ui=False, help=", ".join(names)
    )
    parser.add_argument("--scenario", default=DEFAULT, help=f"{', '.join(known())}, or a .toml file")
    parser.add_argument("--poll-interval", type=float, default=0.0, help="seconds; 0 is the scenario's first")
    parser.add_argument("--seed", type=int, default=1, help="of the schedule and the poll phases")


@events.init.add_listener  # type: ignore[untyped-decorator]
def choose_transports(environment: Environment, **_: Any) -> None:
    """Keep the users that were asked for; a scenario that cannot be read ends Locust here, in one sentence."""
    options = environment.parsed_options or Namespace(transport="short-polling", scenario=DEFAULT)
    environment.user_classes = [
        user for name, user in USERS.items() if options.transport in (name, "all")
    ]  # fmt: skip
    read_scenario(options.scenario)


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def start(environment: Environment, **_: Any) -> None:
    """A fresh start for each test: rooms filled from the first, schedules from their beginning."""
    options = environment.parsed_options
    assert options is not None
    scenario = read_scenario(options.scenario)
    interval_s = options.poll_interval or scenario.poll_intervals[0]
    host = (environment.host or "http://127.0.0.1:5005").rstrip("/")
    side_by_side = options.transport == "all"
    published_before: dict[str, tuple[int, int]] = {}
    for n, (name, user) in enumerate(USERS.items()):
        url = f"{host}/{name}" if side_by_side else host
        seed = options.seed + n * side_by_side  # or all four would write at the same moments, and wait for each other
        row = f"{name} {interval_s:g}s" if name == "short-polling" else name
        reporter = Reporter(environment, row, published_before)
        user.load = Load(scenario, seed, url, interval_s, reporter)
        reporter.users = user.load.users


def read_scenario(name: str) -> Scenario:
    try:
        return load(name)
    except ScenarioError as error:
        sys.exit(f"loadtests: {error}")
