"""The end of a comparison, whether or not it came to its end: merge what was measured, and say what it is worth."""

import shutil
from pathlib import Path

import msgspec

from lab import folder, manifest
from lab.errors import BadUse
from lab.manifest import Manifest, State
from loadtests.records import merge_parts

PAGE = "report.html"  # written last of all


class Outcome(msgspec.Struct, frozen=True):
    """The folder, and one sentence when the comparison was not finished."""

    folder: Path
    cut_short: str = ""


def finish(where: Path, record: Manifest) -> Outcome:
    """Merge what was measured, complete the manifest, and let `latest` show it. BadUse when no run was."""
    try:
        complete(where, record)
        show(where, record.state)
    except KeyboardInterrupt:
        show(where, record.state)
        raise interrupted(where) from None
    return Outcome(where, record.note)


def interrupted(where: Path) -> BadUse:
    """What to say of a Ctrl-C after the last run: all that it ended can be made again."""
    return BadUse(f"Interrupted. {where} keeps what was measured: `lab report {where}` makes the report.")


def show(where: Path, state: State) -> None:
    """Let `latest` show the folder; what was cut short is not shown in place of what was measured to its end."""
    if state == "complete" or not to_its_end(where.parent / folder.LATEST):
        folder.point_latest(where)


def to_its_end(where: Path) -> bool:
    """Whether there is a folder that was measured to its end."""
    try:
        return manifest.read(where).state == "complete"
    except BadUse:
        return False


def complete(where: Path, record: Manifest) -> None:
    """The tables; then the manifest with their checksums, which says that they are whole; then the parts may go.

    They stay where there are more to come, or where one of them is damaged. BadUse when no run was completed. Tables
    that are whole are not made again: of the parts only some may be left.
    """
    left_out = [] if record.files and record.files == folder.checksums(where) else merge(where)
    record = msgspec.structs.replace(record, files=folder.checksums(where))
    manifest.write(where, record)
    if not any(run.state == "complete" for run in record.runs):
        raise BadUse(f"{record.note} No run was completed, so there is nothing to report; {where} keeps what there is.")
    if record.state == "complete" and not left_out:
        shutil.rmtree(where / folder.PARTS, ignore_errors=True)
    manifest.write(where, judged(where, record))


def merge(where: Path) -> list[str]:
    """Make the folder's tables of the parts there are, and keep what servers wrote.

    Returns a sentence on each part that cannot be read and is left out.
    """
    folder.keep_server_logs(where)
    parts = folder.complete_parts(where)
    damaged = [part for part in parts if not folder.whole(part)]
    if sound := [part for part in parts if part not in damaged]:
        merge_parts(sound, where)
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
