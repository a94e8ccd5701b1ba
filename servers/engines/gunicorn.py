"""gunicorn as a library: one listening socket, its workers, and a drain in place of its own way of stopping."""

import os
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base_async import AsyncWorker

from servers.engines import settle
from servers.settings import KEEP_ALIVE

if TYPE_CHECKING:
    from servers.app import App  # the app is imported in the worker, after gevent's patch


STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}


class Master(Arbiter):
    """gunicorn's master, which loses no signal: one that comes as it forks waits until the worker can take it."""

    def spawn_worker(self) -> int:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
        try:
            pid: int = super().spawn_worker()
            return pid
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class DrainingWorker(AsyncWorker):
    """A worker that drains on SIGTERM. gunicorn's own stop sends no closing frame and leaves held polls unanswered."""

    alive: bool
    wsgi: "App | None" = None  # until it is loaded

    def init_signals(self) -> None:
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)

    def spawn(self, task: Callable[[], None]) -> None:
        """Run `task` beside the worker's loop; called from a signal handler, so it must not block."""
        raise NotImplementedError

    def load_wsgi(self) -> None:
        super().load_wsgi()
        settle()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.wsgi is None:
            os._exit(0)  # nothing to drain
        if self.alive:
            self.alive = False
            self.spawn(self.wsgi.drain)

    handle_quit = handle_exit  # SIGINT reaches the worker as SIGQUIT


class Process(BaseApplication):
    """gunicorn's application object, set up by code and not by files or flags."""

    def __init__(
        self, listener: socket.socket, make_app: Callable[[], "App"], worker: type[DrainingWorker], workers: int
    ) -> None:
        self.listener, self.make_app, self.worker, self.workers = listener, make_app, worker, workers
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"fd://{self.listener.detach()}",
            "worker_class": self.worker,
            "workers": self.workers,
            "worker_connections": 20_000,
            "backlog": 4096,
            "keepalive": KEEP_ALIVE,
            "graceful_timeout": 2,  # seconds before gunicorn kills a worker that did not drain
            "timeout": 0,
            "loglevel": "warning",
            "control_socket_disable": True,  # its default path is shared between servers
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> "App":
        return self.make_app()

    def run(self) -> None:
        Master(self).run()


def serve(listener: socket.socket, make_app: Callable[[], "App"], worker: type[DrainingWorker], workers: int) -> None:
    """Serve until SIGTERM or SIGINT. The app is made in each of the workers, after the fork."""
    Process(listener, make_app, worker, workers).run()
