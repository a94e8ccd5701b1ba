"""A thread for each connection, by the operating system: two for a WebSocket, whose library reads in one of its own.

Threads are dear: 500 connections are let in, unless the settings say otherwise, and the rest turned away.
"""

import _thread
import ctypes
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from servers.engines import gunicorn

if TYPE_CHECKING:
    from servers.app import App  # the app is imported in the worker, after gevent's patch

M_ARENA_MAX, ARENAS = -8, 2  # mallopt(3): glibc gives threads arenas of their own, eight for each CPU, each with holes


class Worker(gunicorn.DrainingWorker):
    """gunicorn's keep-alive loop, run by a thread where its gevent worker runs it by a greenlet."""

    MOST = 500

    def spawn(self, task: Callable[[], None]) -> None:
        _thread.start_new_thread(task, ())  # without the locks of `threading`, which the signal may have come amid

    def run(self) -> None:
        (listener,) = self.sockets
        listener.sock.settimeout(1)  # seconds between two signs of life to gunicorn's master
        while self.alive and self.ppid == os.getppid():
            self.notify()
            with suppress(TimeoutError, ConnectionError):
                client, address = listener.accept()
                if self.enter(client):
                    threading.Thread(target=self.handle, args=(listener, client, address), daemon=True).start()
        if not self.alive:
            threading.Event().wait()  # for the drain to end the process

    def handle(self, listener: Any, client: socket.socket, address: Any) -> None:
        try:
            self.converse(listener, client, address)
        finally:
            self.leave(client)


def serve(listener: socket.socket, make_app: Callable[[], "App"], workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT."""
    share_arenas()
    gunicorn.serve(listener, make_app, Worker, workers)


def share_arenas() -> None:
    """Let threads that come and go leave no memory behind. Python runs one at a time, so they do not wait for it."""
    with suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
