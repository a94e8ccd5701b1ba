"""report.html: one file that needs nothing else, for people who have never heard of a percentile."""

import math
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from lab import curves, doctor, finish, manifest, palette, plots, reading, summary, table, use_cases, wording
from lab.costs import clock_bound_ms
from lab.errors import BadUse
from lab.finish import PAGE
from lab.link import LIMITS
from lab.manifest import Manifest
from lab.model.theory import Theory
from lab.numbers import number
from lab.quantities import QUANTITIES
from lab.recorded import summary_of
from lab.sources import made, sourced
from lab.summary import CellSummary, Summary
from lab.sweep import Sweep

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATES = Path(__file__).parent / "templates"
EXPERIMENT = "experiment.html"
NAMES = {quantity.key: quantity for quantity in QUANTITIES}
TABLES = [
    ("How long a message took", [*table.TIMES, *table.CHECKS]),
    ("What each delivered message cost", table.COSTS),
]


def build(where: Path) -> Summary:
    """Everything that follows from the recorded files: summary, figures, report. BadUse when they cannot be read.

    Nothing is written before all is known, so that an older report stays where there can be no new one.
    """
    try:
        return rebuilt(where, manifest.read(where))
    except KeyboardInterrupt:
        raise finish.interrupted(where) from None


def rebuilt(where: Path, record: Manifest) -> Summary:
    found = summary_of(where, record)
    sweep = sweep_of(record)
    drawn = plots.draw(found) if sweep is None else curves.draw(sweep, found, record.link)
    text = page(found, record, drawn, made(record, where))
    try:
        (summary.write_csv if record.compact else summary.write)(where, found)
        plots.write(where / "figures", {name: sourced(svg, record, where) for name, svg in drawn.items()})
        (where / PAGE).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BadUse(f"The report cannot be written to {error.filename or where} ({error.strerror}).") from None
    return found


def page(found: Summary, record: Manifest, drawn: dict[str, str], made: str) -> str:
    from markupsafe import Markup

    sweep = sweep_of(record)
    pictures = pictures_of(record, found)
    titles = {picture.name: picture.title for picture in pictures}
    shown: dict[str, Any] = (
        {"example": example(found), "tables": TABLES, "meaning": table.meaning(found), "floor_columns": table.FLOOR,
         "floor_of": summary.floor_of}
        if sweep is None
        else {"sweep": sweep, "reading": reading.paragraph(sweep, found), "cases": use_cases.cases(found),
              "told": [*use_cases.told(found), *reading.caveats(found)],
              "met": use_cases.WORDS, "least": use_cases.LEAST}
    )  # fmt: skip
    return template(PAGE if sweep is None else EXPERIMENT).render(
        summary=found,
        manifest=record,
        pictures=pictures,
        figures={name: Markup(inlined(svg, name, titles[name])) for name, svg in drawn.items()},
        wording=wording,
        quantities=NAMES,
        machine=machine_rows(record),
        way=LIMITS[record.link.kind],
        fewest=min((row.runs for row in found.cells if row.runs), default=0),
        palette=palette.names(),
        rates=rates(found.cells),
        made=made,
        **shown,
    )


def sweep_of(record: Manifest) -> Sweep | None:
    """The experiment that a folder holds; None for a plain comparison. BadUse when it cannot be understood."""
    if record.experiment is None:
        return None
    try:
        return msgspec.convert(record.experiment, Sweep)
    except msgspec.ValidationError as error:
        raise BadUse(f"The experiment in {manifest.NAME} cannot be read ({error}): measure again.") from None


def pictures_of(record: Manifest, found: Summary) -> list[plots.Picture]:
    """The figures of a run folder."""
    sweep = sweep_of(record)
    return plots.pictures(found) if sweep is None else curves.pictures(sweep, Theory(sweep, found, record.link))


@cache
def template(name: str) -> "Template":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template(name)


def figure_data(found: Summary, picture: plots.Picture) -> str:
    """The numbers behind a figure, as a table to unfold."""
    return template("figure_data.html").render(summary=found, picture=picture, wording=wording, quantities=NAMES)


def inlined(svg: str, name: str, title: str) -> str:
    """An SVG for a page that may be dark, in a box that scrolls where it is narrow.

    Ink and paper are the page's own (`--ink`, `--quiet`, `--edge`, `--rule`, `--paper`), the sheet is transparent, and
    ids are no other figure's.
    """
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(patch_[12]">\s*<path [^>]*style="fill: )#\w{6}', r"\1none", svg, count=2)
    for variable in ("ink", "quiet", "edge", "rule", "paper"):
        color = palette.names()[f"{variable}-light"]
        svg = re.sub(re.escape(color), f"var(--{variable})", svg, flags=re.IGNORECASE)
    if "aria-label=" not in svg[: svg.index(">")]:
        svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(title)}" ', 1)
    return f'<div class="scroll" tabindex="0" role="region" aria-label="Figure: {escape(title)}">{svg}</div>'


def example(found: Summary) -> CellSummary | None:
    """The row by whose numbers percentiles are explained: the first that has them, the slowest to understand best."""
    rows = [row for row in found.cells if row["latency_p50"].value is not None and row["latency_p95"].value is not None]
    return rows[0] if rows else None


def rates(rows: Sequence[CellSummary]) -> list[dict[str, Any]]:
    """Offered, sent and delivered, always together."""
    keys = ("offered_rate", "sent_rate", "due_rate", "delivered_rate", "generator_cpu", "generator_lag_p99",
            "send_lag_p99", "p99_from_loop", "connections", "requests_per_client_minute", "ack_p50",
            "server_rss")  # fmt: skip
    return [{"title": row.title, "skipped": row.skipped_polls, "errors": sum(row.errors.values()),
             **{key: wording.text(row[key], "share" if "share" in table.UNITS[key] else "") for key in keys}}
            for row in rows]  # fmt: skip


def generator_rows(record: Manifest) -> list[tuple[str, str]]:
    """How many processes made the load, when it was not one, and how well their clocks agree."""
    if record.generators == 1:
        return []
    bounds = [bound for run in record.runs if run.info and (bound := clock_bound_ms(run.info)) is not None]
    largest = max(bounds, default=math.inf)
    apart = ("one clock" if not largest else "clocks that could not be compared" if largest == math.inf
             else f"clocks at most {number(largest)} ms apart")  # fmt: skip
    return [("Generator processes", f"{record.generators}, {apart}")]


def machine_rows(record: Manifest) -> list[tuple[str, str]]:
    """What a reader needs to know of the machine."""
    facts = record.machine
    memory = facts.get("memory_bytes")
    commit = "not known" if record.commit is None else record.commit[:12] + (", changed since" if record.dirty else "")
    loads = record.noise.get("load_before")
    return [
        ("Processor", f"{facts.get('cpu') or 'not known'}, {facts.get('cpus')} CPUs"),
        ("Memory", "not known" if memory is None else f"{memory / 2**30:.1f} GiB"),
        ("System", f"{facts.get('system')} {facts.get('kernel')}, {facts.get('python')}"),
        ("Server engine", record.engine),
        ("Server and generator", "each on a CPU of its own" if record.capabilities.get("cpu_affinity")
         else "shared the CPUs: pinning them is not possible here"),
        ("Between them", "loopback" if record.link.kind == "none" else f"{record.link.words} ({record.link.kind})"),
        *([] if record.behind == "direct" else [("Before the server", f"nginx {record.packages.get('nginx', '')}")]),
        *generator_rows(record),
        ("Lacking here", " ".join(doctor.lacking(record.capabilities)) or "nothing"),
        ("Load before", "not measured here" if loads is None else f"{loads:.2f} processes waiting to run, on average"),
        ("Code", f"version {record.version}, commit {commit}"),
        ("Measured", record.created.replace("T", " ").replace("Z", " UTC")),
    ]  # fmt: skip
