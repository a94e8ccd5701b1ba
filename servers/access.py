"""The access log: a line for each request when it is over, so that a stream or a socket has its whole life in it.

What a client may write into a request is not in it: of the path the pattern that it matches, and of the query nothing.
"""

import logging
import time
from functools import partial

from flask import Flask, Response, g, request

from servers.drain import TAKEN

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}  # a client may make up others
SWITCHING_PROTOCOLS = 101
log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    log.setLevel(logging.INFO)

    @app.before_request
    def begin() -> None:
        g.began = time.monotonic()

    @app.after_request
    def end(response: Response) -> Response:
        method = request.method if request.method in METHODS else "other"
        route = request.url_rule.rule if request.url_rule else "-"
        over = partial(tell, method, route, request.blueprint or "page", g.began)
        if TAKEN in request.environ:
            over(SWITCHING_PROTOCOLS)
        else:
            response.call_on_close(partial(over, response.status_code))
        return response


def tell(method: str, route: str, transport: str, began: float, status: int) -> None:
    """It is over."""
    fields = {
        "method": method,
        "route": route,
        "status": status,
        "seconds": round(time.monotonic() - began, 6),
        "transport": transport,
    }
    log.info("%s %s %d in %.3f s", method, route, status, fields["seconds"], extra={"fields": fields})
