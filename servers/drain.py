"""Ending well: a server that is told to stop answers what it holds, closes what is open, and is gone in 3 s."""

import errno
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wsgi import ClosingIterator

from servers.fanout import Fanout
from servers.stores import Store

TAKEN = "polls_apart.taken"  # set in the environ of a request whose socket a WebSocket took over
PATIENCE = 2.4  # seconds for answers and closing frames to go out, of the 3 s in all: 5,000 polls take 1.2


class InFlight:
    """WSGI middleware that counts the requests being answered, streams and sockets included."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.count = 0
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self._add(1)
        try:
            body = self.app(environ, start_response)
            if TAKEN in environ:  # an error page must not be written into an open WebSocket
                raise StopIteration
            return ClosingIterator(body, lambda: self._add(-1))
        except StopIteration:  # flask-sock's word for a WebSocket that is over: to any server, a connection that went
            self._add(-1)
            raise BrokenPipeError(errno.EPIPE, "the WebSocket is over") from None
        except BaseException:
            self._add(-1)
            raise

    def _add(self, n: int) -> None:
        with self._lock:
            self.count += n


def drain(store: Store, fanout: Fanout, in_flight: InFlight) -> None:
    """Wake all who wait, let the last answers out, and end the process; the kernel closes what is idle."""
    deadline = time.monotonic() + PATIENCE
    store.close()
    fanout.drain()
    while time.monotonic() < deadline:
        time.sleep(0.01)  # first of all: a question that has just come and is not read yet would be reset
        if not in_flight.count:
            break
    sys.stdout.flush()
    os._exit(0)
