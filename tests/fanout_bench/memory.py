"""Memory that a server takes for each connection that it holds: what it grows by, when many come to hold one.

The proportional set size, since a worker shares pages with its master. A first crowd comes and goes before, so that
what a server allocates once is there.
"""

import re
import sys
from contextlib import closing
from http.client import HTTPConnection

import psutil

from loadtests.processes import raise_descriptor_limit
from tests.fanout_bench.costs import HERE, NEVER, NODE, Listeners, Side, Stream, node_with_ws
from tests.processes import until

HELD = 2000
FIRST = 20
REPEATS = 5


class Asked(Side):
    """Answered, and kept for the next question."""

    opening, answer = "GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n", b'"messages":[]'


class Polls(Side):
    """Held polls: nothing comes back, so the server is asked how many it has."""

    opening = "GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n"

    def join(self, room: str, count: int) -> Listeners:
        listeners = Listeners(self.port, self.opening.format(self.path.format(room)), count)
        until(lambda: self.in_flight() > count)  # it is one itself
        self.find_worker()
        return listeners

    def in_flight(self) -> float:
        with closing(HTTPConnection("127.0.0.1", self.port)) as http:
            http.request("GET", "/metrics")
            return float(re.findall(r"^polls_apart_in_flight (\S+)", http.getresponse().read().decode(), re.M)[0])


def commands() -> dict[str, tuple[type[Side], list[str]]]:
    """What holds connections, and how it is started."""
    python, room = sys.executable, "/rooms/{}/socket"
    ours = [python, "-m", "servers", "--port", "0", "--heartbeat", NEVER, "--hold", NEVER]
    found = {
        "short polling": (Asked, ["/rooms/{}/messages", *ours, "short-polling"]),
        "long polling": (Polls, ["/rooms/{}/messages", *ours, "long-polling"]),
        "SSE": (Stream, ["/rooms/{}/events", *ours, "sse"]),
        "WebSocket": (Side, [room, *ours, "websocket"]),
        "WebSocket by websockets": (Side, [room, python, "-m", "tests.fanout_bench.rivals", "broadcast"]),
    }
    if node := node_with_ws():
        found["WebSocket by ws on Node"] = (Side, [room, node, str(HERE / "node.js")])
    return found


def measure(held: int = HELD, repeats: int = REPEATS) -> dict[str, list[float]]:
    """KiB for each connection, for each server that was started: one of each in turn, again and again."""
    raise_descriptor_limit(held + FIRST)
    found: dict[str, list[float]] = {name: [] for name in commands()}
    for _ in range(repeats):
        for name, (kind, command) in commands().items():
            found[name].append(each(kind(*command, env=NODE), held))
    return found


def each(side: Side, held: int) -> float:
    with closing(side):
        with closing(side.join("first", FIRST)):
            pass
        before = pss(side)
        with closing(side.join("all", held)):
            return (pss(side) - before) / held / 1024


def pss(side: Side) -> int:
    """Bytes of the server that holds the connections; where there is no proportional set size, the resident one."""
    memory = psutil.Process(side.worker).memory_full_info()
    return int(getattr(memory, "pss", memory.rss))
