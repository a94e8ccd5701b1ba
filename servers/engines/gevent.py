"""A greenlet for each connection: gunicorn's gevent worker. Some 45 KiB for a WebSocket that is held, 25 for others."""

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gevent
from gevent.lock import Semaphore
from gunicorn.workers.ggevent import GeventWorker

from servers.engines import gunicorn
from servers.settings import YIELD

if TYPE_CHECKING:
    from servers.app import App  # the app is imported in the worker, after gevent's patch

TURNSTILE = 10  # new connections that are let in, in one turn of the loop


class Worker(gunicorn.DrainingWorker, GeventWorker):
    """gunicorn's gevent worker, draining."""

    def spawn(self, task: Callable[[], None]) -> None:
        gevent.spawn(task)

    def init_process(self) -> None:
        self.turnstile = Semaphore(TURNSTILE)
        super().init_process()

    def handle(self, listener: Any, client: socket.socket, address: Any) -> None:
        if not self.alive:  # while it drains, the listener may close at any moment
            client.close()
        elif self.enter(client):
            try:
                self.converse(listener, client, address)
            finally:
                self.leave(client)

    def handle_request(self, listener_name: Any, req: Any, sock: socket.socket, addr: Any) -> None:
        """Thousands who connect at once go through a turnstile, so that those who are in are served meanwhile.

        Who asks again as soon as it is answered gives way too, or nobody else would be served.
        """
        if req.req_number == 1 and req.path != "/health":
            with self.turnstile:
                gevent.sleep(YIELD)
        elif req.was_there:
            gevent.sleep(YIELD)
        super().handle_request(listener_name, req, sock, addr)


def serve(listener: socket.socket, make_app: Callable[[], "App"], workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT."""
    gunicorn.serve(listener, make_app, Worker, workers)
