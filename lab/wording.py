"""Figures as people read them: numbers with their units, and a sentence for each row."""

from lab.manifest import Verdict
from lab.numbers import number, percent
from lab.stats import Estimate, detectable
from lab.summary import CellSummary, Summary

DASH = "\N{EN DASH}"


def text(estimate: Estimate, unit: str) -> str:
    """The value with its unit; a dash where there is none."""
    if estimate.value is None:
        return DASH
    return percent(estimate.value) if unit == "share" else with_unit(number(estimate.value), unit)


def with_unit(value: str, unit: str) -> str:
    return f"{value} {unit}" if unit else value


def interval(estimate: Estimate, unit: str = "") -> str:
    """`490 to 540`; nothing where there is no interval, or nothing in it but the value."""
    if estimate.low is None or estimate.high is None or estimate.low == estimate.high:
        return ""
    if unit == "share":
        return f"{percent(estimate.low).removesuffix(' %')} to {percent(min(1.0, estimate.high))}"
    return with_unit(f"{number(estimate.low)} to {number(estimate.high)}", unit)


def floor(summary: Summary) -> str:
    """What a server that does nothing but answer shows; nothing where that was not measured."""
    found = [
        f"{row.cell.series} {text(row['latency_p50'], 'ms')}, {text(row['ip_bytes'], 'B')}" for row in summary.floor
    ]
    return f"Floor (p50 and IP bytes of the null server, subtracted nowhere): {'; '.join(found)}." if found else ""


def count(number_of: int, noun: str) -> str:
    """`1 run`, `15 runs`."""
    return f"{number_of:,} {noun}{'' if number_of == 1 else 's'}"


def ways(summary: Summary) -> str:
    """`four ways`: how many transports there are, not how many rows."""
    number_of = len({row.cell.transport for row in summary.cells})
    return ("one way", "two ways", "three ways", "four ways")[number_of - 1]


def verdict(row: CellSummary) -> str:
    """The row's verdict in a word or two."""
    return valid(row.verdict) if row.runs else "not measured"


def valid(verdict: Verdict) -> str:
    word = {True: "valid", False: "NOT VALID", None: "unsure"}[verdict.valid]
    return f"{word}, saturated" if verdict.saturated else word


def sentence(row: CellSummary, summary: Summary) -> str:
    """What one row says, in plain words."""
    if not row.runs:
        return f"{row.title} was not measured: {'; '.join(row.verdict.reasons)}."
    parts = [f"With {in_words(row)}, {speed(row)}", costs(row), versus(row, summary), caveat(row)]
    return " ".join(part for part in parts if part)


def in_words(row: CellSummary) -> str:
    interval_s = row.cell.poll_interval_s
    names = {"short-polling": "short polling", "long-polling": "long polling", "sse": "SSE", "websocket": "WebSocket"}
    every = "" if interval_s is None else " every second" if interval_s == 1 else f" every {interval_s:g} s"
    return names[row.cell.transport] + every


def speed(row: CellSummary) -> str:
    """How long the wait is."""
    p50, p95 = row["latency_p50"], row["latency_p95"]
    if p50.value is None:
        return "more than half of the messages never arrived."
    tail = "" if p95.value is None else f", and 95 in 100 within {number(p95.value)} ms"
    return f"half of the messages arrived within {number(p50.value)} ms{tail}."


def costs(row: CellSummary) -> str:
    """What a message costs."""
    found = []
    if (size := row["ip_bytes"]).value is not None:
        found.append(f"{number(size.value)} bytes on the network")
    elif (size := row["socket_bytes"]).value is not None:
        found.append(f"{number(size.value)} bytes at the socket")
    if (cpu := row["server_cpu"]).value is not None:
        found.append(f"{number(cpu.value)} µs of the server's CPU time")
    said = f"Each one delivered cost {' and '.join(found)}" if found else ""
    empty = row["empty_polls"].value
    if said and empty:
        said += f"; {percent(empty)} of the polls brought nothing new"
    return f"{said}." if said else ""


COMPARED = {"latency_p50": "the median wait", "ip_bytes": "the bytes", "server_cpu": "the CPU time"}


def versus(row: CellSummary, summary: Summary) -> str:
    """The row against the reference, as far as both can be relied on. It says where that is nowhere, or in no wait."""
    if not row.versus:
        return ""
    reference = next(cell for cell in summary.cells if cell.cell.name == summary.reference)
    name, invalid = in_words(reference), reference.verdict.valid is False
    known = {words: row.versus[key] for key, words in COMPARED.items() if key in row.versus}
    known = {words: ratio for words, ratio in known.items() if ratio.value is not None}
    if not known:
        if invalid:
            return f"It is not compared with {name}, whose row is not valid."
        return f"It is not compared with {name}." if row.verdict.valid is False else ""  # why is what follows
    caution = ", which is unsure here" if reference.verdict.valid is None else ""
    unsure = " These are from one run of each, so nobody knows how sure they are." if row.runs < 2 else ""
    late = name if invalid else "this row" if row.verdict.valid is False else ""
    untold = f" The waits are not compared: the messages of {late} were sent late." if late else ""
    return (
        f"Against {name}{caution}: {', '.join(times(words, ratio) for words, ratio in known.items())}.{untold}{unsure}"
    )


def times(words: str, ratio: Estimate) -> str:
    """`1.40 times the bytes (1.20 to 1.60)`, or that no difference can be told."""
    assert ratio.value is not None
    within = f" ({interval(ratio)})" if interval(ratio) else ""
    if detectable(ratio) is False:
        return f"no detectable difference in {words.removeprefix('the ')}{within.replace(')', ' times)')}"
    return f"{number(ratio.value)} times {words}{within}"


def caveat(row: CellSummary) -> str:
    """What keeps the row from being believed; the reasons stand beside the verdicts."""
    said = {True: "", False: "This row is not valid, for the reasons given below.",
            None: "Take this row with care, for the reasons given below."}  # fmt: skip
    saturated = (
        "The server could not keep up: more than 1 in 100 deliveries never came." if row.verdict.saturated else ""
    )
    return " ".join(part for part in (said[row.verdict.valid], saturated) if part)


def reasons(summary: Summary) -> list[str]:
    """Why rows are not valid, or why nobody can say: a sentence each with the first reason, and what may help."""
    found = []
    for row in summary.cells:
        if row.runs and row.verdict.reasons:
            first, more = row.verdict.reasons[0], len(row.verdict.reasons) - 1
            others = (
                "" if not more else "; the report has one more reason" if more == 1 else f"; the report has {more} more"
            )
            word = "is not valid" if row.verdict.valid is False else "may not be valid"
            found.append(f"{row.title} {word}. {first[0].upper()}{first[1:]}{others}.")
    if any(" late " in reason for reason in found):
        found.append(
            "When the generator is late, the machine is busy with something else: end that, and measure again."
        )
    return found
