"""Traces: when real people wrote, and how much; a CSV file of numbers, without a word of theirs."""

import csv
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from loadtests.refusals import ScenarioError, sentence

SECONDS = 60  # in a minute
Size = Annotated[int, Meta(ge=1, le=4_000)]  # the servers' limit on a text is 4,000 characters
Sender = Annotated[int, Meta(ge=0)]


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message of a trace: the minute it was sent in, who sent it, and its UTF-8 length.

    `second` is that of the minute; None where the trace does not tell it.
    """

    minute: Annotated[int, Meta(ge=0, le=100_000)]
    sender: Sender
    bytes: Size
    second: int | None = None


class Stroke(msgspec.Struct, frozen=True):
    """A row of a trace that tells the second, from its start."""

    second: Annotated[int, Meta(ge=0, le=100_000 * SECONDS)]
    sender: Sender
    bytes: Size


@cache
def minutes(lines: tuple[Line, ...]) -> tuple[tuple[Line, ...], ...]:
    """A trace by its minutes, in order; a minute in which nobody wrote is a room too."""
    last = max(line.minute for line in lines)
    return tuple(tuple(line for line in lines if line.minute == minute) for minute in range(last + 1))


def read_trace(path: Path, scenario: Path, every: int = 1) -> list[Line]:
    """The rows of a trace, in time: a CSV file with the columns minute (or second), sender and bytes.

    Of its minutes only each `every`-th, numbered anew.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = [line_of(row, path, number) for number, row in enumerate(csv.DictReader(file), start=2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ScenarioError(f"{scenario.name}: the trace {path} cannot be read: {why}.") from None
    if not lines:
        raise ScenarioError(f"{scenario.name}: the trace {path.name} holds no messages.")
    lines.sort(key=lambda line: (line.minute, line.second or 0))
    return [
        msgspec.structs.replace(line, minute=line.minute // every) if every > 1 else line
        for line in lines
        if line.minute % every == 0
    ]


def line_of(row: dict[str, str], path: Path, number: int) -> Line:
    try:
        if "second" not in row:
            return msgspec.convert(row, Line, strict=False)  # not strict: a CSV file holds only text
        stroke = msgspec.convert(row, Stroke, strict=False)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{path.name}, line {number}: {sentence(error)}") from None
    minute, second = divmod(stroke.second, SECONDS)
    return Line(minute, stroke.sender, stroke.bytes, second)
