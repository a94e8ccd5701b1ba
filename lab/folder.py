"""Run folders: their names, what is in them, and `latest`."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from lab.errors import BadUse
from loadtests.records import TABLES, read_info, scan, schema

RUNS = Path("results/runs")
PARTS = "parts"
DAMAGED = "damaged"
LATEST = "latest"
SAMPLES = "samples.parquet"  # of a compact folder, in place of the tables
TABLE_FILES = tuple(f"{name}.parquet" for name in TABLES)


class Document(Protocol):
    """What says by which version it was written."""

    @property
    def schema_version(self) -> int: ...


T = TypeVar("T", bound=Document)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def create(out: Path, scenario: str) -> Path:
    """A new folder below `out`, named by the time without colons, which Windows does not allow."""
    stem = f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}-{scenario}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in (stem, *(f"{stem}-{n}" for n in range(2, 1_000))):
            with contextlib.suppress(FileExistsError):
                (out / name).mkdir()
                return out / name
    except OSError as error:
        raise BadUse(f"The folder {out} cannot be written to ({error.strerror}): name another with --out.") from None
    raise BadUse(f"The folder {out} is full of runs named {stem}: name another with --out.")


def read_document(path: Path, kind: type[T], version: int, else_: str) -> T:
    """A JSON document with a `schema_version`. BadUse, which says what `else_` helps, where it is none of ours."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=kind)
    except OSError:
        raise BadUse(f"{path.parent} holds no {path.name}.") from None
    except msgspec.MsgspecError as error:
        raise BadUse(f"{path} was cut short or edited ({error}): restore it, or {else_}.") from None
    if found.schema_version != version:
        raise BadUse(f"{path} has schema {found.schema_version}, and this version reads {version}.")
    return found


def point_latest(folder: Path) -> None:
    """Let `latest` beside the folder show it: a link, or a copy where links are refused, as on many a Windows."""
    latest = folder.parent / LATEST
    if latest.is_symlink() or latest.is_file():
        latest.unlink()
    elif latest.is_dir():
        shutil.rmtree(latest)
    try:
        os.symlink(folder.name, latest, target_is_directory=True)
    except OSError:
        shutil.copytree(folder, latest)


def part(folder: Path, run: int) -> Path:
    return folder / PARTS / f"{run:03}"


def server_log(folder: Path, run: int) -> Path:
    """What the server wrote to stderr in this run."""
    return part(folder, run) / "server.log"


def keep_server_logs(folder: Path) -> None:
    """Copy each server log that is not empty to logs/, where it stays when the parts go."""
    for log in sorted((folder / PARTS).glob("*/server.log")):
        if log.stat().st_size:
            kept = folder / kept_log(int(log.parent.name))
            kept.parent.mkdir(exist_ok=True)
            shutil.copyfile(log, kept)


def kept_log(run: int) -> str:
    """Where a run's server log stays, within the folder."""
    return f"logs/{run:03}-server.log"


def complete_parts(folder: Path) -> list[Path]:
    """The parts that a generator finished writing, in order: run.json is written last and is empty until then."""
    found = sorted((folder / PARTS).glob("*/run.json")) if (folder / PARTS).is_dir() else []
    return [path.parent for path in found if path.stat().st_size]


def whole(part: Path) -> bool:
    """Whether a part can be read: a disk may be full, and a file be cut short afterwards."""
    import polars as pl

    try:
        read_info(part)
        return all(scan(part, name).collect_schema() == schema(name) for name in TABLES)
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return False


def set_aside(folder: Path, run: int) -> None:
    """Move what is left of a damaged part to `damaged/`, beside what was set aside of it before."""
    if part(folder, run).exists():
        (folder / DAMAGED).mkdir(exist_ok=True)
        count = len(list((folder / DAMAGED).glob(f"{run:03}*")))
        part(folder, run).rename(folder / DAMAGED / (f"{run:03}-{count + 1}" if count else f"{run:03}"))


def checksums(folder: Path, names: Iterable[str] = TABLE_FILES) -> dict[str, str]:
    """SHA-256 of each table's file, or of other files; one that is missing is left out."""
    paths = {name: folder / name for name in names}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in paths.items() if path.is_file()}


def need_tables(folder: Path) -> None:
    """BadUse of a compact folder, where something takes more than what was kept."""
    if (folder / SAMPLES).is_file() and not any((folder / name).exists() for name in TABLE_FILES):
        raise BadUse(
            f"{folder} is compact: the tables that this takes were left out of it. "
            "Measure again with the command in its manifest.json."
        )
