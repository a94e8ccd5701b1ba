"""The result table, on a terminal as in the report: columns with their title, unit, values and intervals."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lab import wording
from lab.plan import shown
from lab.quantities import QUANTITIES
from lab.summary import CellSummary, Summary
from lab.sweep import Sweep

WIDE = 150  # characters that the whole table needs; below, it is shown in two
NARROW = 76  # characters that those two need; below, they are shown in four
UNITS = {quantity.key: quantity.unit for quantity in QUANTITIES}
COLOURS = {True: "green", False: "bold red", None: "yellow"}


class Column(NamedTuple):
    """A column: two lines of heading, and two lines of a row, the value and its interval."""

    title: str
    unit: str
    of: Callable[[CellSummary], tuple[str, str]]


def measure(key: str, title: str, unit: str) -> Column:
    """A quantity's column; its unit stands in the heading, but for shares."""

    def both(row: CellSummary) -> tuple[str, str]:
        estimate, kind = row[key], "share" if UNITS[key] == "share" else ""
        return wording.text(estimate, kind), wording.interval(estimate, kind).replace(" to ", f" {wording.DASH} ")

    return Column(title, unit, both)


def counted(row: CellSummary) -> tuple[str, str]:
    counts = row.counts
    if not row.runs:
        return wording.DASH, ""
    return f"{counts['lost']} / {counts['duplicates']} / {counts['reordered']}", f"of {counts['expected']:,}"


def verdict(row: CellSummary) -> tuple[str, str]:
    return wording.verdict(row), ""


TIMES = [
    measure("latency_p50", "p50", "ms"),
    measure("latency_p95", "p95", "ms"),
    measure("latency_p99", "p99", "ms"),
]
CHECKS = [Column("lost / twice / out of order", "", counted), Column("verdict", "", verdict)]
COSTS = [
    measure("payload_bytes", "payload", "B"),
    measure("socket_bytes", "socket", "B"),
    measure("ip_bytes", "IP", "B"),
    measure("requests", "requests", "number"),
    measure("empty_polls", "empty polls", "% of polls"),
    measure("server_cpu", "server CPU", "µs"),
]
FLOOR = [TIMES[0], COSTS[2], COSTS[-1]]  # what the report shows beside the null server's


def show(console: Console, summary: Summary) -> None:
    """Print the table, a sentence for each row, and what its numbers mean."""
    for title, columns in groups(console.width):
        console.print(table(title, summary, columns))
    for line in filter(None, [*meaning(summary), wording.floor(summary)]):
        console.print(Text(line, style="dim"))
    console.print()
    for row in summary.cells:
        console.print(wording.sentence(row, summary), highlight=False)
    for reason in wording.reasons(summary):
        console.print(Text(reason, style="yellow"))
    for notice in summary.notices:
        console.print(Text(notice, style="yellow"))


def groups(width: int) -> list[tuple[str, list[Column]]]:
    """The tables that fit into so many characters: a title and the columns of each."""
    latency, costs = (
        "Delivery latency: from the moment a message is due to its arrival",
        "What each delivered message costs",
    )
    if width >= WIDE:
        return [("Delivery latency, and what each delivered message costs", TIMES + COSTS + CHECKS)]
    if width >= NARROW:
        return [(latency, TIMES + CHECKS), (costs, COSTS)]
    return [
        (latency, TIMES),
        (costs, COSTS[:3]),
        ("And in requests and time", COSTS[3:]),
        ("How far they can be relied on", CHECKS),
    ]


def table(title: str, summary: Summary, columns: Sequence[Column]) -> Table:
    made = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    made.add_column("", no_wrap=True)
    for column in columns:
        made.add_column(f"{column.title}\n[dim]{column.unit}[/]", justify="right", header_style="bold")
    for row in summary.cells:
        made.add_row(row.title, *(cell(row, column) for column in columns))
    return made


def cell(row: CellSummary, column: Column) -> Text:
    """A row's value with its interval below; a row that is not valid in red, throughout."""
    value, interval = column.of(row)
    style = COLOURS[row.verdict.valid] if column.title == "verdict" or row.verdict.valid is False else ""
    return Text(value, style=style) + Text(f"\n{interval}" if interval else "", style="dim")


def meaning(summary: Summary) -> list[str]:
    """What the numbers are, in lines below the table."""
    rows = [row for row in summary.cells if row.runs]
    fewest = min((row.runs for row in rows), default=0)
    lines = ["p50, p95, p99: half, 95 and 99 of 100 deliveries took no longer than this."]
    if fewest < 2:
        few = "One run of each" if summary.repeats < 2 else "One run of some rows"
        lines.append(f"{few}: no intervals there. Below two runs nobody knows how much another would differ.")
    else:
        how = "a t interval on the logarithms" if fewest < 10 else "a bootstrap over the runs"
        wide = "; from so few runs they are wide" if fewest < 5 else ""
        lines.append(f"Below each value its 95 % interval, from {fewest} runs by {how}{wide}.")
    refused = {row["latency_p99"].note for row in rows if row["latency_p99"].value is None}
    lines += [f"No p99: {note}." for note in sorted(refused)]
    return lines


def show_experiment(console: Console, sweep: Sweep, summary: Summary) -> None:
    """Print each chart's numbers, a column for each transport, and what they say; of use cases, who meets which."""
    from lab import reading, use_case_table, use_cases

    if summary.decisions:
        console.print(use_case_table.table(summary, console.width))
        said = [*use_cases.told(summary), *reading.caveats(summary)]
    else:
        charts(console, sweep, summary)
        said = [reading.paragraph(sweep, summary)]
    for line in meaning(summary):
        console.print(Text(line, style="dim"))
    console.print()
    for paragraph in said:
        console.print(paragraph, highlight=False)
    for reason in wording.reasons(summary):
        console.print(Text(reason, style="yellow"))
    for notice in summary.notices:
        console.print(Text(notice, style="yellow"))


def charts(console: Console, sweep: Sweep, summary: Summary) -> None:
    """Each chart's numbers: a row for each level."""
    from lab import curves
    from lab.scales import NAMES

    lines = curves.series(summary) if sweep.varies else {"": list(summary.cells)}
    for key in dict.fromkeys(key for chart in sweep.charts for key in chart.keys):
        quantity = NAMES[key]
        made = Table(title=f"{quantity.title}, {quantity.unit}", title_justify="left", title_style="bold",
                     box=box.SIMPLE_HEAD, pad_edge=False)  # fmt: skip
        made.add_column(sweep.axis, min_width=12)
        for name in lines:
            made.add_column(name, justify="right", header_style="bold")
        column = measure(key, quantity.title, quantity.unit)
        if not sweep.varies:
            for row in summary.cells:
                made.add_row(row.title, cell(row, column))
        for level in curves.levels(summary):
            at = [next((row for row in rows if row.cell.level == level), None) for rows in lines.values()]
            made.add_row(shown(level), *("" if row is None else cell(row, column) for row in at))
        console.print(made)
