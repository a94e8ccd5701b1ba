"""For each claim, made-up data of every kind: by which it holds, holds when, fails, and is undecided."""

from lab.plan import cells
from lab.stats import Estimate
from loadtests.records import TRANSPORTS
from tests.lab.claims import world
from tests.lab.claims.made_up import about, seen, sweep, wide
from tests.lab.claims.otherwise import (
    Make,
    alike,
    always,
    both,
    bursts,
    carried,
    chat,
    cheap,
    closing,
    engines,
    flat,
    idle,
    kaazing,
    keep_alive,
    knee,
    load,
    many,
    never,
    pages,
    polls,
    pushing,
    rate,
    reload_free,
    rtt,
    times,
    unsure,
    upside_down,
    upstream,
    use_cases,
    with_,
    writers,
)
from tests.lab.claims.world import RATES

HOLDS, WHEN, FAILS, UNDECIDED = "holds", "holds when", "fails", "undecided"
INVALID_RATES = tuple(cells(TRANSPORTS, (1.0, 3.0), RATES))
ONCE = [1.0]
FLIPS: dict[str, dict[str, Make]] = {
    "C1": {
        HOLDS: both(with_(rtt, levels=(0.0, 50.0)), rate),
        WHEN: both(rtt, rate),
        FAILS: both(with_(rtt, levels=(200.0, 400.0)), with_(rate, flat(latency_p95=300.0))),
        UNDECIDED: both(rtt, with_(rate, unsure(flat(latency_p95=100.0)))),
    },
    "C2": {
        HOLDS: with_(keep_alive, lambda cell: world.chat(cell) | {"connections_in_window": 58.0}),
        WHEN: keep_alive,
        FAILS: with_(keep_alive, never),
        UNDECIDED: with_(keep_alive, unsure(always)),
    },
    "C3": {
        HOLDS: both(with_(keep_alive, closing(1.5, 2.0)), chat),
        WHEN: both(keep_alive, chat),
        FAILS: both(with_(keep_alive, closing(0.5, 0.5)), with_(chat, upside_down)),
        UNDECIDED: both(with_(keep_alive, closing(1.5, 2.0)), with_(chat, unsure(alike))),
    },
    "C4": {
        HOLDS: both(idle, with_(polls, flat(empty_polls=0.7)), with_(rate, flat(empty_polls=0.2))),
        WHEN: both(idle, polls, rate),
        FAILS: both(*(with_(make, flat(empty_polls=0.005)) for make in (idle, polls, rate))),
        UNDECIDED: both(idle, polls, with_(rate, flat(empty_polls=Estimate(0.01, note="zero in some runs")))),
    },
    "C5": {
        HOLDS: both(with_(idle, cheap), with_(rate, cheap)),
        WHEN: both(idle, rate),
        FAILS: both(with_(idle, flat(ip_bytes_hour=10.0)), with_(rate, upside_down)),
        UNDECIDED: both(idle, with_(rate, invalid=INVALID_RATES)),
    },
    "C6": {
        HOLDS: both(carried, with_(rate, cheap)),
        WHEN: both(carried, rate),
        FAILS: both(with_(carried, 0, 1), with_(rate, upside_down)),
        UNDECIDED: both(with_(carried, 1_000, 1_100, "the generator gave up"), with_(rate, unsure(alike))),
    },
    "C7": {
        HOLDS: with_(pages, reload_free(1, 0, 0, 0)),
        WHEN: with_(pages, reload_free(1, 0, 1, 1)),
        FAILS: with_(pages, reload_free(1, 1, 1, 1)),
        UNDECIDED: with_(pages, reload_free(1, 0, 0, 0) | {"websocket": [1.0, 0.0, 1.0]}),
    },
    "C8": {
        HOLDS: upstream,
        WHEN: with_(upstream, times(world.upstream, "websocket", "server_cpu", 10.0)),
        FAILS: with_(upstream, lambda cell: {key: about(5.0) for key in world.upstream(cell)}),
        UNDECIDED: with_(upstream, unsure(world.upstream)),
    },
    "C9": {
        HOLDS: both(with_(many, levels=(1_000.0, 10_000.0)), with_(engines, 300.0)),
        WHEN: both(many, engines),
        FAILS: both(with_(many, levels=(1.0, 100.0)), with_(engines, threads=20.0)),
        UNDECIDED: both(many, with_(sweep, "engines", flat(server_threads=wide(100.0)), ("gevent",), clients=240)),
    },
    "C10": {
        HOLDS: with_(world.hijack, TRANSPORTS),
        WHEN: world.hijack,
        FAILS: with_(world.hijack, ()),
        UNDECIDED: with_(seen, "hijack", {("a stranger reads", "minimal websocket", "yes or no"): [1.0, 1.0]}),
    },
    "C11": {
        HOLDS: with_(world.debugging, TRANSPORTS[1:]),
        WHEN: world.debugging,
        FAILS: with_(world.debugging, ()),
        UNDECIDED: with_(seen, "debugging", {("found", "tshark: websocket", "yes or no"): [1.0, 1.0]}),
    },
    "C12": {
        HOLDS: with_(use_cases, 8),
        WHEN: with_(use_cases, 1),
        FAILS: with_(use_cases, 0),
        UNDECIDED: with_(use_cases, 0, unsure_of=5),
    },
    "L1": {
        HOLDS: both(with_(kaazing, 1_000.0, 1_100.0), with_(world.headers, 900.0)),
        WHEN: both(with_(kaazing, 1_000.0, 40.0), world.headers),
        FAILS: both(with_(kaazing, 30.0, 40.0), world.headers),
        UNDECIDED: both(with_(kaazing, 871.0, 30.0), world.headers),
    },
    "L2": {
        HOLDS: with_(knee, 250.0),
        WHEN: with_(knee, 150.0),
        FAILS: with_(knee, -1.0),
        UNDECIDED: with_(knee, 0.0, flat(latency_p50=wide(100.0))),
    },
    "L3": {
        HOLDS: with_(bursts, {0.0: 1.0, 100.0: 1.0, 200.0: 1.2}, 3.1),
        WHEN: with_(bursts, {0.0: 1.0, 100.0: 1.0, 200.0: 2.0}, 3.1),
        FAILS: with_(bursts, {0.0: 1.0, 100.0: 2.0, 200.0: 2.0}, 1.5),
        UNDECIDED: with_(bursts, {0.0: 1.0, 100.0: 1.5, 200.0: 1.5}, 3.1),
    },
    "L4": {
        HOLDS: with_(rate, pushing(9.0, 0.0)),
        WHEN: with_(rate, pushing(9.0)),
        FAILS: with_(rate, pushing(3.0)),
        UNDECIDED: with_(rate, pushing(7.0, 0.0)),
    },
    "L5": {
        HOLDS: both(with_(polls, load({})), with_(carried, 100, 120)),
        WHEN: both(with_(polls, load({10.0: 300.0})), carried),
        FAILS: both(with_(polls, load({0.25: 5_000.0})), with_(carried, 90_000, 99_000)),
        UNDECIDED: with_(polls, load({})),
    },
    "L6": {
        HOLDS: with_(writers, {5.0: 0.5, 50.0: 0.5, 200.0: 0.5}),
        WHEN: with_(writers, {5.0: 2.0, 50.0: 1.2, 200.0: 0.5}),
        FAILS: with_(writers, {5.0: 2.0, 50.0: 1.2, 200.0: 1.0}),
        UNDECIDED: with_(writers, {5.0: 1.0, 50.0: 1.0}, flat(latency_p95=wide(20.0), server_cpu=wide(90.0))),
    },
    "L7": {
        HOLDS: with_(world.headers, 700.0, 600.0),
        WHEN: world.headers,
        FAILS: with_(world.headers, 900.0),
        UNDECIDED: with_(seen, "headers", {("header bytes up", "browser: short-polling", "B per transfer"): ONCE}),
    },
    "L8": {
        HOLDS: world.proxies,
        WHEN: with_(world.proxies, long=900.0),
        FAILS: with_(world.proxies, 700.0, 900.0),
        UNDECIDED: with_(world.counted, "proxies", {"HTTP/1.1: short-polling": 700.0}),
    },
}  # fmt: skip
