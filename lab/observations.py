"""What an experiment saw that is no load test: a browser, an attack, a search for a fault, a count of headers.

Its folder holds observations.json in place of a summary. A value is seen once in each repeat, so that it has an
interval like any other.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from lab.folder import read_document
from lab.stats import Estimate, estimate

NAME = "observations.json"
SCHEMA_VERSION = 1


class Observation(msgspec.Struct, frozen=True):
    """`what` was seen `where`: a transport, a server, a way through. A value for each repeat; yes is 1, no is 0."""

    what: str
    where: str
    unit: str  # "yes or no", "B per message", "s"
    values: tuple[float, ...]

    @property
    def estimate(self) -> Estimate:
        """Their median, with an interval of what differs between the repeats."""
        return estimate(self.values, middle)


class Observations(msgspec.Struct, frozen=True):
    """All that one experiment saw, and where and how."""

    name: str
    title: str
    question: str
    created: str  # UTC
    command: str
    version: str
    commit: str | None
    dirty: bool | None
    seed: int
    machine: dict[str, Any]
    packages: dict[str, str]
    seen: tuple[Observation, ...]
    noise: dict[str, float | None] = {}
    folder: str = ""  # its name, by which the figure and the report say where they are from
    schema_version: int = SCHEMA_VERSION

    def of(self, what: str, where: str) -> Estimate:
        """What was seen of it there; a note that it was not, where it was not."""
        found = (one.estimate for one in self.seen if (one.what, one.where) == (what, where))
        return next(found, Estimate(None, note="not observed"))


def middle(values: Sequence[float]) -> float:
    """The median."""
    import numpy as np

    return float(np.median(values))


def are_in(folder: Path) -> bool:
    return (folder / NAME).is_file()


def write(folder: Path, found: Observations) -> None:
    (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")


def read(folder: Path) -> Observations:
    """BadUse when there are none, or they cannot be read."""
    return read_document(folder / NAME, Observations, SCHEMA_VERSION, "observe again")
