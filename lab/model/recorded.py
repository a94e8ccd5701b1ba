"""What recorded runs say of a machine: the folders' cells as the model sees them, beside their measured rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from lab import manifest, summary
from lab.errors import BadUse
from lab.model.conditions import Conditions, conditions
from lab.model.machine import Machine, fit
from lab.summary import CellSummary
from loadtests.scenario import ScenarioError


def rows(folder: Path) -> Iterator[tuple[Conditions, CellSummary]]:
    """The valid cells of a run folder that the model speaks of."""
    record = manifest.read(folder)
    setups = {run.cell: run.setup for run in record.runs if run.setup}
    try:
        found = summary.read(folder)
    except OSError as error:
        raise BadUse(
            f"{folder}/summary.json cannot be read ({error.strerror}): rebuild it with `.venv/bin/lab report {folder}`."
        ) from None
    for row in found.cells:
        if row.verdict.valid is not False and not row.verdict.saturated and (setup := setups.get(row.cell)):
            try:
                given = conditions(row.cell, setup)
            except ScenarioError:
                continue  # the scenario is a file of somebody else's
            if given and is_settled(given):
                yield given, row


def is_settled(given: Conditions) -> bool:
    """Whether each poll of the window had a whole interval behind it, as the model has it: in older runs, not all."""
    return given.transport != "short-polling" or given.poll_interval_s <= given.warmup_s


def folders(where: Path) -> list[Path]:
    """The run folders in a folder."""
    return sorted(path.parent for path in where.glob(f"*/{manifest.NAME}") if (path.parent / "summary.json").exists())


def machine_of(where: Sequence[Path]) -> Machine:
    """The machine that the folders were recorded on."""
    return fit((given, load) for folder in where for given, row in rows(folder) if (load := row["server_load"].value))
