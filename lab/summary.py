"""The summary of a run folder: every cell's quantities with intervals, its verdict, and its ratio to a reference."""

import csv
from collections.abc import Sequence
from pathlib import Path

import msgspec

from lab import quantities, verdicts
from lab.decisions import Decision, decide
from lab.joins import RunFigures, Tables, figures
from lab.manifest import Capacity, Manifest, RunRecord, Verdict
from lab.plan import Cell
from lab.quantities import COMPARED, QUANTITIES, Quantity
from lab.stats import Estimate, estimate, ratio

SCHEMA_VERSION = 1
NAME = "summary.json"
NOT_TRUSTED = "not compared: in one of the two rows it cannot be relied on"
NOT_THEN = Estimate(None, note="not measured then")  # of a quantity that is newer than a compact folder
COUNTS = ("offered", "sent", "expected", "delivered", "lost", "duplicates", "reordered", "strays", "incomplete")


class CellSummary(msgspec.Struct, frozen=True):
    """One row. `counts` are sums over the runs; ratios are by quantity.

    `versus` are those to the reference cell of the same level, `growth` those to the first level of the same series.
    """

    cell: Cell
    runs: int
    verdict: Verdict
    counts: dict[str, int]
    skipped_polls: int
    errors: dict[str, int]
    figures: dict[str, Estimate]
    versus: dict[str, Estimate]
    growth: dict[str, Estimate] = {}

    def __getitem__(self, key: str) -> Estimate:
        return self.figures.get(key, NOT_THEN)

    @property
    def title(self) -> str:
        return self.cell.title


class Summary(msgspec.Struct, frozen=True):
    """A comparison's figures. `reference` is the name of the first cell that `versus` refers to."""

    scenario: str
    reference: str
    publishes: int  # in the window of all runs together
    deliveries: int
    runs: int
    repeats: int
    cells: list[CellSummary]
    notices: list[str]
    capacity: list[Capacity] = []
    decisions: list[Decision] = []  # of an experiment whose levels are scenarios: who meets the objective of each
    floor: list[CellSummary] = []  # the null server's, a short run each: no rows, and in no other figure
    schema_version: int = SCHEMA_VERSION

    def shown_by(self, keys: Sequence[str]) -> "Summary":
        """The same for a figure of these quantities: each row with its verdict about them."""
        cells = [msgspec.structs.replace(row, verdict=row.verdict.of(keys)) for row in self.cells]
        return msgspec.structs.replace(self, cells=cells)


def summarise(manifest: Manifest, tables: Tables, notices: Sequence[str] = ()) -> Summary:
    """The summary of every complete run."""
    made = [figures(record, tables) for record in manifest.runs if usable(record)]
    runs = [run for run in made if run.record.cell in manifest.cells]
    below = [run for run in made if run.record.cell.target == "null" and run.record.cell not in manifest.cells]
    references = {level: reference_of([cell for cell in manifest.cells if cell.level == level])
                  for level in dict.fromkeys(cell.level for cell in manifest.cells)}  # fmt: skip
    first = {cell.series: cell for cell in reversed(manifest.cells)}
    by_cell = {cell: [run for run in runs if run.record.cell == cell] for cell in manifest.cells}
    cells = [summary_of(cell, own, by_cell[references[cell.level]], by_cell[first[cell.series]])
             for cell, own in by_cell.items()]  # fmt: skip
    return Summary(
        scenario=str(manifest.scenario["name"]),
        reference=references[manifest.cells[0].level].name,
        publishes=sum(run.publishes for run in runs),
        deliveries=sum(run.delivered for run in runs),
        runs=len(runs),
        repeats=manifest.repeats,
        cells=cells,
        notices=list(notices),
        floor=[floor_row(run) for run in below],
        capacity=manifest.capacity,
        decisions=decide(cells, manifest.scenarios),
    )  # fmt: skip


def floor_row(run: RunFigures) -> CellSummary:
    """The null server's one run, compared with nothing."""
    own = [run]
    return summary_of(run.record.cell, own, own, own)


def floor_of(row: CellSummary, summary: Summary) -> CellSummary | None:
    """What the null server showed of the row's transport; None where it was not measured at the row's poll interval."""
    cell = msgspec.structs.replace(row.cell, level=None, target="null")
    return next((floor for floor in summary.floor if floor.cell == cell), None)


def usable(record: RunRecord) -> bool:
    """Whether a run reached the end of its collection."""
    info = record.info
    if record.state != "complete" or info is None or info.collected_ns is None:
        return False
    return info.window_begin_ns is not None and info.window_end_ns is not None


def reference_of(cells: Sequence[Cell]) -> Cell:
    """WebSocket, which the others are asked about most; without it the last."""
    return next((cell for cell in cells if cell.transport == "websocket"), cells[-1])


def summary_of(
    cell: Cell, runs: Sequence[RunFigures], reference: Sequence[RunFigures], first: Sequence[RunFigures]
) -> CellSummary:
    infos = [run.record.info for run in runs if run.record.info is not None]
    errors: dict[str, int] = {}
    for info in infos:
        for text, count in info.errors.items():
            errors[text] = errors.get(text, 0) + count
    return CellSummary(
        cell=cell,
        runs=len(runs),
        verdict=verdicts.of_cell(runs),
        counts={name: sum(getattr(run, name) for run in runs) for name in COUNTS},
        skipped_polls=sum(info.skipped_polls for info in infos),
        errors=errors,
        figures={quantity.key: measured(quantity, runs) for quantity in QUANTITIES},
        versus=ratios(runs, reference),
        growth=ratios(runs, first),
    )


def ratios(runs: Sequence[RunFigures], others: Sequence[RunFigures]) -> dict[str, Estimate]:
    """Every quantity that is compared, against other runs; nothing against the runs themselves.

    What cannot be relied on in one of the two is something else than it says, so it is not compared.
    """
    if runs is others:
        return {}
    both = [verdicts.of_cell(rows) for rows in (runs, others)]
    return {
        quantity.key: paired(quantity, runs, others)
        if all(verdict.trusts(quantity.key) for verdict in both)
        else Estimate(None, note=NOT_TRUSTED)
        for quantity in QUANTITIES
        if quantity.key in COMPARED
    }


def measured(quantity: Quantity, runs: Sequence[RunFigures]) -> Estimate:
    if not runs:
        return Estimate(None, note="no run was completed")
    publishes = sum(run.publishes for run in runs)
    if publishes < quantity.needs_publishes:
        return Estimate(None, note=f"{publishes:,} publishes; it needs {quantity.needs_publishes:,}")
    return estimate(runs, quantity.of)


def paired(quantity: Quantity, runs: Sequence[RunFigures], reference: Sequence[RunFigures]) -> Estimate:
    """The cell's ratio to the reference over the blocks that hold both."""
    others = {run.record.block: run for run in reference}
    both = [(run, others[run.record.block]) for run in runs if run.record.block in others]
    return ratio([quantity.of([run]) for run, _ in both], [quantity.of([other]) for _, other in both])


def failed_checks(summary: Summary) -> list[str]:
    """What no transport may do on a valid row, in sentences: lose, repeat or reorder.

    A server that cannot keep up loses, which is a finding; it has no more right than another to repeat or reorder.
    """
    return [
        f"{row.title}: {row.counts[name]:,} deliveries were {word}."
        for row in summary.cells
        if row.verdict.valid is not False
        for name, word in {"lost": "lost", "duplicates": "duplicates", "reordered": "out of order",
                           "strays": "of messages nobody sent there"}.items()
        if row.counts[name] and not (name == "lost" and row.verdict.saturated)
    ]  # fmt: skip


def write(folder: Path, summary: Summary) -> None:
    """summary.json and summary.csv."""
    (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=1) + b"\n")
    write_csv(folder, summary)


def write_csv(folder: Path, summary: Summary) -> None:
    with (folder / "summary.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["cell", "transport", "poll_interval_s", "runs", "valid", "reasons", "saturated", *COUNTS, "skipped_polls"]
            + [f"{q.key}{end}" for q in QUANTITIES for end in ("", "_low", "_high", "_unit")]
        )
        writer.writerows(csv_row(row) for row in summary.cells)


def csv_row(row: CellSummary) -> list[object]:
    valid = {True: "true", False: "false", None: "unknown"}[row.verdict.valid]
    numbers: list[object] = []
    for quantity in quantities.QUANTITIES:
        estimate = row[quantity.key]
        numbers += [estimate.value, estimate.low, estimate.high, quantity.unit]
    return [
        row.cell.name, row.cell.transport, row.cell.poll_interval_s, row.runs, valid, "; ".join(row.verdict.reasons),
        row.verdict.saturated, *(row.counts[name] for name in COUNTS), row.skipped_polls, *numbers,
    ]  # fmt: skip


def read(folder: Path) -> Summary:
    return msgspec.json.decode((folder / NAME).read_bytes(), type=Summary)
