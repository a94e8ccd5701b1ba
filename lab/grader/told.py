"""A report in a teacher's words: on a terminal, and as a picture."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from lab.grader.exercise import Exercise
from lab.grader.marking import Marked, Report
from lab.grader.story import drawn, in_lines

SIGNS = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: "[yellow]?[/yellow]"}
VERDICTS = {True: "passed", False: "not yet", None: "inconclusive"}


def show(console: Console, exercise: Exercise, report: Report, picture: Path | None) -> None:
    console.print(f"[bold]{exercise.name}[/bold]  {exercise.described.title}", highlight=False)
    for marked in report.checks:
        console.print(f"  {SIGNS[marked.passed]} {escape(marked.title)}", highlight=False)
    first = first_bad(report)
    if first:
        console.print()
        explain(console, first, picture)
    passed = sum(marked.passed is True for marked in report.checks)
    console.print(
        f"\n{passed} of {len(report.checks)} checks passed in {report.took_s:.1f} s: "
        f"[bold]{VERDICTS[report.passed]}[/bold].", highlight=False,
    )  # fmt: skip


def explain(console: Console, marked: Marked, picture: Path | None) -> None:
    """The first thing that is wrong: one is enough to go on with."""
    rows = [("expected", marked.expected), ("seen", marked.seen), ("why", marked.why), ("next", marked.next)]
    for name, text in rows:
        if text:
            console.print(f"  [bold]{name:<9}[/bold] {escape(text)}", highlight=False)
    if marked.steps:
        console.print()
        for line in in_lines(marked.steps):
            console.print(f"  [dim]{escape(line)}[/dim]", highlight=False, soft_wrap=True)
    if picture:
        console.print(f"\n  As a picture: {picture}", highlight=False, soft_wrap=True)


def first_bad(report: Report) -> Marked | None:
    return next((marked for marked in report.checks if marked.passed is not True), None)


def draw(report: Report, file: Path) -> Path | None:
    """Write the picture of the first bad moment, if there was one."""
    first = first_bad(report)
    if first is None or not first.steps:
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(drawn(first.steps, first.title), encoding="utf-8")
    return file
