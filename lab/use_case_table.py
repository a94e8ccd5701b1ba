"""The decision table: for each use case and way of delivery whether the objective is met, and at what price."""

from rich import box
from rich.table import Table
from rich.text import Text

from lab.stats import Estimate
from lab.summary import Summary
from lab.use_cases import UNITS, WORDS, Option, cases
from lab.wording import DASH, interval, text

ROOMY = 100  # characters in which a value and its interval fit beside each other; below, the interval stands beneath
STYLES = {True: "green", False: "bold red", None: "yellow"}
HEADINGS = {"ip_bytes_hour": "IP bytes\n[dim]kB/client·h[/]", "server_load": "server CPU\n[dim]% of one[/]"}


def table(summary: Summary, width: int) -> Table:
    """A line for each use case, and beneath it a row for each way; what nobody surely beats is bold."""
    made = Table(title="Who meets the objective, and at what price", title_justify="left", title_style="bold",
                 box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)  # fmt: skip
    made.add_column("", no_wrap=True)
    for heading in ("met", "wait\n[dim]ms[/]", *HEADINGS.values()):
        made.add_column(heading, justify="right", header_style="bold")
    beside = width >= ROOMY
    for case in cases(summary):
        made.add_row(Text(case.name, style="bold"), "", Text(case.objective, style="bold"), "", "")
        for option in case.options:
            made.add_row(f"  {option.row.cell.series}", met(option), value(option.wait, "", beside),
                         *(priced(option, key, beside) for key in HEADINGS))  # fmt: skip
        made.add_section()
    return made


def met(option: Option) -> Text:
    return Text(WORDS[option.decision.met], style=STYLES[option.decision.met])


def priced(option: Option, key: str, beside: bool) -> Text:
    """A price; bold where nobody who meets the objective is surely cheaper."""
    kind = "share" if UNITS[key] == "share" else ""
    found = value(option.row[key], kind, beside)
    return Text.assemble(found, style="bold") if key in option.least else found


def value(estimate: Estimate, kind: str, beside: bool) -> Text:
    within = interval(estimate, kind).replace(" to ", f" {DASH} ")
    return Text(text(estimate, kind)) + Text(f"{'  ' if beside else chr(10)}{within}" if within else "", style="dim")
