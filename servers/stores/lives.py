"""What a process knows of a log that lives elsewhere, so that a log which came back shorter is never taken for whole.

A life of the log is one epoch in one run of Redis. In each life, messages are counted over all rooms. A process
remembers the highest count that it was told, in acknowledgements and in news from others. When Redis is started again
it has what it had kept, a beginning of the log: whole, if it counts no fewer than anyone remembers.
"""

import threading
from typing import NamedTuple


class Life(NamedTuple):
    """What Redis says of its log: the epoch, the run of Redis, messages `taken` so far, and when that run took over."""

    epoch: str
    run: str
    taken: int
    adopted: int


class Lives:
    """The life that this process is in, the count that it remembers, and the lives that are over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = Life("", "", 0, 0)
        self._over: set[tuple[str, str]] = set()

    @property
    def now(self) -> Life:
        return self._now

    def believe(self, told: Life) -> bool:
        """Remember what was told. False where the call must be made again: nothing that it brought may be passed on.

        That is so when another thread has heard since that this life is over, or when a new life of the same epoch
        began before the last message that is remembered: the next call tells Redis so, which then takes a new epoch.
        """
        with self._lock:
            now = self._now
            if told[:2] == now[:2]:
                self._now = told._replace(taken=max(told.taken, now.taken))
                return True
            if told[:2] in self._over or (told.epoch == now.epoch and told.adopted < now.taken):
                return False
            self._over.add(now[:2])
            self._now = told
            return True

    def hear(self, epoch: str, run: str, taken: int) -> None:
        """News of a message that another process sent."""
        with self._lock:
            if (epoch, run) == self._now[:2]:
                self._now = self._now._replace(taken=max(taken, self._now.taken))
