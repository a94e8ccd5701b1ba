"""A learner's program: started in a copy of its folder, listened to, watched, and ended with all that it started."""

import contextlib
import ctypes
import errno
import os
import queue
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from lab.grader import tasks
from lab.grader.clients import object_of, shortened
from lab.grader.exercise import ROOT
from lab.grader.faults import Wrong
from lab.grader.story import SERVER, Story

START_TIME = 10.0  # seconds to listen, or to say a first line
LOOK, WATCH = 0.02, 0.1  # seconds between two looks for something, and at what it takes
OUTPUT, TAIL = 1 << 20, 4_000  # bytes it may print, and how many of them are kept to be shown
PROCESSES, MEMORY = 32, 512 << 20  # it may have, with all its children
PR_SET_CHILD_SUBREAPER, ROUNDS = 36, 20  # and how often strays are looked for, which may start others meanwhile
UNASKED = range(20_000, 32_000)
REFUSED = os.strerror(errno.EAGAIN)  # what one is told that may start no more processes
KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TERM")  # of our environment


class Program:
    """Running. What it prints on stdout comes by `line`, what went wrong with it by `mishap`."""

    def __init__(self, folder: Path, command: Sequence[str], story: Story, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.story, self.lines, self.said = story, queue.Queue[str](), bytearray()
        self.printed, self.stopped_for, self.over = 0, "", threading.Event()
        own = {name: os.environ[name] for name in KEPT if name in os.environ}
        bin = str(Path(sys.executable).parent)
        own |= {"PATH": os.pathsep.join([bin, own.get("PATH", "")]), "HOME": str(folder), "TMPDIR": str(folder)}
        own |= {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "lab.grader.confined", str(folder), *command], cwd=folder,
            env={**own, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=os.name == "posix",
        )  # fmt: skip
        self.threads = [
            threading.Thread(target=work, args=arguments, daemon=True)
            for work, *arguments in ((self.read, True), (self.read, False), (self.watch,))
        ]
        for thread in self.threads:
            thread.start()

    def read(self, out: bool) -> None:
        """Take what it prints, lest it wait for us; lines of stdout are kept in order."""
        pipe = self.process.stdout if out else self.process.stderr
        assert pipe is not None
        for line in iter(lambda: pipe.readline(OUTPUT), b""):
            self.printed += len(line)
            if self.printed > OUTPUT:
                self.stop_for("flooded")
            elif out:
                self.lines.put(line.decode(errors="replace").rstrip("\n"))
            self.said = (self.said + line)[-TAIL:]

    def watch(self) -> None:
        """Stop it when it takes more than any exercise needs."""
        while not self.over.wait(WATCH) and self.process.poll() is None and not self.stopped_for:
            with contextlib.suppress(psutil.Error):
                family = [psutil.Process(self.process.pid), *self.children()]
                if len(family) > PROCESSES:
                    self.stop_for("forked")
                elif sum(one.memory_info().rss for one in family) > MEMORY:
                    self.stop_for("too-big")

    def children(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
            return found
        return []

    def computed(self) -> float:
        """Seconds of processor time that it and its children have taken so far."""
        seconds = 0.0
        with contextlib.suppress(psutil.Error):
            for one in (psutil.Process(self.process.pid), *self.children()):
                times = one.cpu_times()
                seconds += times.user + times.system
        return seconds

    def stop_for(self, reason: str) -> None:
        self.stopped_for = self.stopped_for or reason
        self.kill()

    def kill(self, number: int = getattr(signal, "SIGKILL", signal.SIGTERM)) -> None:
        """All of it: its session first, which is one call, then whoever left that."""
        strays = self.children()
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(self.process.pid, number)
            else:
                self.process.kill()
        for stray in strays:
            with contextlib.suppress(psutil.Error):
                stray.send_signal(number)

    def end(self) -> None:
        """Now, and with what it started."""
        self.kill()
        self.process.wait()
        self.over.set()
        self.kill()
        tasks.forget(self.process.pid)
        for thread in self.threads:
            thread.join(1)
        if any(thread.is_alive() for thread in self.threads):
            return  # somebody who got away holds the pipe, and would be waited for; `adopting` ends them
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()

    def listening(self, port: int) -> None:
        """Wait until it does. Wrong when it ends before, or does not."""
        deadline = time.monotonic() + START_TIME
        while time.monotonic() < deadline:
            self.raise_mishap()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), LOOK * 10):
                return
            time.sleep(LOOK)
        raise Wrong("not-listening", f"something that listens on 127.0.0.1:{port}", self.last_words or "nothing")

    def line(self, within: float) -> str | None:
        """The next line that it prints on stdout, or None if none comes."""
        deadline = time.monotonic() + within
        while True:
            with contextlib.suppress(queue.Empty):
                line = self.lines.get(timeout=LOOK)
                self.story.tell(SERVER, f"prints {shortened(line)}")
                return line
            if time.monotonic() > deadline or (self.process.poll() is not None and self.lines.empty()):
                return None

    def json(self, within: float) -> dict[str, Any] | None:
        """The next line, as the JSON object that it has to be, or None if none comes."""
        line = self.line(within)
        return None if line is None else object_of(line, "a line that is a JSON object")

    def tell(self, line: str) -> None:
        """Give it a line on stdin; one that has ended does not hear it."""
        self.story.tell("grader", shortened(line), SERVER)
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()

    def wait(self, within: float) -> int | None:
        """Its exit code when it has ended, or None if it goes on."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self.process.wait(within)
            self.over.set()
            for thread in self.threads:
                thread.join(1)
            return code
        return None

    def finish(self, within: float) -> list[str]:
        """Tell it no more: all lines that it printed on stdout. Wrong, unless it ends by itself, and in order."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it has ended, which is seen below
            self.process.stdin.close()
        code = self.wait(within)
        if self.stopped_for:
            self.raise_mishap()
        if code is None:
            raise Wrong("goes-on", f"an end within {within:g} s", self.last_words[:200] or "nothing printed")
        self.story.tell(SERVER, f"ends with exit code {code}")
        if code:
            raise Wrong("crashed", "exit code 0", self.last_words[:200] or f"exit code {code}, and nothing printed")
        return [self.lines.get() for _ in range(self.lines.qsize())]

    @property
    def last_words(self) -> str:
        """The last line that it printed that says something; the end of a traceback with its place."""
        lines = bytes(self.said).decode(errors="replace").splitlines()
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        error = self.error()
        return error if error.endswith(last) else last

    def error(self, within: float = 0.0) -> str:
        """The last exception that it printed, with its place: `chat.py, line 9: KeyError: 'a'`; or nothing."""
        deadline = time.monotonic() + within
        while True:
            _, begins, trace = bytes(self.said).decode(errors="replace").rpartition("Traceback (most recent call")
            ends = re.search(r"^\S.*$", trace.partition("\n")[2], re.MULTILINE) if begins else None
            if ends:
                places = re.findall(
                    rf'File "{re.escape(str(self.folder))}/([^"]+)", line (\d+)', trace[: ends.end() + 99]
                )
                place = f"{places[-1][0]}, line {places[-1][1]}: " if places else ""
                return f"{place}{ends[0].strip()}"
            if time.monotonic() >= deadline:
                return ""
            time.sleep(LOOK)

    def raise_mishap(self) -> None:
        """Wrong, if it has ended or had to be stopped."""
        if self.stopped_for:
            raise Wrong(self.stopped_for, "a program that goes on", self.last_words[:200] or "nothing printed")
        code = self.process.poll()
        if code is not None:
            self.wait(1)
            self.story.tell(SERVER, f"ends with exit code {code}")
            seen = self.last_words or f"exit code {code}, and nothing printed"
            cause = "forked" if REFUSED in seen else "crashed" if code else "ended"
            raise Wrong(cause, "a program that goes on", seen)


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Be the parent of whatever leaves its own (prctl(2), Linux), and end it all afterwards."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    me = psutil.Process()
    before = set(me.children())
    try:
        yield
    finally:
        for _ in range(ROUNDS):
            strays = [one for one in me.children(recursive=True) if one not in before]
            for stray in strays:
                with contextlib.suppress(psutil.Error):
                    stray.kill()
            psutil.wait_procs(strays, timeout=1)
            if not strays:
                break


def free_port() -> int:
    """One that nobody listens on, and that no system gives out to whoever asks for any, such as a client."""
    while True:
        port = secrets.choice(UNASKED)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
