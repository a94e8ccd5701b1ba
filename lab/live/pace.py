"""How fast messages come: those of the last seconds."""

import time
from collections import deque

SPAN = 10.0  # seconds
MOST = 2_000  # messages remembered


class Pace:
    """Messages of a room, when each came and how many bytes its text has."""

    def __init__(self) -> None:
        self.came: deque[tuple[float, int]] = deque(maxlen=MOST)
        self.began = time.monotonic()

    def add(self, size: int) -> None:
        self.came.append((time.monotonic(), size))

    def forget(self) -> float:
        """Drop what is too old; returns the seconds that what is left came in."""
        now = time.monotonic()
        while self.came and self.came[0][0] < now - SPAN:
            self.came.popleft()
        return min(SPAN, max(1.0, now - self.began))

    @property
    def per_s(self) -> float:
        seconds = self.forget()
        return len(self.came) / seconds

    @property
    def bytes(self) -> float:
        """Of a message, on average; 0 where there was none."""
        self.forget()
        return sum(size for _, size in self.came) / len(self.came) if self.came else 0.0
