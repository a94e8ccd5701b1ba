"""What came out: each part's verdict and numbers, judged anew from its history whenever it is asked."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from lab import manifest
from lab.errors import BadUse
from lab.faults import checker, history
from lab.faults.checker import Verdict
from lab.faults.execution import HISTORY, PartRecord
from lab.faults.history import Event
from lab.faults.plan import Length
from loadtests.records import TRANSPORTS

NAME = "faults.json"
SCHEMA_VERSION = 1
OF_TRANSPORT = ("deliveries", "reconnects", "gaps", "acknowledged", "sends in doubt")


class Conducted(msgspec.Struct, frozen=True):
    """What the manifest keeps of it, as its `experiment`."""

    length: Length
    parts: list[PartRecord]
    name: str = "faults"


class Result(msgspec.Struct, frozen=True):
    """A part. Its verdict is None where it was not measured here, which its note says and how to mend it."""

    name: str
    title: str
    keeps: bool
    verdict: Verdict | None
    transports: dict[str, dict[str, int]]
    done: dict[str, int]
    note: str = ""


class Results(msgspec.Struct, frozen=True):
    """faults.json. `valid` is false when a part is, and null when of one nobody can say; `totals` are over all."""

    valid: bool | None
    totals: dict[str, int]
    parts: list[Result]
    seed: int
    schema_version: int = SCHEMA_VERSION


def are_in(where: Path) -> bool:
    """Whether a folder holds a run of faults."""
    try:
        return (manifest.read(where).experiment or {}).get("name") == "faults"
    except BadUse:
        return False


def conducted(where: Path) -> Conducted:
    """What was done."""
    return msgspec.convert(manifest.read(where).experiment, Conducted)


def judge(where: Path) -> tuple[Results, dict[str, list[Event]]]:
    """The results, and the histories that they are from. BadUse when nothing was measured."""
    record = manifest.read(where)
    found, histories = list[Result](), dict[str, list[Event]]()
    for conducted in msgspec.convert(record.experiment, Conducted).parts:
        name = conducted.part.name
        if (where / name / HISTORY).exists():
            histories[name] = history.read(where / name / HISTORY)
        found.append(result(conducted, histories.get(name, [])))
    measured = [part.verdict.valid for part in found if part.verdict]
    if not measured:
        raise BadUse(f"{where} holds no history, so there is nothing to judge: measure again.")
    valid = False if False in measured else None if None in measured else True
    totals = Counter[str]()
    for part in found:
        totals.update(part.done)
        for numbers in part.transports.values():
            totals.update(numbers)
        if part.verdict:
            totals.update(part.verdict.counts)
    return Results(valid, dict(totals), found, record.seed), histories


def result(record: PartRecord, told: Sequence[Event]) -> Result:
    part = record.part
    verdict = None if not record.measured else checker.check(told, part.keeps)
    if verdict and record.note:  # what stopped it is a reason why it decides nothing, if nothing was wrong until then
        valid = False if verdict.valid is False else None
        verdict = msgspec.structs.replace(verdict, valid=valid, reasons=[*verdict.reasons, record.note])
    return Result(part.name, part.title, part.keeps, verdict, numbers(told), record.counts, record.note)


def numbers(told: Sequence[Event]) -> dict[str, dict[str, int]]:
    """By transport: how much of each there was."""
    steps = Counter((event.transport, event.op) for event in told)
    readers = Counter(transport for transport, _ in {(event.transport, event.client) for event in told
                                                    if event.op == "connect"})  # fmt: skip
    return {
        name: {
            "deliveries": steps[name, "observe"], "reconnects": steps[name, "connect"] - readers[name],
            "gaps": steps[name, "gap"], "acknowledged": steps[name, "ok"], "sends in doubt": steps[name, "info"],
        }
        for name in TRANSPORTS
    }  # fmt: skip
