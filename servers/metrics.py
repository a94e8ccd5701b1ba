"""What the server counts about itself, as Prometheus reads it: GET /metrics.

`lessons/reference/monitoring.md` says what each metric means. What can be read when it is asked for is not counted
before: a delivery costs nothing more for it.
"""

import os
from collections import Counter as Tally
from collections.abc import Iterator
from typing import cast

from flask import Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from servers.drain import TAKEN, InFlight
from servers.engines.refusals import REFUSED
from servers.fanout import Fanout
from servers.meter import Meter
from servers.stores import Store

FANOUT = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # seconds
POLLS = {"short-polling.receive", "long-polling.receive"}
LOST = {409, 410}  # what a poll is answered whose cursor is of no use
CODES = {*range(1000, 1016), 4401}  # closing codes; a client may choose among thousands more, and is answered the same
SWITCHING_PROTOCOLS = 101
OPEN = ("sse", "websocket")  # the transports whose connections stay open


def init_app(app: Flask, fanout: Fanout, in_flight: InFlight, meter: Meter | None = None) -> None:
    """Count what `app` answers. A registry of its own for each app, since a process may hold several."""
    registry = CollectorRegistry()
    requests = Counter(
        "polls_apart_requests",
        "Requests answered, by transport and status.",
        ["transport", "status"],
        registry=registry,
    )
    empty = Counter("polls_apart_empty_polls", "Polls answered without news.", ["transport"], registry=registry)
    Gauge(
        "polls_apart_in_flight", "Requests being answered, streams and sockets included.", registry=registry
    ).set_function(lambda: in_flight.count)
    held = Gauge("polls_apart_held_polls", "Long polls that wait for news.", registry=registry)
    connections = Gauge("polls_apart_connections", "Streams and sockets that are open.", registry=registry)
    connections.set_function(lambda: len(fanout))

    def upgrade(transport: str) -> None:
        if transport == "websocket":
            requests.labels(request.blueprint or "page", SWITCHING_PROTOCOLS).inc()

    fanout.on_open = upgrade
    cuts = Counter("polls_apart_cuts", "Streams and sockets given up: too far behind, or dead.", registry=registry)
    own = Counter("polls_apart_transport_cuts", "Of those, each transport's.", ["transport"], registry=registry)
    cuts_of = {transport: own.labels(transport) for transport in OPEN}  # which begin at nothing

    def give_up(transport: str) -> None:
        cuts.inc()
        cuts_of[transport].inc()

    fanout.on_cut = give_up
    resets = Counter(
        "polls_apart_resets", "Clients told that their cursor is of no use.", ["transport"], registry=registry
    )
    fanout.on_reset = lambda transport: resets.labels(transport).inc()
    closes = Counter(
        "polls_apart_closes", "WebSockets closed, by the code of our closing frame.", ["code"], registry=registry
    )
    fanout.on_close = lambda code: closes.labels(code if code in CODES else "other" if code else "none").inc()
    fanout.observe = Histogram(
        "polls_apart_fanout_seconds",
        "From reading news of a room to having put it into every outbox.",
        buckets=FANOUT,
        registry=registry,
    ).observe
    Info("polls_apart_worker", "The process that answers.", registry=registry).info({"pid": str(os.getpid())})
    registry.register(AtTheMoment(fanout, cast(Store, app.extensions["store"])))
    if meter:
        registry.register(meter)
    ProcessCollector(registry=registry)

    @app.before_request
    def hold() -> None:
        if request.endpoint == "long-polling.receive":
            g.held = True
            held.inc()

    @app.teardown_request
    def release(error: BaseException | None) -> None:
        if g.pop("held", False):
            held.dec()

    @app.after_request
    def count(response: Response) -> Response:
        transport = request.blueprint or "page"
        if TAKEN not in request.environ:  # a WebSocket was counted when it began
            requests.labels(transport, response.status_code).inc()
        if request.method == "GET" and request.endpoint in POLLS:
            if is_empty(response):
                empty.labels(transport).inc()
            elif response.status_code in LOST:
                resets.labels(transport).inc()
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class AtTheMoment(Collector):
    """What is read from where it is, when it is asked for."""

    def __init__(self, fanout: Fanout, store: Store) -> None:
        self._fanout, self._store = fanout, store

    def collect(self) -> Iterator[Metric]:
        opened = GaugeMetricFamily(
            "polls_apart_transport_connections", "Streams and sockets that are open.", labels=["transport"]
        )
        behind = GaugeMetricFamily(
            "polls_apart_queueing_connections", "Of those, the ones with a queue.", labels=["transport"]
        )
        queued = GaugeMetricFamily(
            "polls_apart_queued_bytes", "Bytes that wait for their readers in outboxes.", labels=["transport"]
        )
        depths: dict[str, list[int]] = {transport: [] for transport in OPEN}
        for outbox in self._fanout.outboxes:
            depths[outbox.transport].append(outbox.waiting)
        for transport, waiting in depths.items():
            opened.add_metric([transport], len(waiting))
            behind.add_metric([transport], sum(map(bool, waiting)))
            queued.add_metric([transport], sum(waiting))
        yield from (opened, behind, queued)
        yield CounterMetricFamily(
            "polls_apart_dropped_bytes", "Bytes given up with connections that were cut.", value=self._fanout.dropped
        )
        yield GaugeMetricFamily("polls_apart_store_up", "Whether the store answers.", value=not self._store.down)
        refused = CounterMetricFamily(
            "polls_apart_refusals", "Requests that did not reach the application, by status.", labels=["status"]
        )
        for status, count in Tally(REFUSED).items():
            refused.add_metric([str(status)], count)
        yield refused


def is_empty(response: Response) -> bool:
    """Whether a poll's answer brought no message."""
    return response.status_code == 304 or b'"messages":[]' in response.get_data()[:14]
