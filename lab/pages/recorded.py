"""Numbers, tables and figures on a page, from recorded runs."""

import re
from pathlib import Path

from lab import controls, manifest, readme, report, summary, wording
from lab.errors import BadUse
from lab.numbers import number
from lab.pages.refusal import BadPage
from lab.quantities import QUANTITIES
from lab.stats import Estimate
from lab.summary import CellSummary, Summary

REFERENCE = Path(__file__).parent.parent.parent / "results" / "reference"
UNITS = {quantity.key: quantity.unit for quantity in QUANTITIES}
SAID = {"publishes per s": "messages a second", "deliveries per s": "deliveries a second"}  # in a sentence


def value(run: str, cell: str, key: str, unit: str = "") -> str:
    """One number with its unit, or with no more of it than is said; in brackets where it is not valid."""
    row, found = measured(run, cell, key)
    if unit and not UNITS[key].startswith(f"{unit} "):
        raise BadPage(f"{key} is in {UNITS[key]}: {unit!r} is not the beginning of that.")
    shown = with_unit(found, unit or UNITS[key])
    return shown if row.verdict.of([key]).valid is not False else f"[not valid: {shown}]"


def with_unit(found: Estimate, unit: str) -> str:
    """`512 ms`, `12.3 %`, `12.3 % of one CPU`, `195 messages a second`."""
    unit = SAID.get(unit, unit)
    kind, _, of = unit.partition(" ")
    return f"{wording.text(found, kind)} {of}".strip() if kind == "share" else wording.text(found, unit)


def ratio(run: str, cell: str, key: str) -> str:
    """`3.85 times (3.81 to 3.90)`."""
    found = compared(run, cell, key)
    within = f" ({wording.interval(found)})" if wording.interval(found) else ""
    return f"{number(found.value or 0)} times{within}"


def measured(run: str, cell: str, key: str) -> tuple[CellSummary, Estimate]:
    """A row, and of a quantity what it was there."""
    row = row_of(run, cell)
    if key not in UNITS:
        raise BadPage(f"There is no quantity {key!r}: there are {', '.join(UNITS)}.")
    if row[key].value is None:
        raise BadPage(f"{key} of {cell} has no value in {run}: {row[key].note}.")
    return row, row[key]


def compared(run: str, cell: str, key: str) -> Estimate:
    """The ratio of a row's quantity to the reference's."""
    found = row_of(run, cell).versus
    if key not in found:
        raise BadPage(f"{key} of {cell} is compared with nothing in {run}: compared are {', '.join(found) or 'none'}.")
    if found[key].value is None:
        raise BadPage(f"{key} of {cell} was not compared in {run}: {found[key].note}.")
    return found[key]


def row_of(run: str, cell: str) -> CellSummary:
    """`cell` is a transport, its poll interval, and a level, as in websocket, short-polling@3s, sse@400."""
    rows = {row.cell.name.replace(" at ", "@").replace(" ", "@"): row for row in read(run).cells}
    if cell not in rows:
        raise BadPage(f"{run} has no row {cell!r}: it has {', '.join(rows)}.")
    return rows[cell]


def read(run: str) -> Summary:
    try:
        return summary.read(REFERENCE / run)
    except OSError:
        raise BadPage(f"{run} is no comparison that is recorded in results/reference.") from None


def table(run: str) -> str:
    """The four-row table, a card for each row on a phone, and where it is from."""
    rows = readme.markdown(read(run), "<small>{}</small>")
    return f'<div class="recorded cards" markdown>\n\n{rows}\n\n</div>\n<p class="from">{origin(run)}</p>\n'


def figure(run: str, name: str) -> str:
    """A figure as the report shows it, inline, so that it needs no other file; and its numbers."""
    folder, found = REFERENCE / run, read(run)
    pictures = {picture.name: picture for picture in report.pictures_of(manifest.read(folder), found)}
    if name not in pictures:
        raise BadPage(f"{run} has no figure {name!r}: it has {', '.join(pictures)}.")
    drawing = (folder / "figures" / f"{name}.svg").read_text(encoding="utf-8")
    numbers = report.figure_data(found, pictures[name])
    drawn = report.inlined(drawing, f"{run}-{name}", pictures[name].title)
    return f'<figure>\n{drawn}\n<p class="from">{origin(run)}</p>\n{numbers}</figure>'


def picture(name: str) -> str:
    """A drawing that is no single run's figure; where there is one for phones, those are shown that.

    It follows the page, which has a switch, and not the system.
    """
    narrow = f"{name}-narrow"
    if not (REFERENCE / f"{narrow}.svg").exists():
        return f"<figure>\n{drawing(name)}\n</figure>"
    return f'<figure>\n<div class="by-width">{drawing(name)}{drawing(narrow)}</div>\n</figure>'


def drawing(name: str) -> str:
    try:
        found = (REFERENCE / f"{name}.svg").read_text(encoding="utf-8")
    except OSError:
        raise BadPage(f"There is no drawing {name}.svg in results/reference.") from None
    return report.inlined(re.sub(r"<style media=.*?</style>\n", "", found, flags=re.DOTALL), name, name)


def asked(run: str) -> str:
    """A list of the controls' questions, each with its answer, and where they are from."""
    try:
        found = controls.read(REFERENCE / run).controls
    except (OSError, BadUse):
        raise BadPage(f"There are no controls {run!r} in results/reference.") from None
    said = [f"- *{one.question}* **{controls.WORDS[one.passed]}:** {one.reason}." for one in found]
    from_ = f'<p class="from">From the recorded runs <code>results/reference/{run}</code>.</p>'
    return "\n".join([*said, "", from_, ""])


def origin(run: str) -> str:
    """The run that something is from, in a line."""
    made = read(run)
    runs = wording.count(made.runs, "run")
    return f"From the recorded run <code>results/reference/{run}</code>: {runs}, {made.deliveries:,} deliveries."
