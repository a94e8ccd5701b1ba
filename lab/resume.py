"""What an interrupted experiment goes on from: its recorded runs, each as whole as when it was made.

A run whose files were damaged since is taken from the folder's tables, where they still hold it; else it is measured
again. What is left of its files is set aside in `damaged/` and never overwritten.
"""

from pathlib import Path

from msgspec import structs

from lab import folder
from lab.manifest import Manifest, RunRecord
from loadtests.records import TABLES, scan, write_frames


def sound(where: Path, record: Manifest) -> Manifest:
    """The record without the runs that must be measured again."""
    merged = bool(record.files) and record.files == folder.checksums(where)
    kept = [run for run in record.runs if run.state != "complete" or mended(where, run, merged)]
    return structs.replace(record, runs=kept)


def mended(where: Path, run: RunRecord, merged: bool) -> bool:
    """Whether a run's part is whole, or could be made whole of the folder's tables, which are as they were recorded."""
    part = folder.part(where, run.run)
    if folder.whole(part):
        return True
    folder.set_aside(where, run.run)
    return merged and restored(where, run)


def restored(where: Path, run: RunRecord) -> bool:
    """Make a run's part of the folder's tables; False where they do not hold it."""
    import polars as pl

    frames = {name: scan(where, name).filter(pl.col("run") == run.run).collect() for name in TABLES}
    if run.info is None or frames["receivers"].is_empty():
        return False
    write_frames(folder.part(where, run.run), run.info, frames)
    return True
