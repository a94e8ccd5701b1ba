"""The end of a comparison, whether or not it came to its end: merge what was measured, and say what it is worth."""

import shutil
from pathlib import Path

import msgspec

from lab import folder, manifest
from lab.errors import BadUse
from lab.manifest import Manifest
from loadtests.records import merge_parts


class Outcome(msgspec.Struct, frozen=True):
    """The folder, and one sentence when the comparison was not finished."""

    folder: Path
    cut_short: str = ""


def finish(where: Path, record: Manifest) -> Outcome:
    """Merge what was measured, complete the manifest, and let `latest` show it. BadUse when no run was.

    What was cut short is not shown in place of what was measured to its end.
    """
    complete(where, record)
    if record.state == "complete" or not to_its_end(where.parent / folder.LATEST):
        folder.point_latest(where)
    return Outcome(where, record.note)


def to_its_end(where: Path) -> bool:
    """Whether there is a folder that was measured to its end."""
    try:
        return manifest.read(where).state == "complete"
    except BadUse:
        return False


def complete(where: Path, record: Manifest) -> None:
    """Merge what was measured and complete the manifest. BadUse when no run was."""
    merge(where, keep_parts=record.state != "complete")
    record = msgspec.structs.replace(record, files=folder.checksums(where))
    manifest.write(where, record)
    if not any(run.state == "complete" for run in record.runs):
        raise BadUse(f"{record.note} No run was completed, so there is nothing to report; {where} keeps what there is.")
    manifest.write(where, judged(where, record))


def merge(where: Path, keep_parts: bool = False) -> list[str]:
    """The parts become the folder's tables, and go, unless there are more to come; what servers wrote is kept.

    Returns a sentence on each part that cannot be read: it is left out, and left where it is.
    """
    folder.keep_server_logs(where)
    parts = folder.complete_parts(where)
    damaged = [part for part in parts if not folder.whole(part)]
    if sound := [part for part in parts if part not in damaged]:
        merge_parts(sound, where)
        if not keep_parts and not damaged:
            shutil.rmtree(where / folder.PARTS)
    return [f"{folder.PARTS}/{part.name} was cut short or edited, and is left out." for part in damaged]


def judged(where: Path, record: Manifest) -> Manifest:
    """The manifest with each run's verdict, and with how noisy the machine was."""
    from lab import joins, summary, verdicts

    tables, _ = joins.read_tables(where)
    found = {run.run: joins.figures(run, tables) for run in record.runs if summary.usable(run)}
    runs = [
        msgspec.structs.replace(run, verdict=verdicts.of_run(found[run.run])) if run.run in found else run
        for run in record.runs
    ]
    steals = [run.steal for run in found.values() if run.steal is not None]
    loads = [run.load_before for run in record.runs if run.load_before is not None]
    noise = {"load_before": loads[0] if loads else None, "steal_share": max(steals, default=None)}
    return msgspec.structs.replace(record, runs=runs, noise=noise)
