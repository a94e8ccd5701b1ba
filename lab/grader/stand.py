"""What a check has at hand: the learner's program, real clients, a server of ours, and chance from a seed."""

import json
import random
import runpy
import secrets
import sys
import tomllib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lab.grader.clients import PATIENCE, SHOWN, Client
from lab.grader.exercise import Exercise
from lab.grader.faults import Wrong
from lab.grader.ours import Line, Ours
from lab.grader.program import Program, free_port
from lab.grader.story import SERVER, Story


class Served:
    """A learner's server that listens."""

    def __init__(self, stand: "Stand", program: Program, port: int) -> None:
        self.stand, self.program, self.port = stand, program, port

    def client(self, name: str) -> Client:
        """Somebody in the room of this check."""
        return Client(name, self.port, self.stand.room, self.stand.story, self.program.raise_mishap)

    def end(self) -> None:
        self.stand.story.tell("grader", "ends the program")
        self.program.end()


class Stand:
    """For one check of one exercise. `room` is new each time; `random` gives the same for the same seed."""

    def __init__(self, exercise: Exercise, folder: Path, command: Sequence[str], seed: int) -> None:
        self.exercise, self.folder, self.command, self.seed = exercise, folder, command, seed
        self.shared: Served | None = None
        self.everything = ExitStack()
        self.renew()

    def renew(self) -> None:
        """Get ready for the next check: another room, another story, the same chance."""
        self.story, self.room, self.random = Story(), f"room-{secrets.token_hex(3)}", random.Random(self.seed)
        self.own = ExitStack()
        if self.shared and self.shared.program.process.poll() is None:
            self.shared.program.story = self.story
        else:
            self.shared = None

    def done(self) -> None:
        """End what this check started for itself."""
        self.own.close()

    def close(self) -> None:
        self.own.close()
        self.everything.close()

    def program(self, *arguments: str, shared: bool = False, **environment: str) -> Program:
        """Start the learner's program; it ends with this check."""
        started = Program(self.folder, [*self.command, *arguments], self.story, environment)
        (self.everything if shared else self.own).callback(started.end)
        return started

    def serve(self, **environment: str) -> Served:
        """The learner's server. With nothing said about its environment it is one for all checks."""
        if self.shared and not environment:
            return self.shared
        port = free_port()
        started = self.program(shared=not environment, PORT=str(port), **environment)
        started.listening(port)
        served = Served(self, started, port)
        if not environment:
            self.shared = served
        return served

    def ours(self, *arguments: str) -> Ours:
        """A server of ours told these arguments, such as "sse"."""
        ours = Ours(*arguments)
        self.own.callback(ours.close)
        return ours

    def line(self, *arguments: str) -> Line:
        """A line to one that can be cut."""
        return self.own.enter_context(Line(self.ours(*arguments).port, self.story))

    def friend(self, name: str, port: int) -> Client:
        """Somebody in this check's room of another server."""
        return Client(name, port, self.room, self.story, lambda: None)

    def filtered(self, questions: Sequence[Any], within: float = PATIENCE) -> list[dict[str, Any]]:
        """What the learner's program prints for each of these on its stdin: a line for a line, all of them JSON."""
        lines = [json.dumps(question) for question in questions]
        program = self.program()
        for line in lines:
            self.story.tell("grader", line[:SHOWN], SERVER)
        program.tell(lines)
        printed = program.finish(within)
        for line in printed:
            self.story.tell(SERVER, f"prints {line[:SHOWN]}")
        if len(printed) != len(lines):
            raise Wrong("not-line-for-line", f"as many lines as it was given: {len(lines)}", f"{len(printed)}")
        return [read(line) for line in printed]

    def drawn(self, times: int = 1) -> list[Any]:
        """Numbers as `draw(random)` in task.py draws them: those of this student's TASK.md, and then others."""
        draw, chance = runpy.run_path(str(self.exercise.folder / "task.py"))["draw"], random.Random(self.seed)
        return [draw(chance) for _ in range(times)]

    def answers(self) -> dict[str, Any]:
        """What the learner wrote in a TOML file."""
        try:
            return tomllib.loads((self.folder / self.exercise.described.file).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise Wrong("no-file", f"{self.exercise.described.file}, in TOML", str(error)) from None

    def expect(self, seen: Any, expected: Any, cause: str, what: str = "") -> None:
        """Wrong, unless they are equal."""
        if seen != expected:
            before = f"{what}: " if what else ""
            raise Wrong(cause, f"{before}{expected!r}", f"{before}{seen!r}")


def command_of(exercise: Exercise) -> list[str]:
    """How the file is run: by this Python."""
    return [sys.executable, exercise.described.file]


def read(line: str) -> dict[str, Any]:
    """An object that a program printed as JSON."""
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Wrong("not-json", "a JSON object", line[:SHOWN] or "an empty line")
    return found
