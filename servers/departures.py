"""Polls held for somebody who has gone: nobody reads from a connection whose poll is held, so nobody else would see."""

import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gevent.monkey import get_original

from servers.stores import WAKE, Wake
from servers.stores.base import PAUSE, STEP

LOOK = 2.0  # seconds between two looks: TCP's keepalive finds a dead client after 15 of the 20 s there are
GONE = getattr(select, "POLLRDHUP", 0)  # it has hung up; that a connection has failed is told in any case


class Departures:
    """The connections of the polls that are held, each with what ends the wait of its poll.

    Who has only said that nothing more will be sent is answered all the same, with a page without messages.
    """

    def __init__(self) -> None:
        self._wakes: dict[int, Wake] = {}
        self._poll: Any = get_original("select", "poll")() if hasattr(select, "poll") else None  # Windows has none
        self._lock = threading.Lock()
        self._looking = False

    @contextmanager
    def watching(self, sock: Any) -> Iterator[None]:
        """End the wait of this request when its client goes, if there is a connection."""
        if sock is None or self._poll is None:
            yield
            return
        number, wake = sock.fileno(), WAKE.get() or Wake()
        token = WAKE.set(wake)
        with self._lock:
            self._wakes[number] = wake
            self._poll.register(number, GONE)
            if not self._looking:
                self._looking = True
                threading.Thread(target=self._look, daemon=True).start()
        try:
            yield
        finally:
            WAKE.reset(token)
            with self._lock:
                del self._wakes[number]
                self._poll.unregister(number)

    def _look(self) -> None:
        while True:
            time.sleep(LOOK)
            with self._lock:
                self._looking = bool(self._wakes)
                if not self._looking:
                    return
                gone = [self._wakes[number] for number, _ in self._poll.poll(0)]
            for n, wake in enumerate(gone):
                if n and n % STEP == 0:
                    time.sleep(PAUSE)  # thousands who are woken at once would keep everyone else waiting
                wake()
