"""The README's result table, written from a recorded run between two markers."""

from pathlib import Path

from lab import wording
from lab.errors import BadUse
from lab.stats import Estimate
from lab.summary import CellSummary, Summary
from lab.summary import read as read_summary
from loadtests.records import TRANSPORTS

BEGIN, END = "<!-- table:begin -->", "<!-- table:end -->"
PICK = {
    "short-polling": "news may be as old as the interval, and a plain request is all you have",
    "long-polling": "news must come at once through anything that speaks HTTP",
    "sse": "the server talks and the client mostly listens",
    "websocket": "both sides talk, often",
}
COLUMNS = {"latency_p50": "delivery latency p50", "ip_bytes": "IP bytes per message",
           "requests": "requests per message", "server_cpu": "server CPU per message"}  # fmt: skip
UNITS = {"latency_p50": "ms", "ip_bytes": "B", "requests": "", "server_cpu": "µs"}


def update(readme: Path, run: Path) -> None:
    """Put the run's table between the markers. BadUse when a file or a marker is missing."""
    try:
        text = readme.read_text(encoding="utf-8")
    except OSError as error:
        raise BadUse(f"{readme} cannot be read ({error.strerror}): name a README that is there.") from None
    summary = recorded(run)
    if not (BEGIN in text and END in text.partition(BEGIN)[2]):
        raise BadUse(f"{readme} has no {BEGIN} … {END}: add the two lines where the table belongs.")
    readme.write_text(with_table(text, summary), encoding="utf-8", newline="\n")


def recorded(run: Path) -> Summary:
    try:
        return read_summary(run)
    except (OSError, ValueError):
        raise BadUse(
            f"{run} holds no readable summary.json: name a run's folder, or run `.venv/bin/lab report` on it."
        ) from None


def with_table(text: str, summary: Summary) -> str:
    """The text with the table between its markers, which it must have."""
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n{markdown(summary)}\n{END}{after}"


def markdown(summary: Summary, interval: str = " ({})") -> str:
    """Four rows: of the short-polling intervals, the first. `interval` is what is put behind a value."""
    lines = [f"| Transport | {' | '.join(COLUMNS.values())} | pick it when |", "| --- " * 6 + "|"]
    for transport in TRANSPORTS:
        row = next((row for row in summary.cells if row.cell.transport == transport), None)
        if row is not None:
            cells = " | ".join(shown(row, key, interval) for key in COLUMNS)
            lines.append(f"| {row.title} | {cells} | {PICK[transport]} |")
    return "\n".join(lines)


def shown(row: CellSummary, key: str, interval: str) -> str:
    """A value with its unit and interval; in brackets where it is not valid."""
    estimate: Estimate = row[key]
    value = wording.text(estimate, UNITS[key])
    within = wording.interval(estimate)
    text = value + interval.format(within) if within else value
    return text if row.verdict.of([key]).valid is not False else f"[not valid: {text}]"
