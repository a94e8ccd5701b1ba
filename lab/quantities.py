"""What is measured of a cell: each quantity's name, its unit, and how it is computed from one run or from several."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from lab.costs import LAYERS
from lab.joins import RunFigures
from lab.stats import Floats, percentile

Runs = Sequence[RunFigures]
Pooled = Callable[[Runs], float | None]
P99_PUBLISHES = 1_000  # below, the slowest hundredth is ten publishes or fewer, and their chance, not the system's tail


class Quantity(NamedTuple):
    """`of` gives None where a run did not measure it; of several runs it takes the raw samples or sums together."""

    key: str
    title: str
    unit: str
    of: Pooled
    needs_publishes: int = 0  # in all runs together


def rank(q: float) -> Pooled:
    """A percentile of the delivery latencies, of all runs' samples together."""

    def pooled(runs: Runs) -> float | None:
        samples = np.concatenate([run.latencies_ms for run in runs])
        return percentile(samples, q) if len(samples) else None

    return pooled


def mean(runs: Runs) -> float | None:
    """Of the delivery latencies, of all runs' samples together; infinite where one never arrived."""
    samples = np.concatenate([run.latencies_ms for run in runs])
    return float(np.mean(samples)) if len(samples) else None


def of_clients(times: Callable[[RunFigures], Floats], q: float) -> Pooled:
    """A percentile over clients."""

    def pooled(runs: Runs) -> float | None:
        samples = np.concatenate([times(run) for run in runs])
        return percentile(samples, q) if len(samples) else None

    return pooled


def ack(runs: Runs) -> float | None:
    samples = np.concatenate([run.acks_ms for run in runs])
    return percentile(samples, 0.5) if len(samples) else None


def per(numerator: Callable[[RunFigures], float | None], denominator: Callable[[RunFigures], float | None]) -> Pooled:
    """The ratio of two sums over the runs: a run with more messages weighs more."""

    def pooled(runs: Runs) -> float | None:
        above, below = [numerator(run) for run in runs], [denominator(run) for run in runs]
        total = sum(x for x in below if x is not None)
        if None in above or None in below or not total:
            return None
        return sum(x for x in above if x is not None) / total

    return pooled


def received(run: RunFigures) -> float:
    return run.received


def seconds(run: RunFigures) -> float:
    return run.window_s


def layer(name: str) -> Callable[[RunFigures], float | None]:
    """Bytes of a layer, both ways."""

    def both_ways(run: RunFigures) -> float | None:
        up, down = run.up[name], run.down[name]
        return None if up is None or down is None else up + down

    return both_ways


def in_thousands(of: Callable[[RunFigures], float | None]) -> Callable[[RunFigures], float | None]:
    return lambda run: None if (value := of(run)) is None else value / 1_000


def largest(of: Callable[[RunFigures], float | None]) -> Pooled:
    def pooled(runs: Runs) -> float | None:
        known = [value for run in runs if (value := of(run)) is not None]
        return max(known) if len(known) == len(runs) else None

    return pooled


def one_way(direction: str, name: str) -> Callable[[RunFigures], float | None]:
    return lambda run: getattr(run, direction)[name]


TITLES = {"payload": "payload", "socket": "socket", "ip": "IP"}
WAYS = [
    Quantity(f"{name}_bytes_{way}", f"{TITLES[name]} bytes {way}", "B per message", per(one_way(way, name), received))
    for name in LAYERS
    for way in ("up", "down")
]

QUANTITIES = [
    Quantity("latency_mean", "mean delivery latency", "ms", mean),
    Quantity("latency_p50", "delivery latency p50", "ms", rank(0.50)),
    Quantity("latency_p95", "delivery latency p95", "ms", rank(0.95)),
    Quantity("latency_p99", "delivery latency p99", "ms", rank(0.99), P99_PUBLISHES),
    Quantity("ack_p50", "publish to acknowledgement p50", "ms", ack),
    Quantity("first_message_p50", "connect to first message p50", "ms",
             of_clients(lambda run: run.first_message_ms, 0.5)),
    Quantity("recovery_p50", "cut to back p50", "ms", of_clients(lambda run: run.recovery_ms, 0.5)),
    Quantity("recovery_max", "cut to back, the last", "ms", of_clients(lambda run: run.recovery_ms, 1.0)),
    Quantity("payload_bytes", "payload bytes", "B per message", per(layer("payload"), received)),
    Quantity("socket_bytes", "socket bytes", "B per message", per(layer("socket"), received)),
    Quantity("ip_bytes", "IP bytes", "B per message", per(layer("ip"), received)),
    *WAYS,
    Quantity("requests", "requests", "per message", per(lambda run: run.requests, received)),
    Quantity("requests_per_client_minute", "requests", "per client and minute",
             per(lambda run: run.requests, lambda run: run.clients * run.window_s / 60)),
    Quantity("empty_polls", "empty polls", "share", per(lambda run: run.empty_polls, lambda run: run.polls)),
    Quantity("connections", "connections opened", "per client",
             per(lambda run: run.connections, lambda run: run.clients)),
    Quantity("connections_in_window", "connections opened while measuring", "per client and minute",
             per(lambda run: run.connections_opened, lambda run: run.clients * run.window_s / 60)),
    Quantity("server_cpu", "server CPU", "µs per message",
             per(lambda run: None if run.server_cpu_ns is None else run.server_cpu_ns / 1_000, received)),
    Quantity("server_load", "server CPU", "share of one CPU",
             per(lambda run: None if run.server_cpu_ns is None else run.server_cpu_ns / 1e9, seconds)),
    Quantity("server_fds", "server's open files", "per client",
             per(lambda run: run.server_fds, lambda run: run.clients)),
    Quantity("server_threads", "server's threads", "at most", largest(lambda run: run.server_threads)),
    Quantity("ip_bytes_hour", "IP bytes", "kB per client and hour",
             per(in_thousands(layer("ip")), lambda run: run.clients * run.window_s / 3600)),
    Quantity("socket_bytes_hour", "socket bytes", "kB per client and hour",
             per(in_thousands(layer("socket")), lambda run: run.clients * run.window_s / 3600)),
    Quantity("server_rss", "server memory", "MB",
             largest(lambda run: None if run.server_rss is None else run.server_rss / 1e6)),
    Quantity("offered_rate", "offered", "publishes per s", per(lambda run: run.offered, seconds)),
    Quantity("sent_rate", "sent", "publishes per s", per(lambda run: run.sent, seconds)),
    Quantity("due_rate", "due", "deliveries per s", per(lambda run: run.expected, seconds)),
    Quantity("delivered_rate", "delivered", "deliveries per s", per(lambda run: run.delivered, seconds)),
    Quantity("generator_cpu", "generator CPU", "share of one CPU", largest(lambda run: run.generator_cpu)),
    Quantity("generator_lag_p99", "generator lag p99", "ms", largest(lambda run: run.generator_lag_p99_ms)),
    Quantity("send_lag_p99", "send lag p99", "ms", largest(lambda run: run.send_lag_p99_ms)),
    Quantity("p99_from_loop", "p99 from the generator's loop", "share", largest(lambda run: run.p99_from_loop)),
]  # fmt: skip

COMPARED = (
    "latency_p50", "latency_p95", "latency_p99", "ip_bytes", "socket_bytes", "requests", "server_cpu", "server_load",
    "server_rss", "server_fds", "ip_bytes_hour", "first_message_p50", "recovery_p50", "recovery_max",
    "connections_in_window",
)  # fmt: skip
"""Of these, each cell's ratio to the reference is given, paired by block."""
