"""The application: the transports asked for, on one store."""

import time
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, request

from servers import access, entrance, front, guard, meter, metrics, wire
from servers.departures import Departures
from servers.drain import InFlight, drain
from servers.fanout import Fanout
from servers.meter import Meter
from servers.pages import Pages
from servers.settings import Settings
from servers.stores import Store
from servers.transports import TRANSPORTS


class App(Flask):
    """A Flask app that knows its store, and what it is answering at the moment."""

    store: Store
    fanout: Fanout
    in_flight: InFlight
    meter: Meter | None  # where there is a stage to tell
    settings: Settings

    def log_exception(self, exc_info: Any) -> None:
        """Say by its route what failed: an address has a room's name in it."""
        self.logger.error("%s %s failed.", request.method, request.url_rule or "What is not there", exc_info=exc_info)

    def drain(self) -> None:
        """End the process well, within 3 s."""
        drain(self.store, self.fanout, self.in_flight)


def create_app(transports: Sequence[str], store: Store, settings: Settings | None = None) -> App:
    """An app that mounts one transport at `/`, or several at `/<transport>` each."""
    settings = settings or Settings()
    app = App(__name__, static_folder="web", static_url_path="/web", template_folder="web")
    app.store, app.settings = store, settings
    app.fanout = Fanout(store, settings.heartbeat)
    app.in_flight = InFlight(app.wsgi_app)
    app.wsgi_app = app.in_flight  # type: ignore[method-assign]
    app.extensions |= {"store": store, "fanout": app.fanout, "pages": Pages(), "settings": settings}
    app.extensions["departures"] = Departures()
    app.config["MAX_CONTENT_LENGTH"] = settings.body_limit + 1  # a body in chunks is cut there; `wire` then says 413
    app.config["SOCK_SERVER_OPTIONS"] = {"max_message_size": settings.body_limit}  # it pings by `Fanout`
    if settings.access_log:
        access.init_app(app)
    wire.init_app(app)
    app.meter = Meter(transports) if settings.stage else None
    if app.meter:
        meter.init_app(app, app.meter)
    metrics.init_app(app, app.fanout, app.in_flight, app.meter)
    guard.init_app(app, settings, store)
    app.register_blueprint(entrance.blueprint)
    mounts = {name: f"/{name}" if len(transports) > 1 else "" for name in transports}
    for name, prefix in mounts.items():
        app.register_blueprint(TRANSPORTS[name], url_prefix=prefix or None)

    if settings.stage and "websocket" in transports:  # for the robot of `lab live`, which no transport is to count
        app.register_blueprint(TRANSPORTS["websocket"], url_prefix="/robot", name="robot")
    front.init_app(app, settings, mounts)

    @app.get("/health")
    def health() -> Response:
        return wire.answer({"status": "degraded" if store.down else "ok", "clock_ns": time.monotonic_ns()})

    return app
