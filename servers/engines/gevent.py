"""A greenlet for each connection: gunicorn's gevent worker. Some 35 KiB for one that is held."""

import gc
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import gevent
from gunicorn.workers.ggevent import GeventWorker

from servers.engines import gunicorn

if TYPE_CHECKING:
    from servers.app import App  # the app is imported in the worker, after gevent's patch


class Worker(gunicorn.DrainingWorker, GeventWorker):
    """gunicorn's gevent worker, draining."""

    def spawn(self, task: Callable[[], None]) -> None:
        gevent.spawn(task)

    def init_process(self) -> None:
        gc.set_threshold(
            50_000, 50, 1000
        )  # at the default, 10,000 clients that connect see a pause of 576 ms; so, 40 ms
        super().init_process()


def serve(listener: socket.socket, make_app: Callable[[], "App"]) -> None:
    """Serve until SIGTERM or SIGINT."""
    gunicorn.serve(listener, make_app, Worker)
