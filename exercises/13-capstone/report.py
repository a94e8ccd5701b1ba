"""A student's report, beside the run that it names."""

import runpy
from functools import cached_property
from typing import NamedTuple

import msgspec

from lab.decisions import judged
from lab.grader import Wrong
from lab.grader.exercise import ROOT
from lab.grader.stand import Stand
from lab.grader.written import NUMBER, Written, is_rounded, numbers
from lab.objective import Objective, read_objective
from lab.quantities import QUANTITIES
from lab.summary import CellSummary, read
from loadtests.scenario import Scenario, ScenarioError, load

SECTIONS = ("Question", "Workload and objective", "Prediction", "Measurement", "Decision", "What would change my mind",
            "Limits")  # fmt: skip
QUESTION, WORKLOAD, PREDICTION, MEASUREMENT, DECISION, CHANGE, LIMITS = SECTIONS
HEADING = ["row", "quantity", "value", "unit"]
UNITS = {quantity.key: quantity.unit for quantity in QUANTITIES}
OWN_CASE = "case.toml"
SUPPLIED = "results/reference/"


class Quoted(NamedTuple):
    """A line of the report's table, and the row of the run that it names."""

    row: CellSummary
    quantity: str
    value: float


class Report(Written):
    """A student's report beside the run that it names. Wrong where one of the two is not as it says."""

    def __init__(self, stand: Stand) -> None:
        super().__init__(stand.folder / stand.exercise.described.file)
        self.stand = stand

    def own(self, section: str) -> str:
        """What stands there beside the table, and not in the template."""
        template = (self.stand.exercise.starter / "report.md").read_text(encoding="utf-8").splitlines()
        return " ".join(line for line in self.lines(section) if line not in template and "|" not in line)

    @cached_property
    def case(self) -> Scenario:
        """The one in the student's folder, or else the one that was drawn."""
        own = self.stand.folder / OWN_CASE
        drawn = runpy.run_path(str(self.stand.exercise.folder / "task.py"))["drawn"]
        try:
            found = load(str(own) if own.is_file() else drawn(self.stand.random))
        except ScenarioError as error:
            raise Wrong("another-case", f"a scenario in {OWN_CASE}", str(error)) from None
        if not found.objective:
            raise Wrong("no-objective", f"an objective in {OWN_CASE}", "none")
        return found

    @cached_property
    def objective(self) -> Objective:
        return read_objective(self.case.objective)

    @cached_property
    def rows(self) -> list[CellSummary]:
        """Those of the run that are of this case. The run is in the student's folder, or comes with the project."""
        name = self.said(MEASUREMENT, "Run")
        home, within = (ROOT, ROOT / SUPPLIED) if name.startswith(SUPPLIED) else (self.stand.folder, self.stand.folder)
        folder = (home / name).resolve()
        if not name or not folder.is_relative_to(within.resolve()):
            expected = "a line such as Run: runs/latest, which is a folder beside your report"
            raise Wrong("no-run", expected, name or "none")
        try:
            run = read(folder)
        except (OSError, msgspec.DecodeError):
            raise Wrong("no-run", f"a summary.json in {name}", "none that can be read") from None
        of = [(run.scenario if row.cell.level is None else row.cell.level, row) for row in run.cells if row.runs]
        if not (own := [row for case, row in of if case == self.case.name]):
            raise Wrong("another-case", f"a run with rows of {self.case.name}", f"a run of {run.scenario}")
        return own

    def row(self, name: str) -> CellSummary:
        """The one of this name, as summary.csv has it or as a table shows it."""
        for row in self.rows:
            if name.lower() in (row.cell.name.lower(), row.title.lower()):
                return row
        raise Wrong("no-such-row", f"one of {', '.join(row.cell.name for row in self.rows)}", name)

    @cached_property
    def quoted(self) -> list[Quoted]:
        """The lines of the table, each of which says what the run says."""
        heading, *lines = self.table(MEASUREMENT) or [[]]
        if [cell.lower() for cell in heading] != HEADING:
            raise Wrong("no-table", "| row | quantity | value | unit |", " | ".join(heading) or "no table")
        return [self.quote(line) for line in lines]

    def quote(self, line: list[str]) -> Quoted:
        if len(line) != len(HEADING) or not NUMBER.fullmatch(line[2]):
            raise Wrong("no-table", "a row, a quantity, a number and a unit", " | ".join(line))
        name, quantity, text, unit = line
        row = self.row(name)
        if quantity not in UNITS:
            raise Wrong("no-such-quantity", "a quantity as summary.csv heads it, such as latency_p95", quantity)
        value, written = row[quantity].value, numbers(text)[0]
        if value is None or not is_rounded(value, written):
            raise Wrong("not-from-the-run", f"{quantity} of {name}: {value}", f"{quantity} of {name}: {text}")
        if unit != UNITS[quantity]:
            raise Wrong("another-unit", f"{quantity} in {UNITS[quantity]}", unit or "no unit")
        return Quoted(row, quantity, written)

    def is_met_by(self, row: CellSummary) -> bool:
        """Whether it surely is. Of a single run nobody knows how sure it is, and its value has to do."""
        met, _ = judged(row, self.objective)
        wait = row[self.objective.key]
        if met is None and row.runs == 1 and wait.value is not None:
            return wait.value < self.objective.limit_ms
        return met is True
