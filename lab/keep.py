"""Keeping a run for the record: with its tables, or compactly, which is a hundredth of the space.

A compact folder holds the manifest, the summary, the figures, the report and a sample (lab/samples.py). The tables are
left out, and the manifest says so, with their checksums.
"""

import shutil
from pathlib import Path

from msgspec import structs

from lab import controls, folder, manifest, observations, recorded, report, samples, summary
from lab.demonstrations import experiment as demonstrations
from lab.errors import BadUse
from lab.faults import experiment as faults
from lab.faults import results
from lab.joins import read_tables
from lab.manifest import Compact

LOGS = "logs"


def compactly(where: Path, to: Path) -> None:
    """Keep a run without its tables. BadUse when there is nothing to keep, or it was not measured to its end."""
    record = manifest.read(where)
    if record.compact:
        raise BadUse(f"{where} is compact already: copy it as it is.")
    if record.state != "complete":
        raise BadUse(f"{where} was not measured to its end, and is not worth keeping. {record.note}".strip())
    found = recorded.summarised(where, record)
    sample = samples.made(record, read_tables(where)[0])
    make(to)
    summary.write(to, found)
    samples.write(to, sample)
    if (where / LOGS).is_dir():
        shutil.copytree(where / LOGS, to / LOGS)
    files = folder.checksums(to, (summary.NAME, folder.SAMPLES))
    compact = Compact(found.deliveries, record.files)
    manifest.write(to, structs.replace(record, folder=to.name, compact=compact, files=files))
    report.build(to)


def wholly(where: Path, to: Path) -> None:
    """Keep a folder as it is, whatever it holds. BadUse when it holds nothing."""
    if not where.is_dir():
        raise BadUse(f"There is no folder {where}.")
    make(to)
    shutil.copytree(where, to, dirs_exist_ok=True)
    for path in sorted(to.rglob(manifest.NAME)):
        name = path.parent.relative_to(to.parent).as_posix()
        manifest.write(path.parent, structs.replace(manifest.read(path.parent), folder=name))
    if results.are_in(to):
        faults.write(to)
    elif controls.are_in(to):
        controls.write(to)
    elif observations.are_in(to):
        observations.write(to, structs.replace(observations.read(to), folder=to.name))
        demonstrations.write(to)
    elif (to / manifest.NAME).exists():
        report.build(to)


def make(to: Path) -> None:
    try:
        to.mkdir(parents=True)
    except FileExistsError:
        raise BadUse(f"{to} is there already: name another folder, or remove it.") from None
    except OSError as error:
        raise BadUse(f"The folder {to} cannot be made ({error.strerror}): name another.") from None


def size(folder: Path) -> int:
    """Bytes of all its files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
