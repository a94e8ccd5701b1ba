"""What exercise 13 asks of a report: that it is whole, that its numbers are its run's, and that it argues honestly.

Which way of delivery it decides for is nobody's business here.
"""

import re
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
WORDS = 12  # of one's own, in each section
UNITS = {quantity.key: quantity.unit for quantity in QUANTITIES}
NOISE = re.compile(r"nois|scatter|spread|varie[sd]|variation", re.IGNORECASE)
OWN_CASE = "case.toml"
SUPPLIED = "results/reference/"


def has_every_section(stand: Stand) -> None:
    """The seven sections are there."""
    report = Report(stand)
    for name in SECTIONS:
        if name not in report.sections:
            raise Wrong("missing-section", f"## {name}", f"the sections {', '.join(report.sections) or 'nothing'}")


def says_it_in_its_own_words(stand: Stand) -> None:
    """Each section says something, and not what the template says."""
    report = Report(stand)
    for name in SECTIONS:
        words = re.findall(r"[^\W\d_]{2,}", report.own(name))
        if len(words) < WORDS:
            raise Wrong("template-left", f"{WORDS} words of your own in {name}, at least", f"{len(words)}")


def is_about_its_case(stand: Stand) -> None:
    """It is about the use case that was drawn, or one of its own, and states its objective."""
    report = Report(stand)
    stand.expect(report.said(WORKLOAD, "Case"), report.case.name, "another-case", "the case")
    if "".join(report.case.objective.split()) not in "".join(report.sections.get(WORKLOAD, "").split()):
        raise Wrong("no-objective", f"the objective, {report.case.objective}", "a section without it")


def predicts_a_number(stand: Stand) -> None:
    """What was expected before anything was measured has a number."""
    if not Report(stand).numbers(PREDICTION):
        raise Wrong("no-prediction", "a number in the section Prediction", "none")


def quotes_its_run(stand: Stand) -> None:
    """Each line of the table is what the run says of that row."""
    if not Report(stand).quoted:
        raise Wrong("no-table", "lines of numbers below | row | quantity | value | unit |", "none")


def has_its_numbers_in_the_table(stand: Stand) -> None:
    """A number in the section Measurement is one of the table's, so that everybody can look it up."""
    report = Report(stand)
    known = {100.0, *(one.value for one in report.quoted), *map(float, re.findall(r"\d+\.?\d*", report.case.objective))}
    known |= {interval for row in report.rows if (interval := row.cell.poll_interval_s)}
    prose = " ".join(line for line in report.lines(MEASUREMENT) if "|" not in line and not line.startswith("Run:"))
    for number in numbers(prose):
        if number not in known:
            raise Wrong("stray-number", "numbers that stand in the table", f"{number:g}, which is in none of its lines")


def compares_with_others(stand: Stand) -> None:
    """Two ways of delivery at least stand side by side, by the quantity that the objective is about."""
    report = Report(stand)
    ways = {one.row.cell.transport for one in report.quoted if one.quantity == report.objective.key}
    if len(ways) < 2:
        named = ", ".join(sorted(ways)) or "none"
        raise Wrong("only-the-winner", f"{report.objective.key} of two ways, or more", named)


def decides_for_a_row_that_can_be_had(stand: Stand) -> None:
    """The row that it decides for is valid and meets the objective; or it says none, and none does."""
    report = Report(stand)
    name = report.said(DECISION, "Row")
    if not name:
        raise Wrong("no-decision", "a line such as Row: sse, or Row: none", "none")
    if name.lower() == "none":
        better = [row.cell.name for row in report.rows if row.verdict.valid is not False and report.is_met_by(row)]
        if better:
            raise Wrong("one-does", "a row that is valid and meets the objective", f"none, though {better[0]} does")
        return
    row = report.row(name)
    admitted = row.verdict.waits_only and "not valid" in report.sections.get(LIMITS, "").lower()
    if row.verdict.valid is False and not admitted:
        raise Wrong("invalid-row", "a row that is valid", f"{name} is not: {'; '.join(row.verdict.reasons)}")
    if not report.is_met_by(row):
        found = f"{name}, with {report.objective.key} of {row[report.objective.key].value} ms"
        raise Wrong("misses-it", f"a row that surely meets {report.case.objective}", found)


def argues_against_another(stand: Stand) -> None:
    """At least one other way is argued against, with its number out of the table."""
    report = Report(stand)
    name = report.said(DECISION, "Row")
    chosen = "" if name.lower() in ("", "none") else report.row(name).cell.transport
    others = {one.value for one in report.quoted if one.row.cell.transport != chosen}
    if not others & set(report.numbers(DECISION)):
        raise Wrong("argues-alone", "a number of the table that belongs to another way of delivery", "none in Decision")


def names_the_noise(stand: Stand) -> None:
    """The limits say something of the noise in the numbers."""
    if not NOISE.search(Report(stand).own(LIMITS)):
        raise Wrong("no-noise", "a word on noise in the section Limits", "none")


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
