"""What a check has at hand: the learner's program, real clients, a server of ours, and chance from a seed."""

import json
import random
import runpy
import secrets
import sys
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lab.grader.clients import PATIENCE, Client, object_of, shortened
from lab.grader.exercise import Exercise
from lab.grader.faults import Wrong
from lab.grader.ours import Line, Ours
from lab.grader.program import Program
from lab.grader.slowly import slowly
from lab.grader.story import SERVER, Story
from lab.ports import lasting

SOON = 0.2  # seconds for what it printed to be read


class Served:
    """A learner's server that listens, and what stories call it."""

    def __init__(self, stand: "Stand", program: Program, port: int, name: str = SERVER) -> None:
        self.stand, self.program, self.port, self.name = stand, program, port, name

    def client(self, name: str) -> Client:
        """Somebody in the room of this check."""
        return Client(name, self.port, self.stand.room, self.stand.story, self.program.raise_mishap, self.name)

    def end(self) -> None:
        self.stand.story.tell("grader", "ends the program")
        self.program.end()


class Stand:
    """For one check of one exercise. `room` is new each time; `random` gives the same for the same seed."""

    def __init__(self, exercise: Exercise, folder: Path, command: Sequence[str], seed: int) -> None:
        self.exercise, self.folder, self.command, self.seed = exercise, folder, command, seed
        self.shared: Served | None = None
        self.ours = dict[tuple[str, ...], Ours]()
        self.everything, self.programs = ExitStack(), list[Program]()
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

    def error(self) -> str:
        """The last exception that the learner's program printed, or nothing."""
        return next(filter(None, (program.output.error(SOON) for program in reversed(self.programs))), "")

    def program(self, *arguments: str, **environment: str) -> Program:
        """Start the learner's program; it ends with this check."""
        return self.started([*self.command, *arguments], environment, self.own)

    def started(self, command: Sequence[str], environment: Mapping[str, str], until: ExitStack) -> Program:
        started = Program(self.folder, command, self.story, environment)
        self.programs.append(started)
        until.callback(started.end)
        return started

    def serve(self, shared: bool = False, **environment: str) -> Served:
        """The learner's server. One for all checks, where its environment is as it is or it is to be shared."""
        if environment and not shared:
            return self.served(self.command, environment, self.own)
        if not self.shared:
            self.shared = self.served(self.command, environment, self.everything)
        return self.shared

    def serve_slowly(self) -> Served:
        """The learner's server, for this check alone: in slow motion if it is Python, and as it is if not."""
        own = command_of(self.exercise)
        return self.served(slowly(own) if self.command == own else self.command, {}, self.own)

    def served(self, command: Sequence[str], environment: Mapping[str, str], until: ExitStack) -> Served:
        port = lasting()
        started = self.started(command, {"PORT": str(port), **environment}, until)
        started.listening(port)
        return Served(self, started, port)

    def server(self, *arguments: str) -> Ours:
        """A server of ours told these arguments, such as "sse": one for all checks that tell it the same."""
        if arguments not in self.ours:
            self.ours[arguments] = Ours(*arguments)
            self.everything.callback(self.ours[arguments].close)
        return self.ours[arguments]

    def line(self, *arguments: str, name: str = "line") -> Line:
        """A line to it that can be cut."""
        return self.own.enter_context(Line(self.server(*arguments).port, self.story, name))

    def friend(self, name: str, port: int) -> Client:
        """Somebody in this check's room of another server."""
        return Client(name, port, self.room, self.story, lambda: None, "server")

    def filtered(self, questions: Sequence[Any], within: float = PATIENCE) -> list[dict[str, Any]]:
        """What the learner's program prints for each of these on its stdin: a line for a line, all of them JSON."""
        program = self.program()
        for question in questions:
            program.tell(json.dumps(question))
        printed = program.finish(within)
        for line in printed:
            self.story.tell(SERVER, f"prints {shortened(line)}")
        if len(printed) != len(questions):
            raise Wrong("not-line-for-line", f"as many lines as it was given: {len(questions)}", f"{len(printed)}")
        return [object_of(line, "a line that is a JSON object") for line in printed]

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
