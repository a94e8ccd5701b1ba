"""A server that restarts under five thousand clients: each is told, and comes back, as the page in `web/` would."""

import heapq
import random
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count

import pytest

from tests.processes import Server, lasting_port
from tests.servers.crowds.crowd import Crowd, Member
from tests.servers.crowds.manners import MANNERS, HeldPolls, Manner, WebSocket

CLIENTS = 5_000
SPARE = 1_000  # open files
EXIT = 3  # seconds from the signal
BACK = 15  # seconds from the new server's first line
BASE, LIMIT = 0.5, 8  # seconds: those of servers/web/retry.js
FAREWELLS = {"websocket": "1012", "sse": "end", "long-polling": "answered"}

pytestmark = [pytest.mark.prove, pytest.mark.timeout(300)]


class Returning:
    """Clients who try again, each after a time of its own that is anything up to a limit that doubles: full jitter."""

    def __init__(self, crowd: Crowd, clients: int) -> None:
        self.crowd = crowd
        self.order = count()
        self.due: list[tuple[float, int, int]] = []  # when, and after how many failures
        self.trying: dict[Member, int] = {}
        for _ in range(clients):
            self.wait(0)

    def wait(self, failures: int) -> None:
        pause = random.random() * min(LIMIT, BASE * 2**failures)
        heapq.heappush(self.due, (time.monotonic() + pause, next(self.order), failures))

    def turn(self) -> None:
        """Let those try whose time has come, and hear what came of the others' tries."""
        while self.due and self.due[0][0] < time.monotonic():
            _, _, failures = heapq.heappop(self.due)
            try:
                self.trying[self.crowd.add()] = failures
            except OSError:
                self.wait(failures + 1)
        self.crowd.turn(0.005)
        for member in [member for member in self.trying if member.lost or member.manner.joined]:
            failures = self.trying.pop(member)
            if member.lost:
                self.wait(0 if member.manner.joined else failures + 1)

    @property
    def all_back(self) -> bool:
        return not (self.due or self.trying)


def drained(server: Server, crowd: Crowd) -> float:
    """Send SIGTERM, and hear everybody out. Returns the seconds until the process had ended, or fails."""
    begun = time.monotonic()
    server.process.terminate()
    with ThreadPoolExecutor() as pool:
        ended = pool.submit(server.process.wait, 60)
        ended.add_done_callback(lambda _: took.append(time.monotonic() - begun))
        took: list[float] = []
        crowd.until(lambda: not crowd and ended.done(), 60)
    assert ended.result() == 0
    return took[0]


@pytest.mark.parametrize("kind", MANNERS, ids=lambda kind: kind.name)
def test_five_thousand_are_told_that_it_ends_and_it_is_gone_in_time(
    kind: type[Manner], allow: Callable[[int], None], serve: Callable[..., Server], room: str
) -> None:
    allow(CLIENTS + SPARE)
    server = serve(kind.name)
    with Crowd(server, kind, room) as crowd:
        come(crowd)
        seconds = drained(server, crowd)
        told = [member.manner.farewell for member in crowd.gone]
        print(f"\n{CLIENTS:,} by {kind.name}: gone {seconds:.2f} s after SIGTERM")
    assert {farewell: told.count(farewell) for farewell in told} == {FAREWELLS[kind.name]: CLIENTS}
    assert seconds <= EXIT


def test_five_thousand_sockets_are_back_in_time(
    allow: Callable[[int], None], serve: Callable[..., Server], room: str
) -> None:
    allow(CLIENTS + SPARE)
    port = lasting_port()
    server = serve("websocket", port=port)
    with Crowd(server, WebSocket, room) as crowd, ThreadPoolExecutor() as pool:
        come(crowd)
        drained(server, crowd)
        assert len(crowd.gone) == CLIENTS
        returning = Returning(crowd, CLIENTS)
        listening: list[float] = []
        restart: Future[Server] = pool.submit(serve, "websocket", port=port)
        restart.add_done_callback(lambda _: listening.append(time.monotonic()))
        end = time.monotonic() + 60
        while not returning.all_back:
            assert time.monotonic() < end, f"{len(returning.due) + len(returning.trying)} are not back"
            returning.turn()
        seconds = time.monotonic() - listening[0]
        assert restart.result().metric("polls_apart_connections") == CLIENTS == len(crowd)
    print(f"\n{CLIENTS:,} are back {seconds:.1f} s after the new server's first line")
    assert seconds <= BACK


def come(crowd: Crowd) -> None:
    if crowd.kind is HeldPolls:
        crowd.say(b"welcome")  # or the first would be held
    crowd.come(CLIENTS)
    crowd.say(b"all are in")
    crowd.until_all_heard(b"all are in")
    crowd.until_all_are_held()
