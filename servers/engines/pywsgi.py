"""A greenlet for each connection, by gevent's own server: where gunicorn does not run, as on Windows."""

from gevent import monkey

monkey.patch_all()

import signal  # noqa: E402  # after the patch, as everything that blocks must be
import socket  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from gevent import pywsgi  # noqa: E402

from servers.app import App  # noqa: E402
from servers.engines import settle  # noqa: E402


class Handler(pywsgi.WSGIHandler):
    """One connection, which hands its socket to a WebSocket where gunicorn does."""

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        return environ | {"gunicorn.socket": self.socket}


def serve(listener: socket.socket, make_app: Callable[[], App], workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT, in this process: `workers` is 1 here."""
    app = make_app()
    settle()
    listener.setblocking(False)
    server = pywsgi.WSGIServer(listener, app, log=None, handler_class=Handler)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: gevent.spawn(app.drain))
    server.serve_forever()
