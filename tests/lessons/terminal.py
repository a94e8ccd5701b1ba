"""A reader's terminal: a line is typed, a program runs, Ctrl-C ends it. On Linux, since it looks into /proc."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from tests.processes import until

SIZE = (50, 1000)  # lines and columns: nothing that a page shows is broken in two
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>78]")
PROMPTS = re.compile(r"^(>>>|\.\.\.)( .*)?\n?", re.MULTILINE)  # of Python, with what was typed there


class Terminal:
    """One of the reader's terminals, open in a folder."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.line = ""  # that was typed last
        self.is_excused = False  # from ending well: the page shows how it ends, or ended it
        self.process: subprocess.Popen[bytes] | None = None
        self.reader: threading.Thread | None = None
        self.written = b""
        self.seen = 0  # bytes of it

    def type(self, line: str) -> None:
        """Type a command. Nothing may run here any more."""
        assert not self.is_busy, f"`{self.line}` still runs where the page has `{line}` typed"
        self.line, self.is_excused = line, False
        self.keyboard, screen = pty.openpty()
        fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        self.process = subprocess.Popen(
            ["bash", "-c", line], stdin=screen, stdout=screen, stderr=screen, cwd=self.folder, env=self.environment,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(screen)
        self.reader = threading.Thread(target=self._read, args=[self.keyboard], daemon=True)
        self.reader.start()

    def _read(self, keyboard: int) -> None:
        with suppress(OSError):  # EIO: nobody has the terminal open any more
            while found := os.read(keyboard, 65536):
                self.written += found
        os.close(keyboard)

    def enter(self, line: str) -> None:
        """Type a line into the program that runs here, once it asks for one, and see it there."""
        until(lambda: self.asks)
        before = len(self.written)
        os.write(self.keyboard, f"{line}\n".encode())
        until(lambda: b"\n" in self.written[before:])

    def press(self) -> None:
        """Press Ctrl-C: the program ends, or asks for the next line."""
        assert self.is_busy, f"Ctrl-C is pressed where nothing runs any more: `{self.line}`"
        self.is_excused = True
        before = len(self.written)
        os.write(self.keyboard, b"\x03")
        until(lambda: not self.is_busy or (self.asks and len(self.written) > before))

    @property
    def is_busy(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def asks(self) -> bool:
        """Whether Python waits for a line here."""
        return as_text(self.written[-20:]).endswith((">>> ", "... "))

    @property
    def shown(self) -> str:
        """What was written here since `clear`."""
        return as_text(self.written[self.seen :])

    @property
    def said(self) -> str:
        """The same without what was typed."""
        return PROMPTS.sub("", self.shown)

    def clear(self) -> None:
        self.seen = self.written.rfind(b"\n") + 1 if self.asks else len(self.written)  # a prompt stays

    def finish(self, patience: float) -> int:
        """The exit code of what was typed last, once it has ended and all that it wrote is read."""
        assert self.process and self.reader
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"`{self.line}` goes on, and the page says of no Ctrl-C:\n{self.shown}") from None
        self.reader.join(patience)
        return self.process.returncode

    def processes(self) -> list[int]:
        """Who runs here."""
        if not self.is_busy:
            return []
        assert self.process
        main = psutil.Process(self.process.pid)
        return [main.pid, *(child.pid for child in main.children(recursive=True))]

    def close(self) -> None:
        """End whatever still runs here."""
        if self.process:
            with suppress(psutil.NoSuchProcess):
                for pid in self.processes():
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()


def as_text(written: bytes) -> str:
    return ESCAPES.sub("", written.decode(errors="replace")).replace("\r", "")


class Rest:
    """Whether all that runs in some terminals waits for something from outside: a key, a request, a clock.

    It does when each thread is found asleep, time and again, and none has run in between. That takes a while, since
    what one has sent to another lies in the kernel for a moment, when both are asleep.
    """

    MOMENT = 0.1  # seconds

    def __init__(self, terminals: Iterable[Terminal]) -> None:
        self.terminals = terminals
        self.seen: dict[str, list[str]] | None = None
        self.since = 0.0

    def has_come(self) -> bool:
        try:
            processes = [pid for terminal in self.terminals for pid in terminal.processes()]
            seen = switches(processes)
        except (FileNotFoundError, ProcessLookupError, psutil.NoSuchProcess):
            seen = None  # one has just ended
        if seen is None or seen != self.seen:
            self.seen, self.since = seen, time.monotonic()
        return seen is not None and (not seen or time.monotonic() - self.since > self.MOMENT)


def switches(processes: Iterable[int]) -> dict[str, list[str]] | None:
    """How often each thread was put on a CPU and taken off it, or None where one wants to be on it."""
    found = {}
    for pid in processes:
        for task in Path(f"/proc/{pid}/task").iterdir():
            status = (task / "status").read_text()
            if re.search(r"^State:\s+[RD]", status, re.MULTILINE):
                return None
            found[task.name] = re.findall(r"ctxt_switches:\s+(\d+)", status)
    return found
