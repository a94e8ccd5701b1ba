"""Negative controls: would the instrument notice? Each is measured into a run folder of its own, and judged from it.

a-a      the same cell under two names: no difference may be found where there is none
null     a server that does nothing but answer: what is seen of it is the instrument's own
link     a link of a known delay: it is found again to a millisecond
stall    a server that stands still for 2 s: the open loop shows it, the closed loop beside it does not
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from lab import compare, finish, folder, manifest, palette, report, wording
from lab.compare import Options
from lab.errors import BadUse
from lab.execution import make_runs
from lab.finish import Outcome
from lab.judges import DELAY, STALL, Judgement, Seen, is_floor, is_known_delay, no_difference, only_open_shows
from lab.link import Link
from lab.plan import Cell, blocks
from lab.progress import Progress
from lab.runs import Setup
from lab.sources import made
from lab.summary import Summary
from loadtests import scenario as scenarios
from loadtests.records import TRANSPORTS
from loadtests.scenario import Scalar

NAME = "controls.json"
SCHEMA_VERSION = 1
AGAIN = "a-a-again"
WORDS = {True: "As it should be", False: "It failed", None: "Nobody can say"}
A, B = Cell("websocket", level="A"), Cell("websocket", level="B")
NEAR, FAR = Cell("websocket", level="loopback"), Cell("websocket", level="the link")
OPEN, CLOSED = Cell("websocket", level="open loop"), Cell("websocket", level="closed loop")
NULLS = [Cell(name, 1.0 if name == "short-polling" else None, target="null") for name in TRANSPORTS]
SHORT: dict[str, Scalar] = {"duration_s": 5.0}
FEW_SENDERS: dict[str, Scalar] = {  # so that those who wait when the server stops send less than 1 in 100 messages
    "participants": 2, "senders": 1, "workload.rooms": 4, "workload.rate_per_s": 50.0,
}  # fmt: skip


class Control(msgspec.Struct, frozen=True):
    """What was asked of the instrument, what was seen, and whether that is as it should be. None: it stays open."""

    name: str
    question: str
    passed: bool | None
    reason: str
    seen: list[Seen]


class Controls(msgspec.Struct, frozen=True):
    """controls.json."""

    controls: list[Control]
    schema_version: int = SCHEMA_VERSION


class Recipe(NamedTuple):
    """How a control is measured, and judged from its summaries: a second one where it had to be repeated."""

    question: str
    cells: list[Cell]
    repeats: int
    changes: Mapping[str, Scalar]
    setup: Callable[[Cell, Setup], Setup]
    judge: Callable[[list[Summary]], Judgement]


def run(out: Path, progress: Progress, seed: int = 1) -> Outcome:
    """Measure and judge all controls. What was measured before an interrupt is kept, and judged."""
    where = folder.create(out, "controls")
    cut_short = ""
    for name, recipe in RECIPES.items():
        cut_short = measure(where / name, recipe, progress, seed)
        if name == "a-a" and not cut_short and judged(where, name).passed is False:
            cut_short = measure(where / AGAIN, recipe, progress, seed + 1)
        if cut_short:
            break
    write(where)
    return Outcome(where, cut_short)


def measure(where: Path, recipe: Recipe, progress: Progress, seed: int) -> str:
    """One control's runs, in a complete run folder; returns a sentence when they were cut short."""
    where.mkdir()
    options = Options(scenario="steady", repeats=recipe.repeats, seed=seed)
    scenario = scenarios.load(options.scenario, recipe.changes)
    base = compare.setup_of(options.scenario, recipe.changes)
    record = compare.begin(where, options, scenario, recipe.cells)
    record = msgspec.structs.replace(record, folder=f"{where.parent.name}/{where.name}")
    plan = blocks(recipe.cells, recipe.repeats, seed)
    outcome = make_runs(
        plan, lambda cell: recipe.setup(cell, base), where, record, Progress(progress.console, progress.quiet)
    )
    try:
        finish.complete(where, outcome)
    except BadUse as error:
        return str(error)
    return outcome.note


def are_in(where: Path) -> bool:
    """Whether a folder holds controls, with or without what was made of them."""
    return any((where / name / manifest.NAME).exists() for name in RECIPES)


def write(where: Path) -> list[Control]:
    """Judge what was measured, from its recorded files alone, into controls.json and a page. BadUse for none."""
    found = [judged(where, name) for name in RECIPES if (where / name).is_dir()]
    if not found:
        raise BadUse(f"{where} holds no control: measure again.")
    controls = Controls(found)
    (where / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(controls), indent=1) + b"\n")
    first = where / found[0].name
    record = manifest.read(first)
    record = msgspec.structs.replace(record, folder=record.folder.rpartition("/")[0])
    page = report.template("controls.html").render(
        controls=found, words=WORDS, palette=palette.names(), wording=wording, made=made(record, where)
    )
    (where / finish.PAGE).write_text(page, encoding="utf-8", newline="\n")
    return found


def read(where: Path) -> Controls:
    """What was written."""
    return msgspec.json.decode((where / NAME).read_bytes(), type=Controls)


def judged(where: Path, name: str) -> Control:
    """One control, judged anew from its run folder."""
    recipe = RECIPES[name]
    again = [where / AGAIN] if name == "a-a" and (where / AGAIN).is_dir() else []
    try:
        summaries = [report.build(part) for part in (where / name, *again)]
    except BadUse as error:
        return Control(name, recipe.question, None, str(error).rstrip("."), [])
    unmeasured = [row for summary in summaries for row in summary.cells if not row.runs]
    if unmeasured:
        return Control(name, recipe.question, None, f"{unmeasured[0].title} was not measured", [])
    return Control(name, recipe.question, *recipe.judge(summaries))


def as_it_is(cell: Cell, setup: Setup) -> Setup:
    return setup


def linked(cell: Cell, setup: Setup) -> Setup:
    """A message's way is half a round trip up and half a one down."""
    return msgspec.structs.replace(setup, link=Link("proxy", rtt_ms=DELAY)) if cell == FAR else setup


def stalled(cell: Cell, setup: Setup) -> Setup:
    options = ("--closed-loop",) if cell == CLOSED else ()
    return msgspec.structs.replace(setup, stall_s=STALL, generator_options=options)


RECIPES = {
    "a-a": Recipe("Does it find a difference where there is none?", [A, B], 6, SHORT, as_it_is, no_difference),
    "null": Recipe("What does it show of a server that does nothing but answer?", NULLS, 2, SHORT, as_it_is, is_floor),
    "link": Recipe("Does it find a known delay of 50 ms?", [NEAR, FAR], 3, SHORT, linked, is_known_delay),
    "stall": Recipe("Does it show a server that stands still for two seconds?", [OPEN, CLOSED], 2, FEW_SENDERS, stalled,
                    only_open_shows),
}  # fmt: skip
