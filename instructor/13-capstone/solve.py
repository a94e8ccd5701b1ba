"""A report on any of the use cases, out of the recorded runs: `python instructor/13-capstone/solve.py game`."""

import runpy
import sys
from pathlib import Path
from random import Random

from lab.numbers import number, percent
from lab.objective import read_objective
from lab.quantities import QUANTITIES
from lab.summary import read
from lab.use_cases import cases, those
from lab.wording import in_words, interval
from loadtests.scenario import load

ROOT = Path(__file__).parents[2]
RUN = "results/reference/use-cases"
PRICES = ("ip_bytes_hour", "server_load")
UNITS = {quantity.key: quantity.unit for quantity in QUANTITIES}


def solve(random: Random) -> str:
    """For the case that a student is given."""
    return report(runpy.run_path(str(ROOT / "exercises" / "13-capstone" / "task.py"))["drawn"](random))


def report(name: str) -> str:
    scenario = load(name)
    key, limit = read_objective(scenario.objective).key, read_objective(scenario.objective).limit_ms
    options = next(case for case in cases(read(ROOT / RUN)) if case.name == name).options
    table = [
        f"| {one.row.cell.name} | {quantity} | {number(one.row[quantity].value)} | {UNITS[quantity]} |"
        for one in options for quantity in (key, *PRICES) if one.row[quantity].value is not None
    ]  # fmt: skip
    able = [one for one in options if one.decision.met and one.row.verdict.valid is not False]
    chosen = min(able, key=lambda one: one.row["ip_bytes_hour"].value)
    doubted = [one.row for one in options if one.row.verdict.valid is False]
    late = [one for one in options if one.decision.met is False]
    others = [one for one in options if one.decision.met and one.row.cell.transport != chosen.row.cell.transport]
    row, wait = chosen.row, chosen.row[key]
    most = scenario.poll_intervals[-1]
    dearest = max((one.row for one in options), key=lambda one: one["ip_bytes_hour"].value or 0)
    surprise = (
        "it is" if dearest.cell.transport == "short-polling" else f"it is {in_words(dearest)}, which surprised me"
    )
    dearer = [f"{in_words(one.row)} {number(one.row['ip_bytes_hour'].value)} kB" for one in others]
    misses = [f"{in_words(one.row)} needs {number(one.row[key].value)} ms" for one in late]
    return f"""# Which way for {name}?

## Question

{scenario.description}
Whoever builds this has to choose how news gets to them. Which way is soon enough, and which of those costs the least?

## Workload and objective

Case: {name}

The objective is `{scenario.objective}`. There are {scenario.rooms} rooms of {scenario.participants}, and of these
{scenario.senders} may write. The scenario says which of these figures have a source, and which are assumed.

## Prediction

A poll each {most:g} s finds a message at a random moment of its interval, so 95 in 100 are there within
{950 * most:.0f} ms, whatever the server does. Whatever pushes should need 20 ms at most, as all is on one machine.
In bytes I expect short polling to be the dearest, as most of its polls find nothing.

## Measurement

Run: {RUN}

| row | quantity | value | unit |
| --- | --- | --- | --- |
{chr(10).join(table)}

The wait of short polling is about its interval, as predicted. Between those that push, it differs by less than anybody
could notice, and the prices differ by more. I had expected short polling to be the dearest in bytes: {surprise}.
{f"The waits of {those(doubted)} are in doubt." if doubted else "No row is said to be invalid."}

## Decision

Row: {row.cell.name}

It meets the objective: 95 in 100 are there within {number(wait.value)} ms, and {limit:g} are allowed. Of the valid rows
that do, it takes the fewest bytes, {number(row["ip_bytes_hour"].value)} kB per client and hour, and
{percent(row["server_load"].value)} of a CPU. The others that are soon enough, in the same unit:
{"; ".join(dearer)}.
{f"And {'; '.join(misses)}, which is too late." if misses else "All would be soon enough, so the price decides."}

## What would change my mind

A price that matters more than bytes. If the server were full, and nobody on a phone, I would compare the CPU. If
all of them wrote as much as they read, WebSocket would save the way up. And if news might be much older, a longer poll
interval would take fewer requests, with nothing to keep open.

## Limits

There were {row.runs} runs of each row, on one machine, with no distance in between. Their noise: the 95 % interval
of the wait of {in_words(row)} is {interval(wait, "ms") or "unknown"}, and that of its bytes
{interval(row["ip_bytes_hour"], "kB")}.
{f"The rows of {those(doubted)} are not valid: the generator sent late." if doubted else ""}
What happens when connections break was not measured.
"""


if __name__ == "__main__":
    print(report(sys.argv[1]), end="")
