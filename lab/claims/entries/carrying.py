"""What a server carries: more clients (C6), thousands of connections (C9), push and pull (L4), the break-even (L5)."""

from lab.claims.capacities import AS_SAID, break_even, carries_more, outnumbers_push, serves_as_said
from lab.claims.cases import above, at_least, less
from lab.claims.figures import CPU, FILES, RSS, THREADS, for_all_clients, for_each_client
from lab.claims.judging import Claim
from lab.claims.rules import HELD, OTHERS, PUSH, SHORT, WEBSOCKET, against_each, at_every_level
from lab.claims.sources import ARTICLE, BOZDAG, VAN_DE_VYVERE
from lab.claims.tells import further_client

RATE = "a rate of {} a second in each room"
DEFAULT_FILES = 1_024  # open files that Linux lets a process have unless somebody raises it
THREAD_EACH = 0.5  # threads for each client: nearer to one than to none
SEVEN = 7.0  # times the CPU

C6 = Claim(
    "C6",
    "WebSockets improve scalability without overwhelming servers.",
    ARTICLE,
    "One server carries surely more clients by WebSocket than by each other transport before the slowest hundredth "
    "wait too long, and a message takes surely less of its CPU at every rate.",
    (
        carries_more("capacity", WEBSOCKET, OTHERS, "in clients"),
        against_each("message-rate", [WEBSOCKET], OTHERS, less(CPU), RATE, "in CPU"),
    ),
)
C9 = Claim(
    "C9",
    "Managing thousands of connections adds complexity.",
    ARTICLE,
    f"The server needs more than the {DEFAULT_FILES:,} open files that a process may have by default, or a thread for "
    "each client.",
    (
        at_every_level("clients", HELD, above(for_all_clients(FILES, "open files", "files"), DEFAULT_FILES),
                       "{} connected", "in open files"),
        at_every_level("engines", HELD, above(for_each_client(THREADS, "threads for each client", ""), THREAD_EACH),
                       "the engine {}", "in threads"),
    ),
    (further_client("clients", HELD, RSS, "kB", 1_000.0),),
)  # fmt: skip
L4 = Claim(
    "L4",
    "Push takes seven times the server CPU of pull.",
    BOZDAG,
    f"For each message delivered, push takes surely more than {SEVEN:g} times the server's CPU of short polling, at "
    "either interval and every rate.",
    (against_each("message-rate", PUSH, [SHORT], at_least(CPU, SEVEN), RATE),),
)
L5 = Claim(
    "L5",
    "Polling serves requests a second x acceptable latency clients, and beyond some latency more than push.",
    VAN_DE_VYVERE,
    "The requests that a whole CPU would answer, reckoned from the load at the shortest interval, foretell it at the "
    f"others within a factor of {AS_SAID:g}; and that many, times the latency, are surely more clients than meet the "
    "objective by WebSocket.",
    (
        serves_as_said("poll-interval", "a latency of {} s", "as arithmetic"),
        outnumbers_push("poll-interval", "capacity", "a latency of {} s", "in clients"),
    ),
    (break_even("poll-interval", "capacity"),),
)
CLAIMS = (C6, C9, L4, L5)
