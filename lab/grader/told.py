"""A report in a teacher's words: on a terminal, and as a picture."""

from pathlib import Path

from rich.console import Console
from rich.text import Text

from lab.grader.exercise import Exercise
from lab.grader.marking import Marked, Report
from lab.grader.story import drawn, in_lines

SIGNS = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: "[yellow]?[/yellow]"}
VERDICTS = {True: "passed", False: "not yet", None: "inconclusive"}
NARROWEST = 20  # columns that a text gets on the narrowest terminal


def show(console: Console, exercise: Exercise, report: Report, picture: Path | None) -> None:
    console.print(f"[bold]{exercise.name}[/bold]  {exercise.described.title}", highlight=False)
    for marked in report.checks:
        hang(console, f"  {SIGNS[marked.passed]} ", marked.title)
    if report.first_bad:
        console.print()
        explain(console, report, report.first_bad)
    if picture:
        console.print(f"\n  As a picture: {picture}", highlight=False, soft_wrap=True)
    console.print(
        f"\n{report.passes} of {len(report.checks)} checks passed in {report.took_s:.1f} s: "
        f"[bold]{VERDICTS[report.passed]}[/bold].", highlight=False,
    )  # fmt: skip


def explain(console: Console, report: Report, first: Marked) -> None:
    """What is wrong, one thing at a time: it is enough to go on with."""
    if more := len(report.checks) - report.passes - 1:
        others = f"{more} more did not: mend this one first, as they may come of it."
        hang(console, "  ", f"Explained here is the first that did not pass; {others}")
        console.print()
    for name, text in (("expected", first.expected), ("seen", first.seen), ("why", first.why), ("next", first.next)):
        if text:
            hang(console, f"  [bold]{name:<9}[/bold] ", text)
    if first.steps:
        console.print()
        for head, text in in_lines(first.steps):
            hang(console, f"  [dim]{head}[/dim]", text, "dim")


def hang(console: Console, label: str, text: str, style: str = "") -> None:
    """A text behind its label, wrapped at the terminal's width: what does not fit goes on under the text."""
    head = Text.from_markup(label)
    width = max(NARROWEST, console.width - head.cell_len)
    for line in Text(text, style).wrap(console, width, overflow="fold"):
        line.rstrip()
        console.print(Text.assemble(head, line), soft_wrap=True)
        head = Text(" " * head.cell_len)


def draw(report: Report, file: Path) -> Path | None:
    """Write the picture of the first bad moment, if there was one."""
    first = report.first_bad
    if first is None or not first.steps:
        return None
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(drawn(first.steps, first.title), encoding="utf-8")
    return file
