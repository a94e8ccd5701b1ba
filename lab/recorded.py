"""The summary of a run folder from its recorded files alone, and what is to be said of those."""

from pathlib import Path

import msgspec

from lab import finish, folder, summary
from lab.behind import WORDS
from lab.errors import BadUse
from lab.joins import read_tables
from lab.manifest import Manifest
from lab.summary import Summary
from loadtests.records import TABLES


def summary_of(where: Path, record: Manifest) -> Summary:
    """Made of the tables; of a compact folder, the one that was kept. BadUse when it cannot be."""
    return kept(where, record) if record.compact else summarised(where, record)


def summarised(where: Path, record: Manifest) -> Summary:
    """The summary of the recorded tables. BadUse when they cannot be read."""
    missing = [name for name in TABLES if not (where / f"{name}.parquet").exists()]
    whole = record.files and not missing  # one that was killed has neither the tables nor their checksums, but parts
    left_out = [] if whole else finish.merge(where)
    if not any(summary.usable(run) and run.cell in record.cells for run in record.runs):
        raise BadUse(f"{where} holds no complete run, so there is nothing to report: measure again.")
    tables, unread = read_tables(where)
    notices = [*linked(record), *left_out, *unread, *altered(where, record), *set_aside(where), *unfinished(record)]
    return summary.summarise(record, tables, notices)


def kept(where: Path, record: Manifest) -> Summary:
    """The summary of a compact folder, which is all that is left to go by. BadUse when it is not what was kept."""
    path = where / summary.NAME
    if folder.checksums(where, [summary.NAME]).get(summary.NAME) != record.files.get(summary.NAME, ""):
        what = "was cut short or edited" if path.exists() else "is missing"
        raise BadUse(f"{path} {what}, and nothing can be said without it: restore it, or measure again.")
    try:
        found = summary.read(where)
    except msgspec.MsgspecError as error:
        raise BadUse(f"{path} cannot be read ({error}): restore it, or measure again.") from None
    gone = [f"{name} is missing." for name in record.files if not (where / name).exists()]
    return msgspec.structs.replace(found, notices=[*found.notices, *altered(where, record), *gone])


def linked(record: Manifest) -> list[str]:
    """A sentence on what everything went through."""
    through = [] if record.link.kind == "none" else [record.link.words]
    through += [] if record.behind == "direct" else [f"{WORDS[record.behind]}, whose CPU time is among the server's"]
    return [f"Everything went through {'; and '.join(through)}."] if through else []


def altered(where: Path, record: Manifest) -> list[str]:
    """A sentence on each file that is not the one that was recorded."""
    now = folder.checksums(where, record.files)
    return [f"{name} is not what was recorded: it was changed since." for name, digest in record.files.items()
            if name in now and now[name] != digest]  # fmt: skip


def set_aside(where: Path) -> list[str]:
    """A sentence on the runs whose files were damaged when the experiment was gone on with."""
    damaged = sorted({path.name[:3] for path in (where / folder.DAMAGED).glob("*")})
    files = ", ".join(f"{folder.PARTS}/{name}" for name in damaged)
    return [f"{files} had been cut short or edited: made good, and kept in {folder.DAMAGED}/."] if damaged else []


def unfinished(record: Manifest) -> list[str]:
    searched = bool(record.experiment and record.experiment.get("objective"))
    wanted = len(record.runs) if searched else record.repeats * len(record.cells)
    done = sum(summary.usable(run) for run in record.runs if searched or run.cell in record.cells)
    were = "was" if done == 1 else "were"
    return [] if done == wanted else [f"Only {done} of {wanted} runs {were} completed. {record.note}".strip()]
