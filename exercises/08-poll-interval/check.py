"""What exercise 8 asks: intervals that keep an objective and a budget, by the model and with a real server."""

import http.client
import json
import statistics
import time
from typing import Any

from lab.grader import Unsure, Wrong
from lab.grader.stand import Stand
from lab.model.arrivals import Poisson
from lab.model.conditions import Conditions
from lab.model.traffic import POLLS, traffic
from lab.model.waits import to_the_next_poll

PLACES = 3  # of each kind: the student's own, and two others
ROUNDED, OFF = 1.005, 0.02  # what is overlooked of a limit, and of a forecast
NEAR = 0.9  # of the objective: whose median is there took it for p95
INSTEAD = ("long-polling", "sse", "websocket")
REAL = {"clients": 10, "messages_per_s": 10.0, "objective_s": 0.8, "budget_per_s": 25}
WATCHED_S, REAL_OFF, LATE = 3.0, 0.2, 0.1  # seconds; of what was foretold; of an interval, after which nothing is said

Place = dict[str, float]
Chosen = dict[str, Any]


def choices(stand: Stand, *kinds: str) -> list[tuple[Place, Chosen]]:
    """Places of these kinds, and what the program chooses for each."""
    places = [each[kind] for each in stand.drawn(PLACES) for kind in kinds]
    return list(zip(places, stand.filtered(places), strict=True))


def number(chosen: Chosen, field: str) -> float:
    found = chosen.get(field)
    if isinstance(found, bool) or not isinstance(found, int | float) or found <= 0:
        raise Wrong("not-json", f"{field}: a number above 0", json.dumps(chosen))
    return float(found)


def interval(place: Place, chosen: Chosen) -> float:
    """In seconds. Wrong where none was found, though there is one."""
    if chosen.get("interval_s") is None:
        raise Wrong("too-strict", f"an interval for {told(place)}", json.dumps(chosen))
    return number(chosen, "interval_s")


def requests(place: Place, transport: str, interval_s: float = 1.0) -> float:
    """A second, by the model, of all who listen."""
    arrivals, clients = (Poisson(place["messages_per_s"]),), round(place["clients"])
    given = Conditions(transport, arrivals, 1, clients, 1, text_bytes=60, poll_interval_s=interval_s)
    return clients * traffic(given).per_s(*POLLS)


def told(place: Place) -> str:
    return json.dumps(place)


def keeps_the_objective(stand: Stand) -> None:
    """With its interval 95 of 100 messages are there within the objective."""
    for place, chosen in choices(stand, "roomy"):
        interval_s, most = interval(place, chosen), ROUNDED * place["objective_s"]
        p95, p50 = (to_the_next_poll(interval_s).quantile(q) for q in (0.95, 0.5))
        if p95 > most:
            cause = "median-for-p95" if NEAR * place["objective_s"] <= p50 <= most else "too-slow"
            wanted = f"95 of 100 within {place['objective_s']:g} s for {told(place)}"
            raise Wrong(cause, wanted, f"within {p95:.2f} s, by an interval of {interval_s:.2f} s")


def keeps_the_budget(stand: Stand) -> None:
    """With its interval all clients together ask no more often than the server answers."""
    for place, chosen in choices(stand, "roomy"):
        within_budget(place, interval(place, chosen))


def within_budget(place: Place, interval_s: float) -> None:
    asked = requests(place, "short-polling", interval_s)
    if asked > ROUNDED * place["budget_per_s"]:
        wanted = f"{place['budget_per_s']:g} questions a second at most for {told(place)}"
        raise Wrong("over-budget", wanted, f"{asked:.0f}, by an interval of {interval_s:.2f} s")


def foretells(stand: Stand) -> None:
    """It knows what its interval leads to: half of the waits, 95 of 100 of them, and all requests a second."""
    for place, chosen in choices(stand, "roomy"):
        interval_s = interval(place, chosen)
        wait, asked = to_the_next_poll(interval_s), requests(place, "short-polling", interval_s)
        if abs(number(chosen, "requests_per_s") * interval_s - 1) < OFF:
            raise Wrong("one-client-alone", f"requests_per_s: {asked:.0f} for {told(place)}", json.dumps(chosen))
        right = {"p50_s": wait.quantile(0.5), "p95_s": wait.quantile(0.95), "requests_per_s": asked}
        for field, expected in right.items():
            if abs(number(chosen, field) / expected - 1) > OFF:
                cause = "asks-miscounted" if field == "requests_per_s" else "waits-not-uniform"
                raise Wrong(cause, f"{field}: {expected:.3f} for {told(place)}", json.dumps(chosen))


def finds_the_only_intervals(stand: Stand) -> None:
    """It finds an interval where there are but few that keep both."""
    for place, chosen in choices(stand, "narrow"):
        interval_s = interval(place, chosen)
        within_budget(place, interval_s)
        p95 = to_the_next_poll(interval_s).quantile(0.95)
        if p95 > ROUNDED * place["objective_s"]:
            wanted = f"95 of 100 within {place['objective_s']:g} s for {told(place)}"
            raise Wrong("too-slow", wanted, f"within {p95:.2f} s, by an interval of {interval_s:.2f} s")


def says_when_there_is_none(stand: Stand) -> None:
    """It names no interval where none keeps both."""
    for place, chosen in choices(stand, "quiet", "busy"):
        if chosen.get("interval_s") is not None:
            raise Wrong("promises-too-much", f"interval_s: null for {told(place)}", json.dumps(chosen))


def names_a_way_that_keeps_both(stand: Stand) -> None:
    """Where no interval does, it names a way that asks seldom enough."""
    for place, chosen in choices(stand, "quiet", "busy"):
        way = chosen.get("instead")
        if way not in INSTEAD:
            raise Wrong("names-no-way", f"instead: one of {', '.join(INSTEAD)}, for {told(place)}", json.dumps(chosen))
        asked = requests(place, way)
        if asked > place["budget_per_s"]:
            wanted = f"{place['budget_per_s']:g} questions a second at most for {told(place)}"
            raise Wrong("asks-after-each-message", wanted, f"{asked:.0f}, by {way}")


def holds_with_a_real_server(stand: Stand) -> None:
    """Ten clients who poll a real server by its interval wait and ask as it foretold."""
    (chosen,) = stand.filtered([REAL])
    interval_s = interval(REAL, chosen)
    within_budget(REAL, interval_s)
    measured, late_s = watch(stand, interval_s)
    for field, seen in measured.items():
        if abs(seen / number(chosen, field) - 1) > REAL_OFF:
            if late_s > LATE * interval_s:
                raise Unsure("This machine was too busy to poll on time: close what keeps it busy, and check again.")
            wanted = f"about {seen:.2f}, as measured by an interval of {interval_s:.2f} s"
            raise Wrong("not-as-foretold", f"{field}: {wanted}", f"{field}: {chosen[field]:g}")


def watch(stand: Stand, interval_s: float) -> tuple[dict[str, float], float]:
    """What some seconds with a real server come to, and how late the client itself was, at its p95.

    Clients begin one after the other, and messages come at random.
    """
    port, clients = stand.server("short-polling").port, int(REAL["clients"])
    lines = [http.client.HTTPConnection("127.0.0.1", port, timeout=5) for _ in range(clients + 1)]  # the last is Ada's
    for line in lines:  # a server's first answer is slow, and a connection's first takes longer
        line.request("GET", f"/rooms/{stand.room}-before/messages")
        line.getresponse().read()
    queries, path = [""] * clients, f"/rooms/{stand.room}/messages"
    sent = sorted(stand.random.uniform(0, WATCHED_S) for _ in range(round(WATCHED_S * REAL["messages_per_s"])))
    rounds = range(int(WATCHED_S / interval_s) + 2)  # the last ones for what is said last
    polls = [((who / clients + n) * interval_s, 0, who) for who in range(clients) for n in rounds]
    waits, late, begun = list[float](), list[float](), time.monotonic()
    for at, n, who in sorted([*polls, *((at, n, -1) for n, at in enumerate(sent))]):
        time.sleep(max(0.0, begun + at - time.monotonic()))
        late.append(time.monotonic() - begun - at)
        if who < 0:
            message = json.dumps({"id": f"{n}", "sender": "Ada", "text": f"{n}"})
            lines[who].request("POST", path, message, {"Content-Type": "application/json"})
            lines[who].getresponse().read()
            continue
        lines[who].request("GET", f"{path}{queries[who]}")
        page = json.loads(lines[who].getresponse().read())
        queries[who] = f"?after={page['cursor']}&epoch={page['epoch']}"
        waits += [time.monotonic() - begun - sent[int(message["text"])] for message in page["messages"]]
    for line in lines:
        line.close()
    per_s = sum(at < WATCHED_S for at, _, _ in polls) / WATCHED_S
    found = {"p50_s": statistics.median(waits), "p95_s": statistics.quantiles(waits, n=20)[-1], "requests_per_s": per_s}
    stand.story.tell("grader", ", ".join(f"{field} {seen:.3f}" for field, seen in found.items()) + " were measured")
    return found, statistics.quantiles(late, n=20)[-1]
