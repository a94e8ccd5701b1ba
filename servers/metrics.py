"""What the server counts about itself, as Prometheus reads it: GET /metrics."""

from flask import Flask, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from servers.drain import InFlight
from servers.fanout import Fanout


def init_app(app: Flask, fanout: Fanout, in_flight: InFlight) -> None:
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
    connections = Gauge("polls_apart_connections", "Streams and sockets that are open.", registry=registry)
    connections.set_function(lambda: len(fanout))
    cuts = Counter("polls_apart_cuts", "Streams and sockets given up: too far behind, or dead.", registry=registry)
    fanout.on_cut = cuts.inc
    fanout.observe = Histogram(
        "polls_apart_fanout_seconds",
        "From reading news of a room to having put it into every outbox.",
        buckets=FANOUT,
        registry=registry,
    ).observe

    @app.after_request
    def count(response: Response) -> Response:
        transport = request.blueprint or "page"
        requests.labels(transport, response.status_code).inc()
        if request.method == "GET" and request.endpoint in POLLS and is_empty(response):
            empty.labels(transport).inc()
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), mimetype=CONTENT_TYPE_LATEST)


FANOUT = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)  # seconds
POLLS = {"short-polling.receive", "long-polling.receive"}


def is_empty(response: Response) -> bool:
    """Whether a poll's answer brought no message."""
    return response.status_code == 304 or b'"messages":[]' in response.get_data()[:14]
