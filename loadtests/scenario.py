"""A scenario: who is in the rooms, who says how much when, and for how long it is watched. Data, never code."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from loadtests.refusals import ScenarioError as ScenarioError
from loadtests.refusals import sentence as sentence
from loadtests.trace import Line, Size, minutes, read_trace

FOLDER = Path(__file__).parent / "scenarios"
DEFAULT = "irc-room"

Count = Annotated[int, Meta(ge=1, le=10_000)]
Seconds = Annotated[float, Meta(gt=0, le=86_400)]
Rate = Annotated[float, Meta(gt=0, le=1_000)]
Name = Annotated[str, Meta(pattern="^[a-z0-9-]{1,48}$")]  # it begins every room's name, which may have 64

Scalar = str | bool | int | float

CHOICES = {"kind": ("replay", "poisson", "periodic", "burst", "silence"), "headers": ("browser", "bare")}
OBJECTIVE = re.compile(r"\s*p(\d{1,2}(?:\.\d+)?)\s*<=?\s*(\d+(?:\.\d+)?)\s*(ms|s)\s*")
"""`p95 < 100ms`: a share of the deliveries, in percent, and the time within which they are to arrive."""


class Replay(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="replay"):
    """A trace's minutes as rooms side by side, at life speed; each minute is played in `copies` rooms.

    Of a long trace only each `every`-th minute.
    """

    file: str
    copies: Count = 1
    every: Count = 1
    lines: tuple[Line, ...] = ()  # read from the file


class Poisson(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="poisson"):
    """Messages at random moments, independent of each other, `rate_per_s` in each room."""

    rooms: Count
    rate_per_s: Rate
    bytes: Size


class Periodic(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="periodic"):
    """Messages in a fixed rhythm, `rate_per_s` in each room: its senders in turn, from a phase of its own."""

    rooms: Count
    rate_per_s: Rate
    bytes: Size


class Burst(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="burst"):
    """Silence of `every_s` on average, then `size` messages within `within_s`; again and again in each room."""

    rooms: Count
    every_s: Seconds
    size: Count
    within_s: Seconds
    bytes: Size


class Silence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="silence"):
    """Nobody says anything: what a connection costs when nothing happens."""

    rooms: Count


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One workload, the same for every transport. Times in seconds; `duration_s` does not count the warm-up.

    In a closed `loop` a sender waits for the answer to its last message before it goes on: a common mistake, which is
    here to be shown.
    """

    name: Name
    description: str
    workload: Replay | Poisson | Periodic | Burst | Silence
    participants: Annotated[int, Meta(ge=1, le=10_000)]  # in each room; all of them listen
    senders: Annotated[int, Meta(ge=1, le=1_000)]  # so many of them also write
    duration_s: Annotated[float, Meta(gt=0, le=3_600)]
    warmup_s: Annotated[float, Meta(ge=0, le=600)] = 1.0
    poll_intervals: Annotated[tuple[Annotated[float, Meta(ge=0.05, le=600)], ...], Meta(min_length=1)] = (1.0, 3.0)
    headers: Literal["browser", "bare"] = "browser"
    collect_s: Annotated[float, Meta(ge=0, le=600)] = 5.0  # for what is missing; or two poll intervals
    keep_alive: bool = True  # or else every answer ends its connection
    arrive_within_s: Annotated[float, Meta(ge=0, le=3_600)] = 0.0  # who only listens comes so long after the warm-up
    deaf: Annotated[int, Meta(ge=0, le=1_000)] = 0  # of each room's listeners: they are in, and never read on
    loop: Literal["open", "closed"] = "open"
    objective: str = ""  # what the people in it need, such as "p95 < 100ms"
    source: str = ""  # where its rates and its objective come from; what is assumed begins with "assumed:"

    @property
    def rooms(self) -> int:
        if isinstance(self.workload, Replay):
            return len(minutes(self.workload.lines)) * self.workload.copies
        return self.workload.rooms

    @property
    def kind(self) -> str:
        """The workload's, as in the file."""
        return str(type(self.workload).__struct_config__.tag)

    @property
    def users(self) -> int:
        return self.rooms * self.participants


def known() -> list[str]:
    """The names of the scenarios that come with the project, the default first."""
    return sorted((path.stem for path in FOLDER.glob("*.toml")), key=lambda name: (name != DEFAULT, name))


def load(name_or_path: str, changes: Mapping[str, Scalar] = {}) -> Scenario:
    """The scenario of that name, or in that TOML file, with the `changes` made to its fields.

    A field is named as in the file: `duration_s`, `workload.rate_per_s`. ScenarioError says what is wrong.
    """
    path = FOLDER / f"{name_or_path}.toml" if name_or_path in known() else Path(name_or_path)
    if not path.exists():
        raise ScenarioError(
            f"There is no scenario {name_or_path!r}: take one of {', '.join(known())}, or give a .toml file."
        )
    fields = read_toml(path)
    fields.setdefault("name", path.stem)
    for key, value in changes.items():
        *tables, field = key.split(".")
        place = fields
        for table in tables:
            place = place.get(table)  # type: ignore[assignment]
            if not isinstance(place, dict):
                raise ScenarioError(f"{path.name} has no table {table!r}, so {key} cannot be set.")
        place[field] = value
    workload = fields.get("workload")
    if isinstance(workload, dict) and isinstance(workload.get("file"), str):
        every = workload.get("every", 1)
        lines = read_trace(path.parent / workload["file"], path, every if isinstance(every, int) and every > 1 else 1)
        workload["lines"] = lines
    try:
        scenario = msgspec.convert(fields, Scenario)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{path.name}: {sentence(error, CHOICES)}") from None
    if scenario.objective and not OBJECTIVE.fullmatch(scenario.objective):
        raise ScenarioError(f'{path.name}: objective: {scenario.objective!r} is not one such as "p95 < 100ms".')
    if scenario.senders > scenario.participants:
        raise ScenarioError(
            f"{path.name}: senders is {scenario.senders}, but a room has only {scenario.participants} participants."
        )
    silent = scenario.participants - scenario.senders
    if scenario.deaf > silent:
        raise ScenarioError(f"{path.name}: deaf is {scenario.deaf}, but only {silent} in a room do not write.")
    return scenario


def warmed(scenario: Scenario, *poll_intervals: float) -> Scenario:
    """The same with a warm-up no shorter than any of these poll intervals, in seconds.

    A poll brings what was said since the last one: the first of the window must find as much as all after it.
    """
    return msgspec.structs.replace(scenario, warmup_s=max((scenario.warmup_s, *poll_intervals)))


def facts(scenario: Scenario) -> dict[str, Any]:
    """Every field, for a manifest; a trace stands there by its number of messages and its SHA-256."""
    fields: dict[str, Any] = msgspec.to_builtins(scenario)
    if isinstance(scenario.workload, Replay):
        digest = hashlib.sha256(msgspec.json.encode(scenario.workload.lines)).hexdigest()
        fields["workload"] |= {"lines": len(scenario.workload.lines), "sha256": digest}
    return fields


def read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path.name} is not valid TOML: {error}.") from None
    except OSError as error:
        raise ScenarioError(f"{path.name} cannot be read: {error.strerror}.") from None
