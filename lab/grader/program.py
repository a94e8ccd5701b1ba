"""A learner's program: started in a copy of its folder, spoken to, watched, and ended with all that it started."""

import contextlib
import errno
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from lab.grader import tasks
from lab.grader.clients import object_of, shortened
from lab.grader.exercise import ROOT
from lab.grader.family import Family
from lab.grader.faults import Wrong
from lab.grader.output import Output
from lab.grader.story import SERVER, Story

START_TIME = 10.0  # seconds to listen, or to say a first line
LOOK, WATCH = 0.02, 0.1  # seconds between two looks for something, and at what it takes
PROCESSES, MEMORY = 32, 512 << 20  # it may have, with all its children
REFUSED = os.strerror(errno.EAGAIN)  # what one is told that may start no more processes
KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TERM")  # of our environment


class Program:
    """Running. What it prints on stdout comes by `line`, what went wrong with it by `raise_mishap`."""

    def __init__(self, folder: Path, command: Sequence[str], story: Story, environment: Mapping[str, str]) -> None:
        self.story, self.stopped_for, self.over = story, "", threading.Event()
        self.output = Output(folder, partial(self.stop_for, "flooded"))
        own = {name: os.environ[name] for name in KEPT if name in os.environ}
        bin = str(Path(sys.executable).parent)
        own |= {"PATH": os.pathsep.join([bin, own.get("PATH", "")]), "HOME": str(folder), "TMPDIR": str(folder)}
        own |= {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "lab.grader.confined", str(folder), *command], cwd=folder,
            env={**own, **environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=os.name == "posix",
        )  # fmt: skip
        self.family = Family(self.process.pid)
        self.threads = [
            threading.Thread(target=self.output.read, args=(self.process.stdout, True), daemon=True),
            threading.Thread(target=self.output.read, args=(self.process.stderr, False), daemon=True),
            threading.Thread(target=self.watch, daemon=True),
        ]
        for thread in self.threads:
            thread.start()

    def watch(self) -> None:
        """Stop it when it takes more than any exercise needs."""
        while not self.over.wait(WATCH) and self.process.poll() is None and not self.stopped_for:
            with contextlib.suppress(psutil.Error):
                if len(self.family.members) > PROCESSES:
                    self.stop_for("forked")
                elif self.family.memory() > MEMORY:
                    self.stop_for("too-big")

    def stop_for(self, reason: str) -> None:
        self.stopped_for = self.stopped_for or reason
        self.kill()

    def kill(self, number: int = getattr(signal, "SIGKILL", signal.SIGTERM)) -> None:
        """All of it: its session first, which is one call, then whoever left that."""
        strays = self.family.children
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
        raise Wrong("not-listening", f"something that listens on 127.0.0.1:{port}", self.output.last_words or "nothing")

    def line(self, within: float) -> str | None:
        """The next line that it prints on stdout, or None if none comes."""
        deadline, lines = time.monotonic() + within, self.output.lines
        while True:
            with contextlib.suppress(queue.Empty):
                line = lines.get(timeout=LOOK)
                self.story.tell(SERVER, f"prints {shortened(line)}")
                return line
            if time.monotonic() > deadline or (self.process.poll() is not None and lines.empty()):
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
        code, said = self.wait(within), self.output.last_words[:200]
        if self.stopped_for:
            self.raise_mishap()
        if code is None:
            raise Wrong("goes-on", f"an end within {within:g} s", said or "nothing printed")
        self.story.tell(SERVER, f"ends with exit code {code}")
        if code:
            raise Wrong("crashed", "exit code 0", said or f"exit code {code}, and nothing printed")
        return [self.output.lines.get() for _ in range(self.output.lines.qsize())]

    def raise_mishap(self) -> None:
        """Wrong, if it has ended or had to be stopped."""
        if self.stopped_for:
            said = self.output.last_words[:200]
            raise Wrong(self.stopped_for, "a program that goes on", said or "nothing printed")
        code = self.process.poll()
        if code is not None:
            self.wait(1)
            self.story.tell(SERVER, f"ends with exit code {code}")
            seen = self.output.last_words or f"exit code {code}, and nothing printed"
            cause = "forked" if REFUSED in seen else "crashed" if code else "ended"
            raise Wrong(cause, "a program that goes on", seen)
