"""An experiment as data: what is varied, over which levels, under what load, and which figures come of it.

The files are in lab/sweeps. One of them, or a file of the reader's own, is what `lab experiment` runs.
"""

import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, structs

from lab.behind import Way, read_way
from lab.errors import BadUse
from lab.objective import check_scenarios
from lab.plan import Cell, cells
from lab.quantities import QUANTITIES
from lab.runs import Setup, warmed
from loadtests import scenario as scenarios
from loadtests.records import TRANSPORTS
from loadtests.scenario import Scalar

FOLDER = Path(__file__).parent / "sweeps"
KEYS = {quantity.key for quantity in QUANTITIES}
LARGEST_ROOM = 10  # participants; more clients than that are in several rooms
PRICES = ("ip_bytes_hour", "server_load")  # what the transports that meet an objective are compared by
WRITES = 0.2  # messages a second by each of many writers

CHOICES = {"y_scale": ("linear", "log"), "x_scale": ("linear", "log")}
Scale = Literal["linear", "log"]


class Chart(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A figure: the quantity `y` over the levels, over the quantity `x`, or with `x = "cell"` a row for each cell.

    With `x = "objective"`, where the levels are scenarios: who meets the objective of which, and at what price.
    """

    name: Annotated[str, Meta(pattern="^[a-z0-9-]+$")]
    title: str
    y: str
    x: str = "level"
    y_scale: Scale = "log"
    x_scale: Scale = "log"

    @property
    def keys(self) -> tuple[str, ...]:
        """The quantities in it."""
        if self.x == "objective":
            return (self.y, *PRICES)
        return (self.y,) if self.x in ("level", "cell") else (self.x, self.y)


class Sweep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One experiment. `varies` is a factor below or a scenario's field; without it only the transports differ.

    Where the scenario varies, each is measured at its own poll intervals.
    """

    name: str
    title: str
    question: str
    charts: Annotated[tuple[Chart, ...], Meta(min_length=1)]
    varies: str | None = None
    axis: str = ""  # what the levels are, with their unit
    levels: tuple[float | str, ...] = ()
    objective: str = ""  # in place of levels: the largest is searched for that meets it, such as "p99 < 250ms"
    transports: tuple[Annotated[str, Meta(pattern=f"^({'|'.join(TRANSPORTS)})$")], ...] = TRANSPORTS
    poll_intervals: Annotated[tuple[float, ...], Meta(min_length=1)] = (1.0,)
    repeats: Annotated[int, Meta(ge=1, le=1_000)] = 3
    scenario: str = "steady"
    changes: dict[str, Scalar] = {}  # for every level, made to the scenario's fields
    factors: dict[str, Scalar] = {}  # for every level: other factors than the one that varies

    @property
    def polls(self) -> tuple[float, ...]:
        """The poll intervals of all levels, where there is polling; in seconds."""
        return self.poll_intervals if "short-polling" in self.transports else ()

    def cells(self) -> list[Cell]:
        if self.varies == "scenario":
            intervals = {name: scenarios.load(str(name)).poll_intervals for name in self.levels}
            return [cell for name in self.levels for cell in cells(self.transports, intervals[name], (name,))]
        return cells(self.transports, self.poll_intervals, self.levels or (None,))

    def ways(self) -> list[Way]:
        """What stands before the servers, at one level or another."""
        levels = self.levels if self.varies == "way" else [self.factors.get("way", "direct")]
        return [read_way(str(level)) for level in levels]

    def setup(self, base: Setup, cell: Cell) -> Setup:
        """How this cell is measured. BadUse where a level is none that can be."""
        setup = structs.replace(base, scenario=self.scenario, changes=dict(self.changes))
        for factor, level in self.factors.items():
            setup = FACTORS[factor](setup, level)
        if self.varies is not None and cell.level is not None:
            setup = FACTORS.get(self.varies, field(self.varies))(setup, cell.level)
        try:
            scenario = scenarios.load(setup.scenario, setup.changes)
        except scenarios.ScenarioError as error:
            raise BadUse(f"The experiment {self.name}, at {cell.name}: {error}") from None
        return warmed(setup, scenario.poll_intervals if self.varies == "scenario" else self.polls)


Factor = Callable[[Setup, Scalar], Setup]


def field(name: str) -> Factor:
    """A field of the scenario as a factor; a whole number is one, since a field may take no other."""

    def factor(setup: Setup, level: Scalar) -> Setup:
        whole = isinstance(level, float) and level.is_integer()
        return structs.replace(setup, changes=setup.changes | {name: int(level) if whole else level})

    return factor


def scenario(setup: Setup, level: Scalar) -> Setup:
    return structs.replace(setup, scenario=str(level))


def engine(setup: Setup, level: Scalar) -> Setup:
    return structs.replace(setup, engine=str(level))


def clients(setup: Setup, level: Scalar) -> Setup:
    """So many participants in all, in rooms of ten."""
    each = min(int(level), LARGEST_ROOM)
    rooms = {"workload.rooms": int(level) // each, "participants": each, "senders": 1}
    return structs.replace(setup, changes=setup.changes | rooms)


def writers(setup: Setup, level: Scalar) -> Setup:
    """One room in which everybody writes."""
    room: dict[str, Scalar] = {"workload.rooms": 1, "participants": int(level), "senders": int(level)}
    room["workload.rate_per_s"] = WRITES * int(level)
    return structs.replace(setup, changes=setup.changes | room)


def rtt(setup: Setup, level: Scalar) -> Setup:
    """A round trip in ms. At 0 the link is there too, so that all levels bear its own cost alike."""
    kind = setup.link.kind if setup.link.kind != "none" else "proxy"
    return structs.replace(setup, link=structs.replace(setup.link, kind=kind, rtt_ms=float(level)))


def cut(setup: Setup, level: Scalar) -> Setup:
    """All connections are cut so many seconds into the window."""
    return structs.replace(setup, link=structs.replace(setup.link, kind="proxy", cut_at_s=(float(level),)))


def stall(setup: Setup, level: Scalar) -> Setup:
    """The server stands still for so many seconds, in the middle of the window."""
    return structs.replace(setup, stall_s=float(level))


def keep_alive(setup: Setup, level: Scalar) -> Setup:
    return structs.replace(setup, changes=setup.changes | {"keep_alive": level == "on"})


def compression(setup: Setup, level: Scalar) -> Setup:
    return structs.replace(setup, server_options=(*setup.server_options, *["--compression"] * (level == "on")))


def way(setup: Setup, level: Scalar) -> Setup:
    """What stands before the server."""
    return structs.replace(setup, behind=read_way(str(level)))


FACTORS: dict[str, Factor] = {
    "scenario": scenario,
    "engine": engine,
    "clients": clients,
    "writers": writers,
    "rtt_ms": rtt,
    "cut_s": cut,
    "keep_alive": keep_alive,
    "compression": compression,
    "stall_s": stall,
    "way": way,
}


def known() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(name_or_path: str) -> Sweep:
    """The experiment of that name, or in that TOML file; BadUse says what is wrong with it."""
    path = FOLDER / f"{name_or_path}.toml" if name_or_path in known() else Path(name_or_path)
    if not path.exists():
        raise BadUse(
            f"There is no experiment {name_or_path!r}: take one of {', '.join(known())}, or give a .toml file."
        )
    try:
        fields: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        sweep = msgspec.convert({"name": path.stem} | fields, Sweep)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise BadUse(f"{path.name} cannot be read: {why}.") from None
    except msgspec.ValidationError as error:
        raise BadUse(f"{path.name}: {scenarios.sentence(error, CHOICES)}") from None
    for found, allowed, what in (
        ({chart.y for chart in sweep.charts}, KEYS, "quantity"),
        ({chart.x for chart in sweep.charts}, KEYS | {"level", "cell", "objective"}, "quantity"),
        (set(sweep.factors), set(FACTORS), "factor"),
    ):
        if unknown := sorted(found - allowed):
            raise BadUse(f"{path.name}: there is no {what} {unknown[0]!r}; there are {', '.join(sorted(allowed))}.")
    if bool(sweep.levels or sweep.objective) != (sweep.varies is not None):
        raise BadUse(f"{path.name}: `varies` goes together with `levels` or an `objective`.")
    if sweep.varies == "scenario":
        check_scenarios(path.name, [str(level) for level in sweep.levels], KEYS)
    elif any(chart.x == "objective" for chart in sweep.charts):
        raise BadUse(f'{path.name}: a chart over "objective" goes together with varies = "scenario".')
    return sweep


def digest(sweep: Sweep) -> str:
    """What tells whether a folder was begun with this very experiment."""
    return hashlib.sha256(msgspec.json.encode(sweep)).hexdigest()
