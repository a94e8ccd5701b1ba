"""What ends a check early: the program did something wrong, or nobody can say."""

from typing import Any

from msgspec import Struct


class Cause(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a check failed, in a sentence that names the cause, and what to do next."""

    why: str
    next: str


class Wrong(Exception):
    """What was expected, what was seen, and which of the exercise's causes (or of `MISHAPS`) explains it."""

    def __init__(self, cause: str, expected: Any, seen: Any) -> None:
        super().__init__(cause, expected, seen)
        self.cause, self.expected, self.seen = cause, in_words(expected), in_words(seen)


class Unsure(Exception):
    """Why nothing can be said, in a sentence: this machine was too busy, or lacks something."""


def in_words(thing: Any) -> str:
    """A value as a learner would write it: a sentence as it stands, a list item by item."""
    if isinstance(thing, str):
        return thing
    if isinstance(thing, (list, tuple)):
        return ", ".join(map(repr, thing)) or "nothing"
    return repr(thing)


MISHAPS = {
    "no-file": Cause(
        "The file that the exercise asks for is not there, or has nothing in it but comments.",
        "`lab exercise start` gives you one to begin with.",
    ),
    "crashed": Cause(
        "Your program ended with an error before the check was over.",
        "Read its last line above; then run the program yourself and send it the same.",
    ),
    "ended": Cause(
        "Your program ended by itself, and a server has to go on until it is stopped.",
        "Look for what lets it come to its last line.",
    ),
    "not-listening": Cause(
        "Your program runs, but nothing listens on the port that it was given.",
        "Take the port from the environment: `int(os.environ['PORT'])`, on 127.0.0.1.",
    ),
    "goes-on": Cause(
        "Your program goes on, where it has to come to its end.",
        "Look for a loop or a thread that nothing ends.",
    ),
    "not-line-for-line": Cause(
        "Your program did not print one line for each line that it read.",
        "Read stdin line by line until it ends, and print one line of JSON for each.",
    ),
    "silent": Cause(
        "Your program took the request and did not answer.",
        "Look for a loop or a wait that nothing ends.",
    ),
    "hung-up": Cause(
        "Your program closed the connection before it had answered.",
        "Read what it printed: mostly an error in a handler is the reason.",
    ),
    "error-500": Cause(
        "Your program answered 500: an exception in a handler.",
        "What it printed names the line. Run it yourself and ask it the same to see all of it.",
    ),
    "not-json": Cause(
        "The answer is not JSON, or not of the shape that the exercise asks for.",
        "Compare it with the example in the exercise, key by key.",
    ),
    "flooded": Cause(
        "Your program printed more than a megabyte, and was stopped.",
        "Look for a print in a loop that never waits.",
    ),
    "forked": Cause(
        "Your program started more processes than any exercise needs, and was stopped.",
        "Look for what starts processes in a loop.",
    ),
    "too-big": Cause(
        "Your program took more memory than any exercise needs, and was stopped.",
        "Look for what grows and is never let go.",
    ),
    "too-long": Cause(
        "The check took longer than a minute, and was stopped.",
        "Look for what your program waits for.",
    ),
}
"""Causes that any exercise may have."""
