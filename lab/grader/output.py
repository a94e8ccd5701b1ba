"""What a program prints: taken as it comes, so that it never waits for us, and its last words."""

import queue
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

MOST, TAIL = 1 << 20, 4_000  # bytes it may print, and how many of them are kept to be shown
LOOK = 0.02  # seconds between two looks


class Output:
    """So far. `lines` are those of stdout, in order; `flooded` is called when it is too much."""

    def __init__(self, folder: Path, flooded: Callable[[], None]) -> None:
        self.folder, self.flooded = folder, flooded
        self.lines, self.tail, self.printed = queue.Queue[str](), bytearray(), 0

    def read(self, pipe: IO[bytes], is_stdout: bool) -> None:
        """Until the pipe ends."""
        for line in iter(lambda: pipe.readline(MOST), b""):
            self.printed += len(line)
            if self.printed > MOST:
                self.flooded()
            elif is_stdout:
                self.lines.put(line.decode(errors="replace").rstrip("\n"))
            self.tail = (self.tail + line)[-TAIL:]

    @property
    def text(self) -> str:
        """The end of all that it printed."""
        return bytes(self.tail).decode(errors="replace")

    @property
    def last_words(self) -> str:
        """The last line that says something; the end of a traceback with its place."""
        last = next((line.strip() for line in reversed(self.text.splitlines()) if line.strip()), "")
        error = self.error()
        return error if error.endswith(last) else last

    def error(self, within: float = 0.0) -> str:
        """The last exception, with its place: `chat.py, line 9: KeyError: 'a'`; or nothing."""
        deadline = time.monotonic() + within
        while True:
            _, begins, trace = self.text.rpartition("Traceback (most recent call")
            ends = re.search(r"^\S.*$", trace.partition("\n")[2], re.MULTILINE) if begins else None
            if ends:
                own = re.escape(str(self.folder))
                places = re.findall(rf'File "{own}/([^"]+)", line (\d+)', trace[: ends.end() + 99])
                place = f"{places[-1][0]}, line {places[-1][1]}: " if places else ""
                return f"{place}{ends[0].strip()}"
            if time.monotonic() >= deadline:
                return ""
            time.sleep(LOOK)
