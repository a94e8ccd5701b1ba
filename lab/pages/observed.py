"""On a page, what was looked at and not measured under load: demonstrations, runs of faults, a search for the capacity.

What a report calls a thing is written in small letters with hyphens: `what-it-does-to-each-transport`.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from markupsafe import Markup
from msgspec import structs

from lab import capacity as search
from lab import manifest, observations, report, wording
from lab.demonstrations import cells, experiment
from lab.demonstrations.notes import YES_OR_NO, Shown
from lab.errors import BadUse
from lab.faults import experiment as faulty
from lab.faults import results
from lab.observations import Observations
from lab.pages import recorded
from lab.pages.refusal import BadPage
from lab.stats import Estimate

KEPT = {True: "kept", False: "broken", None: "nobody can say"}
EACH = " per transfer"  # which a sentence says itself
SHORT = 0.1  # s, below which it is told in ms
TIMELINE = (
    "For each store: what was done to it, when; and below, the messages that readers were shown, per second. A mark in "
    "the lane of gaps is a reader who was told that something is gone."
)


def seen(run: str, what: str, where: str) -> str:
    """What was seen of something at one place: yes or no, or the median of the repeats with its unit."""
    found = read(run)
    places = [one for one in found.seen if hyphened(one.what) == what]
    if not places:
        raise BadPage(f"{run} saw no {what!r}: it saw {listed(one.what for one in found.seen)}.")
    for one in places:
        if hyphened(one.where) == where:
            yes_or_no = one.unit == YES_OR_NO
            return cells.answer(found, one.what, one.where) if yes_or_no else said(one.estimate, one.unit)
    raise BadPage(f"{run} saw {what} not of {where!r}: it saw it of {listed(one.where for one in places)}.")


def said(estimate: Estimate, unit: str) -> str:
    """`721 B` for each transfer, `2.90 s`, and of little time `3.53 ms`."""
    if unit == "s" and estimate.value is not None and estimate.value < SHORT:
        return wording.text(structs.replace(estimate, value=1_000 * estimate.value), "ms")
    return wording.text(estimate, unit.removesuffix(EACH))


def observed(run: str, table: str = "") -> str:
    """A table of a demonstration's report; without a name its picture."""
    what = shown(run)
    if not table:
        if not what.picture:
            raise BadPage(f"{run} has no picture: it has {listed(one.title for one in what.tables)}.")
        drawn = report.inlined(what.picture, f"{run}-picture", read(run).title)
        return f"<figure>\n{drawn}\n<figcaption>{what.caption}</figcaption>\n{from_(run)}\n</figure>"
    tables = {hyphened(one.title): one for one in what.tables}
    if table not in tables:
        raise BadPage(f"{run} has no table {table!r}: it has {', '.join(tables)}.")
    rows = report.template("observed.html").render(table=tables[table])
    return f'<div class="observed">\n<p><strong>{tables[table].title}</strong></p>\n{rows}{from_(run)}\n</div>'


def faults(run: str) -> str:
    """What became of each store's promise in a run of faults."""
    found, _ = results.judge(broken(run))
    return report.template("promises.html").render(
        results=found, sentence=faulty.sentence(found), kept=KEPT, origin=Markup(made_by(run))
    )


def timeline(run: str) -> str:
    """What was done in a run of faults, and what was delivered, over time."""
    drawing = (broken(run) / "figures" / "timeline.svg").read_text(encoding="utf-8")
    drawn = report.inlined(drawing, f"{run}-timeline", "What was done, and what was delivered")
    return f"<figure>\n{drawn}\n<figcaption>{TIMELINE}</figcaption>\n{made_by(run)}\n</figure>"


def capacity(run: str) -> str:
    """How many clients of each transport met an objective, and what stood in the way of more."""
    found = recorded.read(run).capacity
    if not found:
        raise BadPage(f"{run} is no search for a capacity.")
    rows = [
        f"| {one.series} | {'' if search.of_the_server(one.limit) else 'at least '}{one.clients:,} "
        f"| {one.limit.rstrip('.').partition(': ')[0]} |"
        for one in found
    ]
    head = [f"| | clients that meet {found[0].objective} | what stood in the way of more |", "| --- | --- | --- |"]
    return "\n".join(["", *head, *rows, "", f'<p class="from">{recorded.origin(run)}</p>', ""])


def broken(run: str) -> Path:
    """The folder of a run of faults."""
    where = recorded.REFERENCE / run
    if not results.are_in(where):
        raise BadPage(f"There are no faults {run!r} in results/reference.")
    return where


def made_by(run: str) -> str:
    command = manifest.read(broken(run)).command
    return f'<p class="from">From the recorded run <code>results/reference/{run}</code>: <code>{command}</code>.</p>'


def read(run: str) -> Observations:
    try:
        return observations.read(recorded.REFERENCE / run)
    except BadUse:
        raise BadPage(f"{run} is no demonstration that is recorded in results/reference.") from None


@cache
def shown(run: str) -> Shown:
    """What its report shows."""
    found = read(run)
    return experiment.ALL[found.name].show(found)


def hyphened(text: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-")


def listed(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(hyphened(name) for name in names))


def from_(run: str) -> str:
    found = read(run)
    times = max(len(one.values) for one in found.seen)
    looked = "once" if times == 1 else f"{times} times"
    return f'<p class="from">From the recorded run <code>results/reference/{run}</code>: looked at {looked}.</p>'
