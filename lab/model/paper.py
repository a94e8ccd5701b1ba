"""The million clients as a table, with what is assumed."""

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from lab import manifest
from lab.model.machine import Machine
from lab.model.million import CONNECTIONS, Crowd, Memory, Need
from lab.model.predictions import FULL
from lab.numbers import number, percent
from lab.wording import DASH

GIGA = 1e9
COLUMNS = ("requests/s", "Gbit/s", "CPUs", "processes", "memory, GB")
WORKS = {"post": "a post", "poll": "a poll", "held": "a long poll", "event": "an event", "frame": "a frame",
         "send": "a frame that sends"}  # fmt: skip


def table(crowd: Crowd, needs: Sequence[Need]) -> Table:
    made = Table(title=f"On paper: what {crowd.clients:,} clients would need", title_justify="left",
                 title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)  # fmt: skip
    made.add_column("")
    for name in COLUMNS:
        made.add_column(name, justify="right", header_style="bold")
    for need in needs:
        memory = DASH if need.memory_bytes is None else number(need.memory_bytes / GIGA)
        made.add_row(need.title, number(need.requests_per_s), number(need.bits_per_s / GIGA), number(need.cpus),
                     f"{need.processes:,}", memory)  # fmt: skip
    return made


def assumed(crowd: Crowd, machine: Machine, memory: dict[str, Memory], where: Sequence[Path]) -> list[str]:
    """The assumptions, a sentence or two each."""
    times = [f"{words} {number(1e6 * machine.takes(name))}" for name, words in WORKS.items() if machine.takes(name)]
    held = [f"{transport} {number(each.each / 1e3)} kB (up to {each.clients:,} clients)" for transport, each in
            memory.items()]  # fmt: skip
    cpus = dict.fromkeys(str(manifest.read(folder).machine.get("cpu")) for folder in where)
    return [
        "Nobody measured this. It is the model of lab/model/, with what recorded runs of far fewer clients took.",
        f"Assumed: in rooms of {crowd.participants} there are {crowd.rate_per_s:g} messages a second, of "
        f"{crowd.text_bytes:g} bytes, from all alike, to all; browsers' headers, connections that are kept, no "
        "compression, no TLS; the store is not counted.",
        f"CPU time in µs: {'; '.join(times)}. By least squares from {', '.join(folder.name for folder in where)}, on "
        f"{' and '.join(cpus)}. It is taken to grow in proportion.",
        f"A process has one CPU, {percent(FULL)} of it busy, and takes {CONNECTIONS:,} connections; with HTTP a client "
        "has two, one to listen and one to post.",
        f"Memory for one more client: {'; '.join(held) or 'not measured'}. A dash: not measured over enough clients.",
        "Gbit/s are those of IP packets, both ways, acknowledgements included.",
    ]


def show(console: Console, crowd: Crowd, needs: Sequence[Need], told: Sequence[str]) -> None:
    console.print(table(crowd, needs))
    for line in told:
        console.print(line, highlight=False)
