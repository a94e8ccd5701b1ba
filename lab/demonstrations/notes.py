"""What a demonstration writes down while it looks."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from lab.observations import Observation, Observations

YES_OR_NO = "yes or no"
COUNT = "count"


class Notes:
    """The values of each observation, in the order in which it was first made; and the versions of what was used."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str, str], list[float]] = {}
        self.versions: dict[str, str] = {}

    def saw(self, what: str, where: str, unit: str, value: float) -> None:
        """One value more: that of this repeat. Yes is 1, no is 0."""
        self.values.setdefault((what, where, unit), []).append(float(value))

    def observations(self) -> tuple[Observation, ...]:
        return tuple(Observation(*key, tuple(values)) for key, values in self.values.items())


class Table(NamedTuple):
    """A table of the report. A cell is a text, and a smaller one below it; the note stands above all."""

    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    note: str = ""


class Shown(NamedTuple):
    """What a report shows: what came out, in a sentence; tables; a picture as SVG, or none.

    What it means is in templates/meaning-<name>.html, which may name the `facts`.
    """

    sentence: str
    tables: Sequence[Table]
    picture: str = ""
    caption: str = ""
    facts: Mapping[str, float] = {}


class Demonstration(NamedTuple):
    """`observe(notes, random, say)` is one repeat of it; `show` makes a report of what all of them wrote down.

    `check` raises BadUse where it cannot be done.

    `takes` is in seconds, for three repeats.
    """

    name: str
    title: str
    question: str
    takes: float
    check: Callable[[], None]
    observe: Callable[[Notes, random.Random, Callable[[str], None]], Awaitable[None]]
    show: Callable[[Observations], Shown]
