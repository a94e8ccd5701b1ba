"""How much one client may ask for: token buckets, one for each session or address."""

import threading
import time

MOST = 10_000  # buckets kept; the one that was not used for longest goes first, and is full again if it comes back


class Exceeded(Exception):
    """More was asked for than a session or an address may have: why, and the seconds until it may have it."""

    status = 429

    def __init__(self, title: str, wait: float) -> None:
        super().__init__(title)
        self.title = title
        self.wait = wait


class Buckets:
    """A bucket for each key: it holds `burst` tokens and gains `rate` of them a second (the token bucket algorithm)."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._levels: dict[str, tuple[float, float]] = {}  # what was left in it, and when
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """Take one token. Returns 0, or the seconds until there is one; then none was taken."""
        now = time.monotonic()
        with self._lock:
            level = self._level(key, now)
            if level < 1:
                return (1 - level) / self.rate
            self._levels.pop(key, None)  # so that it is the newest
            self._levels[key] = level - 1, now
            if len(self._levels) > MOST:
                del self._levels[next(iter(self._levels))]
        return 0.0

    def lack(self, key: str) -> float:
        """The seconds until there is a token to take; 0 when there is one."""
        with self._lock:
            return max(0.0, (1 - self._level(key, time.monotonic())) / self.rate)

    def _level(self, key: str, now: float) -> float:
        left, then = self._levels.get(key, (self.burst, now))
        return min(self.burst, left + (now - then) * self.rate)
