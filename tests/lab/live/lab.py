"""`lab live` as a user starts it, and pages on its stage."""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.processes import PATIENCE, ROOT, Site

ADDRESS = re.compile(r"http://[\d.]+:\d+")
PROJECTOR = re.compile(r"(http://[\d.]+:\d+)/projector#(\S+)")
CODE = re.compile(r"join code (\S+)")


class Lab(Site):
    """A running lab, its line at `url`. Told to end, it must have said nothing on stderr, and exit with 0."""

    def __init__(self, *options: object, ready: re.Pattern[str] = ADDRESS) -> None:
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed with the lab
        command = [sys.executable, "-m", "lab", "live", "--no-browser", *map(str, options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors, text=True, cwd=ROOT,
                                        env=os.environ | {"PYTHONUNBUFFERED": "1"})  # fmt: skip
        self.lines: list[str] = []
        self.news = threading.Condition()
        threading.Thread(target=self.listen, daemon=True).start()
        self.ready = self.says(ready)
        self.url = ADDRESS.search(self.said)[0]

    def listen(self) -> None:
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line)
                self.news.notify_all()

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def says(self, pattern: re.Pattern[str], patience: float = PATIENCE) -> re.Match[str]:
        """What it prints that is like this, as soon as it does."""
        with self.news:
            assert self.news.wait_for(lambda: pattern.search(self.said), patience), self.said + self.stderr
        return pattern.search(self.said)

    @property
    def stderr(self) -> str:
        self.errors.seek(0)
        return self.errors.read()

    @property
    def stage(self) -> str:
        host, port = self.address
        return f"ws://{host}:{port + 1}/"

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        assert self.process.wait(PATIENCE) == 0, self.said + self.stderr
        assert not self.stderr, self.stderr

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *failure: object) -> None:
        try:
            self.end()
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self.errors.close()


class ClassLab(Lab):
    """`lab live --class` on loopback."""

    def __init__(self, *options: object) -> None:
        super().__init__("--class", "--address", "127.0.0.1", *options, ready=PROJECTOR)
        self.key, self.code = self.ready[2], CODE.search(self.said)[1]

    def token(self, name: str) -> str:
        """A session, as a device gets it."""
        answer = self.request("POST", "/session", {"name": name, "code": self.code})
        assert answer.status == 201, answer.body
        return answer.json["token"]

    def member(self, name: str) -> "Page":
        return Page(self, type="member", token=self.token(name))

    def projector(self) -> "Page":
        return Page(self, type="projector", key=self.key)


class Page:
    """A page that the lab serves, and its conversation with the stage, which `first` begins."""

    def __init__(self, lab: Lab, origin: str | None = "", **first: Any) -> None:
        self.stack = ExitStack()
        opened = connect(lab.stage, origin=lab.url if origin == "" else origin, proxy=None, max_queue=None)
        self.socket = self.stack.enter_context(opened)
        if first:
            self.say(**first)

    def say(self, **frame: Any) -> None:
        self.socket.send(json.dumps(frame))

    def hears(self, type: str, when: Callable[[dict[str, Any]], bool] = lambda frame: True) -> dict[str, Any]:
        """The next frame of this type for which it is so."""
        while True:
            frame = self.hears_any()
            if frame["type"] == type and when(frame):
                return frame

    def hears_any(self) -> dict[str, Any]:
        return json.loads(self.socket.recv(PATIENCE))

    def happens(self, words: str) -> dict[str, Any]:
        """The next event that says so."""
        return self.hears("event", lambda event: words in event["text"])

    def settled(self) -> str:
        """Whatever was said before has been heard by the stage; returns the scenario."""
        self.say(type="scenario")
        return self.hears("scenario")["toml"]

    def is_closed(self) -> int:
        """The code with which the stage closes it, whatever it says before."""
        try:
            while True:
                self.socket.recv(PATIENCE)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 0

    def __enter__(self) -> "Page":
        return self

    def __exit__(self, *failure: object) -> None:
        self.stack.close()
