"""A rehearsal: what will work in class on this machine. Each thing is tried as the class would use it.

python -m lab.rehearsal
"""

import http.client
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from msgspec import Struct
from rich import box
from rich.console import Console
from rich.table import Table

from lab import compare, doctor, report, slides
from lab.answers import BAD_USE, DONE, FAILED
from lab.errors import BadUse
from lab.grader.exercise import ROOT, every
from lab.grader.faults import Unsure
from lab.grader.marking import mark
from lab.grader.ours import Ours
from lab.progress import Progress

DECK, TO = ROOT / "instructor/slides/part-1.md", ROOT / "build/slides/part-1.html"
LESSONS = {  # what doctor must find for them, and what to show where it does not
    "10, Redis": (("redis_server",), "Show the page: it has what one sees."),
    "11, a browser": (("chromium",), "Show results/reference/hijack/report.html."),
    "12, a proxy": (("nginx", "openssl"), "Show results/reference/proxies/report.html."),
    "13, packets": (("tshark",), "Show lessons/captures, or open the capture in Wireshark."),
}
SIGNS = {True: "[green]yes[/]", False: "[red]no[/]", None: "[yellow]with care[/]"}


class Tried(Struct, frozen=True):
    """One thing, whether it works here (None: it does, but), and what to know of it."""

    what: str
    works: bool | None
    told: str


def measuring() -> Tried:
    lacking = doctor.lacking(doctor.present())
    return Tried("lab doctor", not lacking or None, " ".join(lacking) or "All that a measurement uses is here.")


def exercise() -> Tried:
    """A check is worth something where the solution passes it and the starter does not."""
    one = every()[0]
    solution, starter = mark(one, ROOT / "instructor" / one.name / "solution"), mark(one, one.starter)
    if solution.passed and starter.passed is False:
        told = f"The solution passes in {solution.took_s:.1f} s, the starter does not."
        return Tried(f"exercise {one.name}", True, told)
    said = next((marked.seen for marked in solution.checks if not marked.passed), "The starter passes too.")
    return Tried(f"exercise {one.name}", None if solution.passed is None else False, said)


def comparison() -> Tried:
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as where:
        options = compare.Options(quick=True, out=Path(where))
        rows = report.build(compare.compare(options, Progress(Console(stderr=True))).folder).cells
    reasons = [f"{row.title}: {reason}." for row in rows for reason in row.verdict.reasons]
    if not all(row.runs for row in rows):
        return Tried("make compare", False, " ".join(reasons) or "Nothing was measured.")
    good = all(row.verdict.valid for row in rows) or None
    return Tried("make compare", good, reasons[0] if reasons else f"{len(rows)} rows, and each is valid.")


def live() -> Tried:
    ours = Ours("all")
    try:
        connection = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=10)
        connection.request("GET", "/")
        status = connection.getresponse().status
        connection.close()
    finally:
        ours.close()
    return Tried("make live", status == 200, f"Its page is answered {status}.")


def opening() -> Tried:
    try:
        webbrowser.get()
    except webbrowser.Error:
        return Tried("a browser opens", None, "None that Python knows: open the addresses yourself.")
    return Tried("a browser opens", True, "By itself, from make live.")


def deck() -> Tried:
    return Tried("slides", True, f"{slides.build(DECK, TO)} of them: open {TO.relative_to(ROOT)}.")


def lesson(name: str) -> Tried:
    needed, instead = LESSONS[name]
    here = doctor.present()
    missing = [one.replace("_", "-") for one in needed if not here[one]]
    told = f"No {missing[0]} here. {instead}" if missing else "What it needs is here."
    return Tried(f"lesson {name}", not missing or None, told)


def tried() -> Iterator[Tried]:
    """Each thing in turn; what goes wrong in one is its answer, and the others are tried."""
    steps: list[tuple[str, Callable[[], Tried]]] = [
        ("lab doctor", measuring), ("exercise", exercise), ("make live", live), ("a browser opens", opening),
        ("slides", deck), ("make compare", comparison),
        *((f"lesson {name}", partial(lesson, name)) for name in LESSONS),
    ]  # fmt: skip
    for name, step in steps:
        print(f"rehearsing: {name}", file=sys.stderr)
        try:
            yield step()
        except (BadUse, Unsure, OSError, http.client.HTTPException) as error:
            yield Tried(name, False, str(error))


def main() -> int:
    """Print the table. 0: the class can come; 1: something does not work."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("in class", "works", "know this"):
        table.add_column(heading, overflow="fold")
    found = list(tried())
    for one in found:
        table.add_row(one.what, SIGNS[one.works], one.told)
    Console().print(table)
    return FAILED if any(one.works is False for one in found) else DONE


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("rehearsal: Interrupted.", file=sys.stderr)
        sys.exit(BAD_USE)
