"""gunicorn as a library: one listening socket, its workers, and a drain in place of its own way of stopping."""

import errno
import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException
from gunicorn.workers.base_async import AsyncWorker

from servers.engines import settle
from servers.engines.heads import Heads, status_of
from servers.engines.refusals import refuse, turn_away
from servers.settings import FIELDS, HEAD, KEEP_ALIVE

if TYPE_CHECKING:
    from servers.app import App  # the app is imported in the worker, after gevent's patch
    from servers.meter import Meter


STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT}
GONE = {errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.EBADF}  # what it is called when a client has left


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

    MOST = 20_000  # connections
    alive: bool
    wsgi: "App | None" = None  # until it is loaded
    open = 0  # connections
    meter: "Meter | None" = None

    def init_signals(self) -> None:
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)

    def spawn(self, task: Callable[[], None]) -> None:
        """Run `task` beside the worker's loop; called from a signal handler, so it must not block."""
        raise NotImplementedError

    def load_wsgi(self) -> None:
        super().load_wsgi()
        assert self.wsgi
        settings = self.wsgi.settings
        self.most, self.read_time = settings.connections or self.MOST, settings.read_time
        self.meter = self.wsgi.meter
        self.counting = threading.Lock()
        settle()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.wsgi is None:
            os._exit(0)  # nothing to drain
        if self.alive:
            self.alive = False
            self.spawn(self.wsgi.drain)

    handle_quit = handle_exit  # SIGINT reaches the worker as SIGQUIT

    def enter(self, client: socket.socket) -> bool:
        """Count a connection that comes in; where there are too many, turn it away."""
        with self.counting:
            welcome = self.open < self.most
            self.open += welcome
        if not welcome:
            turn_away(client)
            client.close()
        elif self.meter:
            self.meter.open(client)
        return welcome

    def leave(self, client: socket.socket) -> None:
        """A connection that came in is over."""
        if self.meter:
            self.meter.close(client)
        client.close()
        with self.counting:
            self.open -= 1

    def converse(self, listener: Any, client: socket.socket, address: Any) -> None:
        """Answer the requests of one connection, as gunicorn does, but each must be whole in time and within bounds."""
        heads, request = Heads(self.cfg, client, address, self.read_time, lambda: not self.alive), None
        try:
            name = listener.getsockname()
            while request := heads.following():
                self.handle_request(name, request, client, address)
                request = None
        except StopIteration:
            pass  # the answer was the last
        except ParseException as error:
            refuse(client, status_of(error), f"The request cannot be read: {error}.")
        except TimeoutError:
            if heads.unreader.deadline and not request:
                refuse(client, 408, f"The request did not come within {self.read_time:g} s.")
        except OSError as error:
            if error.errno not in GONE | {None}:
                self.log.exception("Socket error processing request.")
        except Exception:
            self.log.exception("A request failed.")  # its address has a room's name in it
            refuse(client, 500, "The server failed.")


class Log(Logger):
    """What gunicorn has to say, by way of `servers.logs`."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


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
            "worker_connections": 65_536,  # more than a worker takes: it turns the rest away itself
            "limit_request_line": HEAD,
            "limit_request_fields": FIELDS,
            "limit_request_field_size": HEAD,
            "backlog": 4096,
            "keepalive": KEEP_ALIVE,
            "graceful_timeout": 3,  # seconds before gunicorn kills a worker that did not drain
            "timeout": 0,
            "loglevel": "warning",
            "logger_class": Log,
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
