"""Claims and their verdicts on a terminal: the table of all, and one of them explained."""

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from lab.claims.cases import Case, Trial
from lab.claims.evidence import Evidence, Missing
from lab.claims.judging import Claim, Judgement
from lab.manifest import NAME as MANIFEST
from lab.wording import count

WIDE = 110  # characters that five columns need; below, what is said stands in one
COLOURS = {"holds": "green", "holds when": "cyan", "fails": "red", "undecided": "yellow"}
MARKS = {True: Text("yes", style="green"), False: Text("no", style="red"), None: Text("open", style="yellow")}
PARTS = {"C": "What the introductory article claims", "L": "What the literature claims"}
Judged = Sequence[tuple[Claim, Judgement]]


def show(console: Console, judged: Judged, where: str) -> None:
    """Print every verdict with what it rests on."""
    for letter, title in PARTS.items():
        rows = [(claim, found) for claim, found in judged if claim.id.startswith(letter)]
        if rows:
            console.print(wide(title, rows) if console.width >= WIDE else narrow(title, rows))
    counts = [f"[{COLOURS[word]}]{said}[/]" for word, said in tally(judged).items()]
    console.print(f"Of {count(len(judged), 'claim')} {', '.join(counts)}.", highlight=False)
    console.print(Text(f"Where to look: a run's folder in {where}. One claim explained: lab claims C4. "
                       "Measured again here: lab claims --fresh C4.", style="dim"))  # fmt: skip


def tally(judged: Judged) -> dict[str, str]:
    """`3 hold when`: of each verdict that there is, how many claims have it."""
    counts = {word: sum(found.verdict == word for _, found in judged) for word in COLOURS}
    return {word: f"{n} {plural(word, n)}" for word, n in counts.items() if n}


def plural(word: str, n: int) -> str:
    """`3 hold when`: a verdict as a verb."""
    if word == "undecided":
        return "is undecided" if n == 1 else "are undecided"
    return word if n == 1 else word.replace("holds", "hold").replace("fails", "fail")


def wide(title: str, rows: Judged) -> Table:
    table = ruled(title)
    table.add_column("", style="bold")
    table.add_column("claim", ratio=3)
    table.add_column("verdict", no_wrap=True, min_width=10)
    table.add_column("what was measured", ratio=6)
    table.add_column("where to look", ratio=2)
    for claim, found in rows:
        table.add_row(claim.id, claim.statement, verdict(found), escape(found.brief), Text(look(claim), style="dim"))
    return table


def narrow(title: str, rows: Judged) -> Table:
    table = ruled(title)
    table.add_column("", style="bold")
    table.add_column("verdict", no_wrap=True, min_width=10)
    table.add_column("claim, what was measured, where to look", ratio=1)
    for claim, found in rows:
        said = Text(claim.statement, style="bold") + Text(f"\n{found.brief}", style="not bold")
        table.add_row(claim.id, verdict(found), said + Text(f"\n{look(claim)}", style="not bold dim"))
    return table


def ruled(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False,
                 show_lines=True, expand=True)  # fmt: skip


def verdict(found: Judgement) -> Text:
    return Text(found.verdict, style=f"bold {COLOURS[found.verdict]}")


def look(claim: Claim) -> str:
    return ", ".join(claim.experiments)


def explain(console: Console, claim: Claim, found: Judgement, evidence: Evidence) -> None:
    """Print one claim: who says it, when it would hold, every case, and the runs that it rests on."""
    console.print(Text(f"{claim.id}  ", style="bold") + verdict(found) + Text(f"  {claim.statement}", style="bold"))
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row("from", f"{claim.source.words}. {claim.source.quoted}")
    grid.add_row("it holds if", claim.means)
    grid.add_row("because", claim.because)
    for head, said in headed(found):
        grid.add_row(head, escape("\n".join(said)))
    console.print(grid, highlight=False)
    for trial in found.trials:
        if any(case.said for case in trial.cases):
            console.print(cases(trial))
    for name in claim.experiments:
        first, *more = origin(name, evidence)
        console.print(Text(first) + Text("".join(f"\n  {line}" for line in more), style="dim"))


def headed(found: Judgement, whole: bool = True) -> list[tuple[str, list[str]]]:
    """What there is to say of a verdict, under heads; or no more than what decided."""
    lines = found.lines
    parts = [
        ("so it holds", lines.where, []),
        ("nobody can say", lines.doubts, []),
        ("measured", lines.measured, lines.more),
        ("at other limits", lines.flips, lines.same),
        ("in doubt", [], lines.unsure),
    ]
    return [(head, said) for head, first, more in parts if (said := first + more * whole)]


def cases(trial: Trial) -> Table:
    title = ", ".join(filter(None, (trial.title, trial.about)))
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False,
                  expand=True)  # fmt: skip
    table.add_column("where", ratio=2)
    table.add_column("what was seen, with 95 % intervals", ratio=3)
    table.add_column("so", no_wrap=True)
    for case in trial.cases:
        table.add_row(trial.place(case), seen(case), MARKS[case.true])
    return table


def seen(case: Case) -> Text:
    """What was seen, and why it is open, where that does not say so already."""
    why = "" if case.why in case.said else f"; {case.why}" if case.said else case.why
    return Text(case.said) + Text(why, style="yellow")


def origin(name: str, evidence: Evidence) -> list[str]:
    """Where a run is; how, when and where it was made, and how noisy that was."""
    try:
        folder = evidence.folder(name)
        record: Any = evidence.manifest(name) if (folder / MANIFEST).exists() else evidence.observations(name)
    except Missing as error:
        return [f"{error}."]
    machine = record.machine
    memory = f"{machine['memory_bytes'] / 2**30:.0f} GiB" if machine.get("memory_bytes") else ""
    commit = f"commit {record.commit[:12]}{', changed since' if record.dirty else ''}" if record.commit else ""
    noise = [f"{key.replace('_', ' ')} {value:.2g}" for key, value in record.noise.items() if value is not None]
    cpus = f"{machine['cpus']} CPUs" if machine.get("cpus") else ""
    made = ", ".join(filter(None, (record.created, commit, str(machine.get("cpu") or ""), cpus, memory, *noise)))
    return [str(folder), record.command, made]
