"""What exercise 13 asks of a report: that it is whole, that its numbers are its run's, and that it argues honestly.

Which way of delivery it decides for is nobody's business here.
"""

import re

from lab.grader import Wrong
from lab.grader.stand import Stand
from lab.grader.written import numbers

from .report import DECISION, LIMITS, MEASUREMENT, PREDICTION, SECTIONS, WORKLOAD, Report

WORDS = 12  # of one's own, in each section
NOISE = re.compile(r"nois|scatter|spread|varie[sd]|variation", re.IGNORECASE)


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
    report = Report(stand)
    if not set(report.numbers(PREDICTION)) - of_the_objective(report):
        raise Wrong("no-prediction", "a number in the section Prediction that is not the objective's", "none")


def quotes_its_run(stand: Stand) -> None:
    """Each line of the table is what the run says of that row."""
    if not Report(stand).quoted:
        raise Wrong("no-table", "lines of numbers below | row | quantity | value | unit |", "none")


def has_its_numbers_in_the_table(stand: Stand) -> None:
    """A number in the section Measurement is one of the table's, so that everybody can look it up."""
    report = Report(stand)
    known = of_the_objective(report) | {one.value for one in report.quoted}
    known |= {interval for row in report.rows if (interval := row.cell.poll_interval_s)}
    prose = " ".join(line for line in report.lines(MEASUREMENT) if "|" not in line and not line.startswith("Run:"))
    for number in numbers(prose):
        if number not in known:
            raise Wrong("stray-number", "numbers that stand in the table", f"{number:g}, which is in none of its lines")


def of_the_objective(report: Report) -> set[float]:
    """The numbers in which it is said: of 100 so many, within so long."""
    return {100.0, *map(float, re.findall(r"\d+\.?\d*", report.case.objective))}


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
