"""A copy of the learner's program at the end of a line, and somebody who talks in its room."""

import time
from typing import Any

from lab.grader import Wrong
from lab.grader.clients import shortened
from lab.grader.stand import Stand

SERVER = ("sse", "long-polling", "--keep", "20")  # messages of a room
MOMENT, QUIET = 0.05, 3.0  # seconds between two looks whether it lives, and until no line will come
PATIENCE = 5.0  # seconds until it is sure that it does not try, on a busy machine too
SOON = 0.02  # seconds: BASE_S where waits do not matter


class Follower:
    """A copy of the learner's program, at the end of a line of its own, and Ada, who talks in its room."""

    def __init__(self, stand: Stand, name: str = "line", base: float = SOON) -> None:
        self.stand, self.line, self.base = stand, stand.line(*SERVER, name=name), base
        self.ada, self.seq, self.was_cut = stand.friend("Ada", self.line.to), 0, False

    def start(self) -> "Follower":
        server = f"http://127.0.0.1:{self.line.port}"
        self.program = self.stand.program(SERVER=server, ROOM=self.stand.room, BASE_S=str(self.base))
        return self

    @property
    def streams(self) -> bool:
        """Whether it follows the stream, and does not poll."""
        return b"/sse/" in self.line.asked

    def say(self, *texts: str) -> None:
        for text in texts:
            self.ada.ask("POST", "/sse/rooms/{room}/messages", {"id": text, "sender": "Ada", "text": text})

    def hears(self, *texts: str) -> None:
        """Wrong, unless it now prints these and no others."""
        for text in texts:
            found = self.next("message-lost" if self.was_cut else "prints-nothing", f"a line with {text!r}")
            seen, expected = [found.get("seq"), found.get("text")], [self.seq + 1, text]
            if "gap" in found:
                raise Wrong("not-where-told", f"a line with {text!r}", shortened(str(found)))
            if isinstance(seen[0], int) and 0 < seen[0] <= self.seq:
                raise Wrong("begins-again", f"seq and text: {expected}", f"seq and text: {seen}, which it had printed")
            cause = "message-lost" if isinstance(seen[0], int) and seen[0] > expected[0] else "not-as-it-came"
            self.stand.expect(seen, expected, cause, "seq and text of the next line")
            if missing := [name for name in ("id", "sender", "at") if name not in found]:
                raise Wrong("not-as-it-came", f"a line with {', '.join(missing)}", shortened(str(found)))
            self.seq += 1

    def next(self, cause: str, expected: str) -> dict[str, Any]:
        """The next line that it prints; Wrong for this cause if it prints none."""
        found = self.program.json(QUIET)
        if found is None:
            self.lives()
            raise Wrong(cause, expected, f"nothing more in {QUIET:g} s")
        return found

    def tries(self, times: int = 1, within: float = PATIENCE, cause: str = "gave-up") -> None:
        """Wait until it has tried to connect so often since its line was cut."""
        self.was_cut = True
        deadline = time.monotonic() + within
        while not self.line.tried(times, MOMENT):
            self.lives()
            if time.monotonic() > deadline:
                seen = f"{len(self.line.refused)}, with BASE_S={self.base}"
                raise Wrong(cause, f"{times} {'try' if times == 1 else 'tries'} to come back", seen)

    def lives(self) -> None:
        """Wrong if it does not."""
        if self.was_cut and self.program.process.poll() is not None and not self.program.stopped_for:
            code = self.program.wait(1)
            seen = self.program.output.last_words if code else "it ended, without an error"
            raise Wrong("gave-up", "a program that comes back", seen)
        self.program.raise_mishap()
