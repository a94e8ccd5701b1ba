"""manifest.json: what was run, where, and how it went; enough to judge a run folder, and to make it again."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from lab.behind import Way
from lab.errors import BadUse
from lab.link import Link
from lab.plan import Cell
from lab.runs import Setup
from loadtests.records import LinkReport, RunInfo

SCHEMA_VERSION = 1
NAME = "manifest.json"

State = Literal["running", "complete", "interrupted", "failed"]


WAITS = "latency"  # how the keys of all quantities begin that are waits
OF_SILENCE = ("ip_bytes_hour", "server_load", "requests_per_client_minute")  # what goes on while nothing is said


class Verdict(msgspec.Struct, frozen=True):
    """Whether figures can be relied on. None: unknown. `saturated` is a finding about the server, not an error.

    `waits_only`: it is not valid, and only because the generator sent late. That makes waits longer than they were; all
    was sent, so bytes, requests and the server's work are what they were. `holds_unseen`: the window is shorter than a
    held poll, and most clients had no answer in it: what an hour of asking anew costs was not seen.
    """

    valid: bool | None
    reasons: list[str]
    saturated: bool = False
    waits_only: bool = False
    holds_unseen: bool = False

    def trusts(self, key: str) -> bool:
        """Whether a quantity can be relied on."""
        if self.holds_unseen and key in OF_SILENCE:
            return False
        return self.valid is not False or (self.waits_only and not key.startswith(WAITS))

    def of(self, keys: Iterable[str]) -> "Verdict":
        """The verdict for a figure that shows these quantities alone: not a false one where all can be relied on."""
        lifted = self.valid is False and all(map(self.trusts, keys))
        return msgspec.structs.replace(self, valid=None) if lifted else self


class RunRecord(msgspec.Struct, frozen=True):
    """One run. `info` is the run's own run.json, `link` what a proxy says of itself; None: none, or not reached."""

    run: int
    block: int
    cell: Cell
    seed: int
    state: State
    began: str  # UTC
    took_s: float
    load_before: float | None  # the machine's load average over one minute, as the run began
    note: str = ""
    info: RunInfo | None = None
    setup: Setup | None = None  # how it was made, beside its cell
    link: LinkReport | None = None
    verdict: Verdict | None = None
    server_errors: int = 0  # lines that the server wrote to stderr, kept as logs/<run>-server.log


class Capacity(msgspec.Struct, frozen=True):
    """The largest number of clients that met an objective, the smallest that did not, and what limited that."""

    series: str
    objective: str
    clients: int
    fails: int | None
    limit: str


class Compact(msgspec.Struct, frozen=True):
    """Of a folder whose tables were left out: what its summary and its samples were made of."""

    deliveries: int
    tables: dict[str, str]  # SHA-256 of each


class Manifest(msgspec.Struct, frozen=True):
    """A comparison, or an experiment."""

    created: str  # UTC
    command: str
    version: str
    commit: str | None
    dirty: bool | None
    seed: int
    repeats: int
    engine: str
    cells: list[Cell]
    scenario: dict[str, Any]
    machine: dict[str, Any]
    packages: dict[str, str]
    capabilities: dict[str, bool]
    generators: int = 1  # processes that shared the users
    state: State = "running"
    note: str = ""
    runs: list[RunRecord] = []
    noise: dict[str, float | None] = {}
    link: Link = Link()
    behind: Way = "direct"  # what stood before the server
    files: dict[str, str] = {}  # SHA-256 of each table; in a compact folder, of the summary and the samples
    experiment: dict[str, Any] | None = None  # the sweep's file, where it is no plain comparison
    capacity: list[Capacity] = []
    digest: str = ""  # of the sweep, by which an unfinished one is found again
    scenarios: dict[str, dict[str, Any]] = {}  # where they are the levels of an experiment: each one's fields
    folder: str = ""  # its name, by which figures and reports say where they are from
    compact: Compact | None = None
    schema_version: int = SCHEMA_VERSION


class Described(msgspec.Struct):
    """What a report needs to know of the scenario."""

    name: str
    description: str
    objective: str = ""
    source: str = ""


class Remembered(msgspec.Struct):
    """What a report reckons with of the machine."""

    memory_bytes: float | None = None


def write(folder: Path, manifest: Manifest) -> None:
    """In place of the one before, which is there until the new one is whole: whoever interrupts this finds either."""
    new = folder / f"{NAME}.new"
    try:
        new.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")
        new.replace(folder / NAME)
    finally:
        new.unlink(missing_ok=True)


def read(folder: Path) -> Manifest:
    """BadUse when the folder is no run folder, or one that this version cannot read."""
    try:
        raw = (folder / NAME).read_bytes()
    except OSError:
        raise BadUse(
            f"{folder} holds no {NAME}, so it is not a run folder: name one made by `.venv/bin/lab compare`."
        ) from None
    try:
        version = msgspec.json.decode(raw, type=dict[str, Any]).get("schema_version")
        if version != SCHEMA_VERSION:
            raise BadUse(
                f"{folder / NAME} has schema {version}, and this version reads {SCHEMA_VERSION}: "
                "its tables and its old report are left as they are; measure again with `.venv/bin/lab compare`."
            )
        record = msgspec.json.decode(raw, type=Manifest)
        msgspec.convert(record.scenario, Described)
        msgspec.convert(record.scenarios, dict[str, Described])
        msgspec.convert(record.machine, Remembered)
        return record
    except msgspec.MsgspecError as error:
        raise BadUse(f"{folder / NAME} was cut short or edited ({error}): restore it, or measure again.") from None
