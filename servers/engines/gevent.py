"""A greenlet for each connection: gunicorn's gevent worker. Some 35 KiB for one that is held."""

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import gevent
from gevent.server import StreamServer
from gunicorn.workers.ggevent import GeventWorker

from servers.engines import gunicorn

if TYPE_CHECKING:
    from servers.app import App  # the app is imported in the worker, after gevent's patch


class Worker(gunicorn.DrainingWorker, GeventWorker):
    """gunicorn's gevent worker, draining."""

    def spawn(self, task: Callable[[], None]) -> None:
        gevent.spawn(task)

    def init_process(self) -> None:
        StreamServer.max_accept = 20  # handshakes at a time; at 100, thousands who connect keep everyone else waiting
        super().init_process()


def serve(listener: socket.socket, make_app: Callable[[], "App"]) -> None:
    """Serve until SIGTERM or SIGINT."""
    gunicorn.serve(listener, make_app, Worker)
