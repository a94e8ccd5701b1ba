"""The table of the exercises."""

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.table import Table

from lab.grader.exercise import every
from lab.grader.workplace import ANSWERS


def show(json: bool) -> None:
    if json:
        rows = [{"name": one.name, "core": one.described.core, "title": one.described.title} for one in every()]
        typer.echo(msgspec.json.format(msgspec.json.encode(rows), indent=1).decode())
        return
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("exercise", "what it asks", "lesson", "minutes", ""):
        table.add_column(heading, no_wrap=heading != "what it asks")
    for one in every():
        begun = "begun" if (ANSWERS / one.name).is_dir() else ""
        core = "core" if one.described.core else ""
        said = " ".join(filter(None, (core, begun)))
        number, _, _ = one.lesson.partition(" ")
        table.add_row(one.name, one.described.asks, number, str(one.described.minutes), said)
    Console().print(table)
    typer.echo("Begin with one: lab exercise start 1")
