"""On a terminal: what was recorded of a claim beside what was measured of it here, row by row."""

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from lab.claims.fresh import Agreement, Repetition
from lab.claims.intervals import told
from lab.claims.judging import Claim
from lab.claims.table import verdict
from lab.wording import count

MARKS = {True: Text("yes", style="green"), False: Text("no", style="red"), None: Text("open", style="yellow")}
SAME = {True: "The verdict is the same.", False: "The verdict is another.", None: "One of the two verdicts is open."}


def show(console: Console, claim: Claim, found: Repetition) -> None:
    """Print every row, how many agree, and both verdicts."""
    console.print(Text(f"{claim.id}  {claim.statement}", style="bold"))
    for experiment in dict.fromkeys(row.experiment for row in found.rows):
        console.print(rows(experiment, [row for row in found.rows if row.experiment == experiment]))
    console.print(summed_up(found.rows, "figure"), highlight=False)
    if found.decided:
        console.print(rows("What was put to the test", found.decided))
        console.print(summed_up(found.decided, "comparison"), highlight=False)
    for label, one in (("recorded", found.recorded), ("here", found.here)):
        console.print(Text(f"{label}: ", style="dim") + verdict(one) + Text(f"  {one.sentence}"))
    for name, folder in found.folders.items():
        console.print(Text(f"{name}, measured here: {folder}", style="dim"))
    console.print(Text(SAME[found.same], style={True: "green", False: "bold red", None: "yellow"}[found.same]))


def rows(experiment: str, shown: list[Agreement]) -> Table:
    table = Table(title=experiment, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("row", "quantity", "recorded", "here"):
        table.add_column(heading)
    table.add_column("agrees", no_wrap=True)
    for row in shown:
        unit = "share" if row.unit == "share" else ""  # all others stand beside the quantity
        quantity = ", ".join(filter(None, (row.what.replace("_", " "), row.unit)))
        table.add_row(escape(row.where), quantity, told(row.recorded, unit), told(row.here, unit), MARKS[row.agrees])
    return table


def summed_up(rows: Sequence[Agreement], noun: str) -> str:
    """`17 of 20 figures agree within both intervals, 2 do not, of 1 nobody can say.`"""
    if not rows:
        return f"There is no {noun} to hold against another."
    number_of = Counter(row.agrees for row in rows)
    parts = [f"{number_of[True]} of {count(len(rows), noun)} agree within both intervals"]
    parts += [f"{n} do{'es' if n == 1 else ''} not" for n in [number_of[False]] if n]
    parts += [f"of {n} nobody can say" for n in [number_of[None]] if n]
    return f"{', '.join(parts)}."
