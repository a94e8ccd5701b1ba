"""`lab exercise`: list, start, check, hint, grade. What is slow to import is imported inside."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from lab.answers import BAD_USE, DONE, FAILED
from lab.errors import BadUse
from lab.options import number

app = typer.Typer(no_args_is_help=True, help="Exercises that check themselves against your running program.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="An exercise's number or name, such as 3 or sse-resume.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")]
Student = Annotated[str, typer.Option(metavar="NAME", help="Whose numbers: each name has its own.")]
CODES = {True: DONE, False: FAILED, None: BAD_USE}


@app.command("list")
def list_(json: Json = False) -> None:
    """Show the exercises in the order of the lessons."""
    from lab.grader import listing

    listing.show(json)


@app.command()
def start(name: Name, student: Student = "") -> None:
    """Copy an exercise's starter to answers/, to work on."""
    from lab.grader import exercise, workplace

    found = exercise.find(name)
    folder = workplace.start(found, student)
    typer.echo(f"{folder / found.described.file} is yours. What to do: {found.folder / 'README.md'}")
    typer.echo(f"Then: .venv/bin/lab exercise check {int(found.name[:2])}")


@app.command()
def check(
    name: Name,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Your folder, if not answers/NAME.")
    ] = None,
    command: Annotated[
        str, typer.Option(metavar="COMMAND", help='What runs your program, such as "node server.js".')
    ] = "",
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever you save, until Ctrl-C.")] = False,
    student: Student = "",
    json: Json = False,
) -> None:
    """Start your program, drive it with real clients, and say what is right and what is wrong."""
    import msgspec
    from rich.console import Console

    from lab.grader import exercise, marking, told, workplace

    found = exercise.find(name)
    where = folder or workplace.ANSWERS / found.name
    if not where.is_dir():
        raise BadUse(f"There is no folder {where}: lab exercise start {int(found.name[:2])} makes it.")
    for _ in workplace.changes(where):
        report = marking.mark(found, where, shlex.split(command), workplace.seed(student))
        if json:
            typer.echo(msgspec.json.format(msgspec.json.encode(report), indent=1).decode())
        else:
            picture = told.draw(report, workplace.ANSWERS / ".pictures" / f"{found.name}.svg")
            told.show(Console(), found, report, picture)
        if not watch:
            raise typer.Exit(CODES[report.passed])


@app.command()
def hint(
    name: Name, level: Annotated[int | None, number(int, 1, 3, "N", "Which of the three; else the next.")] = None
) -> None:
    """Show the next of an exercise's three hints."""
    from lab.grader import exercise, workplace

    found = exercise.find(name)
    if given := workplace.hint(found, level):
        typer.echo(f"Hint {given[0]} of {len(found.hints)}: {given[1]}")
    else:
        typer.echo(f"There are {exercise.HINTS} hints, and you have had them all: --level 1 shows the first again.")
        typer.echo(f"More is in the lesson: lessons/{found.described.lesson}.md")


@app.command()
def grade(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder for each student, in it one for each answer.")
    ],
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the table as CSV too.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it as JUnit XML too.")] = None,
    jobs: Annotated[int | None, number(int, 1, 64, "N", "At a time; else one for each processor.")] = None,
    json: Json = False,
) -> None:
    """Grade a class.

    An interrupted grading goes on where it was, and what has not changed is not graded again. This is no sandbox:
    grade strangers in a container.
    """
    from lab.grader import classroom

    classroom.grade(folder, csv, junit, jobs, json)
