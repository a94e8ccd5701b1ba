"""The model's word on each quantity that a recorded run has, by its key in lab/quantities.py and in that unit."""

from math import log

from lab.model import waits
from lab.model.arrivals import Arrivals
from lab.model.conditions import Conditions
from lab.model.machine import Machine
from lab.model.traffic import EMPTY, JOBS, POLLS, REQUESTS, Traffic, traffic
from lab.model.waits import Wait

FULL = 0.8  # of a CPU: a server that needs more is late for reasons of its own, and the model is silent
RANKS = {"latency_p50": 0.5, "latency_p95": 0.95, "latency_p99": 0.99}
LAYERS = {"socket": ("up", "down"), "ip": ("ip_up", "ip_down")}
MINUTE, HOUR = 60.0, 3_600.0
NO_WORK = Machine()


def predict(given: Conditions, machine: Machine = NO_WORK) -> dict[str, float]:
    """Nothing where the server could not keep up. Without a machine the server works in no time."""
    round_s = machine.round_s(given)
    happening = traffic(given, round_s)
    load = machine.load(happening, given.clients)
    if load > FULL:
        return {}
    found = hourly(happening) | counts(given, happening) | {"server_load": load}
    if given.rate:
        found |= latencies(given, machine, happening, load) | per_message(given, happening)
        found["server_cpu"] = 1e6 * load / (happening.heard_per_s * given.clients)
    return found


def latencies(given: Conditions, machine: Machine, happening: Traffic, load: float) -> dict[str, float]:
    """In ms: there and back, the waits, and the server's work. Nothing where senders could not keep up.

    The work is to take the message in, and then to tell the room, one after the other: after a share q of that round a
    share q of them has heard. Before it there is other work in the queue, of a job's length on average; by an M/M/1
    queue's formulas, a share `load` of the jobs wait, for job / (1 - load) on average, exponentially distributed.
    Percentiles of waits, queue and work are simply added: where one of them matters, the others are small.
    """
    waited = wait(given, machine.round_s(given))
    if waited is None:
        return {}
    first_s, round_s = machine.first_s(given.transport), machine.round_s(given)
    job_s = load / given.clients / happening.per_s(*JOBS)

    def after(wait_s: float, queue: float, share: float) -> float:
        return 1_000 * (given.rtt_s + wait_s + queue * job_s / (1 - load) + first_s + share * round_s)

    found = {
        key: after(waited.quantile(q), max(0.0, log(load / (1 - q))) if load else 0.0, q) for key, q in RANKS.items()
    }
    return found | {"latency_mean": after(waited.mean, load, 0.5)}


def wait(given: Conditions, round_s: float) -> Wait | None:
    """How long messages are kept, over all rooms, each with the weight of its messages."""
    parts = []
    for each in given.arrivals:
        waited = waits_in(each, given, given.rtt_s + round_s)
        if given.transport != "websocket":
            before = waits.behind_own_post(each, given.senders, given.rtt_s)
            if before is None:
                return None
            waited = waited.after(before)
        parts.append((each.rate, waited))
    return waits.together(parts, given.rate * len(given.arrivals))


def waits_in(arrivals: Arrivals, given: Conditions, back_s: float) -> Wait:
    """At the server, in a room; a poll's answer takes `back_s`, until the next poll may be asked."""
    match given.transport:
        case "short-polling":
            return waits.to_the_next_poll(waits.ticks_apart(given.poll_interval_s, back_s))
        case "long-polling":
            return waits.to_the_next_answer(arrivals.gap(back_s))
        case _:
            return waits.none()


def counts(given: Conditions, happening: Traffic) -> dict[str, float]:
    polls = happening.per_s(*POLLS)
    found = {
        "requests_per_client_minute": MINUTE * happening.per_s(*REQUESTS),
        "connections_in_window": MINUTE * happening.per_s("open"),
    }
    if given.keep_alive:  # one to listen and one to post, or one for both
        found["connections"] = 1.0 if given.transport == "websocket" else 2.0
    return found | ({"empty_polls": happening.per_s(*EMPTY) / polls} if polls else {})


def per_message(given: Conditions, happening: Traffic) -> dict[str, float]:
    """For each message delivered, with its share of the one time that it was sent."""
    heard = happening.heard_per_s
    found = {
        "requests": happening.per_s(*REQUESTS) / heard,
        "payload_bytes_up": given.text_bytes / given.participants * given.rate / heard,
        "payload_bytes_down": given.text_bytes,
    }
    for layer, fields in LAYERS.items():
        for way, field in zip(("up", "down"), fields, strict=True):
            found[f"{layer}_bytes_{way}"] = happening.bytes_per_s(field) / heard
    for layer in ("payload", *LAYERS):
        found[f"{layer}_bytes"] = found[f"{layer}_bytes_up"] + found[f"{layer}_bytes_down"]
    return found


def hourly(happening: Traffic) -> dict[str, float]:
    """kB for each client and hour, both ways."""
    return {
        f"{layer}_bytes_hour": HOUR / 1_000 * sum(happening.bytes_per_s(field) for field in fields)
        for layer, fields in LAYERS.items()
    }
