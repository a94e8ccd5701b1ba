"""Numbers and figures in the lessons, from recorded runs: a Python-Markdown extension.

    {{ value irc-room websocket latency_p50 }}    a number with its unit
    {{ ratio irc-room long-polling ip_bytes }}    how many times as much as the reference, WebSocket
    {{ table irc-room }}                          the result table, with the run that it is from
    {{ figure irc-room bytes }}                   a figure of the run, inline
    {{ picture one-word }}                        a drawing in results/reference
    {{ controls controls }}                       what the instrument was asked, and whether it noticed

A directive that names nothing recorded stops the build, so that a page cannot show a number that nobody measured.
"""

import re
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from lab import controls, manifest, readme, report, summary, wording
from lab.numbers import number
from lab.quantities import QUANTITIES

REFERENCE = Path(__file__).parent.parent / "results" / "reference"
DIRECTIVE = re.compile(r"\{\{ (value|ratio|table|figure|picture|controls) ([^}]+) \}\}")
UNITS = {quantity.key: quantity.unit for quantity in QUANTITIES}


class Directives(Preprocessor):
    """Replaces each directive before the page is parsed, in code as well."""

    md: Markdown

    def run(self, lines: list[str]) -> list[str]:
        return DIRECTIVE.sub(self.replace, "\n".join(lines)).split("\n")

    def replace(self, found: re.Match[str]) -> str:
        name, words = found.group(1), found.group(2).split()
        if name == "value":
            return value(*words)
        if name == "ratio":
            return ratio(*words)
        if name == "table":
            return table(*words)
        if name == "controls":
            return asked(*words)
        drawing: str = self.md.htmlStash.store(figure(*words) if name == "figure" else picture(*words))
        return drawing


def value(run: str, cell: str, key: str) -> str:
    """One number with its unit."""
    return wording.text(row_of(run, cell)[key], UNITS[key])


def ratio(run: str, cell: str, key: str) -> str:
    """`3.85 times (3.81 to 3.90)`; ValueError where it was not measured."""
    found = row_of(run, cell).versus[key]
    if found.value is None:
        raise ValueError(f"{key} of {cell} was not compared in {run}")
    within = f" ({wording.interval(found)})" if wording.interval(found) else ""
    return f"{number(found.value)} times{within}"


def row_of(run: str, cell: str) -> summary.CellSummary:
    """`cell` is a transport, or a transport and its interval, as in short-polling@3s."""
    return {row.cell.name.replace(" ", "@"): row for row in summary.read(REFERENCE / run).cells}[cell]


def table(run: str) -> str:
    """The four-row table, and where it is from."""
    rows = readme.markdown(summary.read(REFERENCE / run), "<small>{}</small>")
    return f'<div class="recorded" markdown>\n\n{rows}\n\n</div>\n<p class="from">{source(run)}</p>\n'


def figure(run: str, name: str) -> str:
    """A figure as the report shows it, inline, so that it needs no other file; and its numbers."""
    folder = REFERENCE / run
    found = summary.read(folder)
    shown = next(shown for shown in report.pictures_of(manifest.read(folder), found) if shown.name == name)
    drawing = (folder / "figures" / f"{name}.svg").read_text(encoding="utf-8")
    numbers = report.figure_data(found, shown)
    drawn = report.inlined(drawing, f"{run}-{name}", shown.title)
    return f'<figure>\n{drawn}\n<p class="from">{source(run)}</p>\n{numbers}</figure>'


def picture(name: str) -> str:
    """A drawing that is no single run's figure. It follows the page, which has a switch, and not the system."""
    drawing = (REFERENCE / f"{name}.svg").read_text(encoding="utf-8")
    drawing = re.sub(r"<style media=.*?</style>\n", "", drawing, flags=re.DOTALL)
    return f"<figure>\n{report.inlined(drawing, name, name)}\n</figure>"


def asked(run: str) -> str:
    """A list of the controls' questions, each with its answer, and where they are from."""
    found = controls.read(REFERENCE / run).controls
    said = [f"- *{one.question}* **{controls.WORDS[one.passed]}:** {one.reason}." for one in found]
    origin = f'<p class="from">From the recorded runs <code>results/reference/{run}</code>.</p>'
    return "\n".join([*said, "", origin, ""])


def source(run: str) -> str:
    """The run that something is from, in a line."""
    made = summary.read(REFERENCE / run)
    runs = wording.count(made.runs, "run")
    return f"From the recorded run <code>results/reference/{run}</code>: {runs}, {made.deliveries:,} deliveries."


class RecordedRuns(Extension):
    """Registers the directives."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(Directives(md), "recorded-runs", 27)  # before HTML blocks are set aside


def makeExtension(**settings: Any) -> RecordedRuns:
    """What Python-Markdown calls."""
    return RecordedRuns(**settings)
