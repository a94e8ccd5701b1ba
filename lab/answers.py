"""What a command prints when it is done, and the exit code that goes with it. Slow imports are inside, as in cli.py."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from lab.doctor import Capability
    from lab.summary import Summary

DONE, FAILED, BAD_USE = 0, 1, 2
DEMONSTRATIONS = ("browser", "hijack", "debugging", "headers", "proxies")  # known without importing them
CONTROLS_TIME = 420.0  # seconds that they take, about


def tell(folder: Path, json: bool, cut_short: str = "") -> int:
    """Build the report and say what it says. Returns the exit code."""
    from lab import report
    from lab.summary import failed_checks

    summary = report.build(folder)
    if json:
        typer.echo((folder / "summary.json").read_text(encoding="utf-8"))
    else:
        print_summary(summary, folder)
    failed = failed_checks(summary)
    for sentence in failed:
        print(f"lab: {sentence}", file=sys.stderr)
    if cut_short:
        print(f"lab: {cut_short} The report shows what was measured until then.", file=sys.stderr)
    return FAILED if failed else BAD_USE if cut_short or conclusive(summary) is False else DONE


def tell_crowd(source: Path, clients: int, rate: float, json: bool) -> int:
    """Say what so many clients would need, by the model. Returns the exit code."""
    import msgspec
    from rich.console import Console

    from lab.model import million, paper

    machine, memory, where = million.recorded(source)
    crowd = million.Crowd(clients=clients, rate_per_s=rate)
    needs, told = million.needs(crowd, machine, memory), paper.assumed(crowd, machine, memory, where)
    if json:
        found = {"assumed": told, "crowd": crowd, "needs": needs}
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=1).decode())
    else:
        paper.show(Console(), crowd, needs, told)
    return DONE


def tell_controls(folder: Path, json: bool) -> int:
    """Judge the controls in a folder anew and say what they say. Returns the exit code."""
    from lab import controls

    found = controls.write(folder)
    if json:
        typer.echo((folder / controls.NAME).read_text(encoding="utf-8"))
    else:
        for control in found:
            typer.echo(f"{control.question} {controls.WORDS[control.passed]}: {control.reason}.")
        typer.echo(f"\nThe report: {folder / 'report.html'}")
    passed = [control.passed for control in found]
    return FAILED if False in passed else BAD_USE if None in passed else DONE


def tell_faults(folder: Path, json: bool) -> int:
    """Judge the histories in a folder anew and say what they say. Returns the exit code."""
    from lab.faults import experiment, results

    found = experiment.write(folder)
    if json:
        typer.echo((folder / results.NAME).read_text(encoding="utf-8"))
    else:
        for part in found.parts:
            said = experiment.WORDS[part.verdict.valid] if part.verdict else part.note
            typer.echo(f"{part.title}: {'; '.join([said, *(part.verdict.reasons if part.verdict else ())])}")
            if part.verdict and part.verdict.first and part.verdict.offender:
                typer.echo(f"  {part.verdict.first.kind}: {part.verdict.first.why}; {part.verdict.offender.words}")
        typer.echo(f"{experiment.sentence(found)}\n\nThe report: {folder / 'report.html'}")
    return FAILED if found.valid is False else BAD_USE if found.valid is None else DONE


def tell_demonstration(folder: Path, json: bool) -> int:
    """Make the page of a demonstration anew and say what it says. Returns the exit code."""
    from lab import observations
    from lab.demonstrations import experiment

    found = experiment.write(folder)
    if json:
        typer.echo((folder / observations.NAME).read_text(encoding="utf-8"))
    else:
        typer.echo(f"{experiment.ALL[found.name].show(found).sentence}\n\nThe report: {folder / 'report.html'}")
    return DONE


def tell_any(folder: Path, json: bool) -> int:
    """Whatever kind of run the folder holds. Returns the exit code."""
    from lab import controls, observations
    from lab.faults import results
    from lab.live.lesson import record
    from lab.live.lesson.report import tell as tell_class

    kinds = (
        (observations.are_in, tell_demonstration),
        (record.is_in, tell_class),
        (results.are_in, tell_faults),
        (controls.are_in, tell_controls),
    )
    told = next((told for is_in, told in kinds if is_in(folder)), tell)
    return told(folder, json)


def conclusive(summary: "Summary") -> bool:
    """Whether there is a row to rely on."""
    return any(row.runs and row.verdict.valid is not False for row in summary.cells)


def print_summary(summary: "Summary", folder: Path) -> None:
    from rich.console import Console

    from lab import manifest, report, table

    console = Console()
    sweep = report.sweep_of(manifest.read(folder))
    if sweep is None:
        table.show(console, summary)
    else:
        table.show_experiment(console, sweep, summary)
    latest = folder.parent / "latest"
    shown = latest if latest.exists() and latest.resolve() == folder.resolve() else folder
    console.print(f"\nThe report: {shown / 'report.html'}", highlight=False, soft_wrap=True)


def tell_experiments() -> None:
    """A table of what there is."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from lab import experiments, sweep
    from lab.demonstrations.experiment import ALL
    from lab.faults.experiment import QUESTION as FAULTS_QUESTION
    from lab.faults.plan import EXPECTED
    from lab.progress import duration

    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("experiment", "what it asks", "takes about"):
        table.add_column(heading)
    table.add_row("controls", "Would the instrument notice?", duration(CONTROLS_TIME))
    table.add_row("faults", FAULTS_QUESTION, duration(EXPECTED["long"]))
    for one in ALL.values():
        table.add_row(one.name, one.question, duration(one.takes))
    for name in sweep.known():
        found = sweep.load(name)
        table.add_row(name, found.question, duration(experiments.takes(found)))
    Console().print(table)


def tell_capabilities(found: "Sequence[Capability]") -> None:
    """A table, and a sentence on each that is missing."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("what a measurement uses", "here", "what was found"):
        table.add_column(heading, overflow="fold")
    for capability in found:
        answer = "[green]yes[/]" if capability.present else "[yellow]no[/]"
        table.add_row(capability.name.replace("_", " "), answer, capability.found)
    console = Console()
    console.print(table)
    for capability in found:
        if not capability.present:
            name = capability.name.replace("_", " ")
            console.print(f"[yellow]Without {name}[/]: {capability.without} {capability.mend}", highlight=False)
