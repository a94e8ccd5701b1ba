"""Recorded runs as evidence: found by the name of their experiment, read when they are asked for."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from lab import manifest, observations, summary
from lab.errors import BadUse
from lab.manifest import Manifest
from lab.observations import Observations
from lab.plan import TITLES
from lab.summary import CellSummary, Summary

REFERENCE = Path("results/reference")
SUMMARY = "summary.json"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z-(.+?)(?:-\d+)?")  # what `lab` puts before the name, and after a second one


class Missing(Exception):
    """Why there is no such evidence: the end of a sentence."""


class Unrecorded(Missing):
    """There is no such run."""


class Row(NamedTuple):
    """A row of an experiment. `clients`, and the seconds measured, are None where the manifest does not say."""

    experiment: str
    cell: CellSummary
    clients: int | None = None
    window_s: float | None = None

    @property
    def level(self) -> float | str | None:
        return self.cell.cell.level

    @property
    def interval(self) -> float | None:
        """Seconds between polls."""
        return self.cell.cell.poll_interval_s


class Evidence:
    """Run folders by the name of their experiment. Every method but `names` raises Missing."""

    def __init__(self, folders: Mapping[str, Path], where: str = "") -> None:
        self.folders, self.where = folders, where
        self.summaries: dict[str, Summary] = {}
        self.manifests: dict[str, Manifest] = {}

    def folder(self, name: str) -> Path:
        if name not in self.folders:
            raise Unrecorded(f"{name} is not recorded{f' in {self.where}' if self.where else ''}")
        return self.folders[name]

    def manifest(self, name: str) -> Manifest:
        if name not in self.manifests:
            try:
                self.manifests[name] = manifest.read(self.folder(name))
            except BadUse as error:
                raise Missing(str(error).rstrip(".")) from None
        return self.manifests[name]

    def summary(self, name: str) -> Summary:
        if name not in self.summaries:
            self.summaries[name] = read_summary(self.folder(name))
        return self.summaries[name]

    def observations(self, name: str) -> Observations:
        try:
            return observations.read(self.folder(name))
        except BadUse as error:
            raise Missing(str(error).rstrip(".")) from None

    def rows(self, name: str, transport: str) -> list[Row]:
        """A transport's rows, in the order in which they were asked for."""
        record = self.manifest(name)
        clients, window_s = clients_of(record), record.scenario.get("duration_s")
        found = [Row(name, cell, clients.get(cell.cell.name), window_s) for cell in self.summary(name).cells
                 if cell.cell.transport == transport]  # fmt: skip
        if not found:
            raise Missing(f"{name} has no row of {TITLES[transport]}")
        return found


def clients_of(record: Manifest) -> dict[str, int]:
    """How many clients each cell had."""
    return {run.cell.name: run.info.users for run in record.runs if run.info is not None}


def read_summary(folder: Path) -> Summary:
    try:
        found = summary.read(folder)
    except OSError:
        raise Missing(f"{folder} has no {SUMMARY}: `lab report {folder}` makes it") from None
    except msgspec.MsgspecError as error:
        raise Missing(f"{folder / SUMMARY} was cut short or edited ({error}): `lab report` makes it anew") from None
    if found.schema_version != summary.SCHEMA_VERSION:
        raise Missing(f"{folder / SUMMARY} has schema {found.schema_version}, and this version reads another")
    return found


def recorded(root: Path) -> Evidence:
    """The runs in a folder of runs. BadUse when there is no such folder, or no run in it."""
    if not root.is_dir():
        raise BadUse(f"There is no folder {root}: name one that holds run folders, such as {REFERENCE}.")
    paths = [path for path in sorted(root.iterdir()) if path.is_dir() and not path.is_symlink()]
    found = {name_of(path): path for path in paths if is_run(path)}  # of several of one name, the newest
    if not found:
        raise BadUse(f"{root} holds no run folder: measure first, or name another.")
    return Evidence(found, str(root))


def is_run(path: Path) -> bool:
    return (path / manifest.NAME).exists() or observations.are_in(path)


def name_of(path: Path) -> str:
    stamped = STAMP.fullmatch(path.name)
    return stamped[1] if stamped else path.name
