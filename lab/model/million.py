"""What a crowd that nobody here can measure would need: on paper, from the model and from what recorded runs took."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

from lab.errors import BadUse
from lab.model.arrivals import Poisson
from lab.model.conditions import Conditions
from lab.model.machine import Machine
from lab.model.predictions import FULL
from lab.model.recorded import folders, machine_of, rows
from lab.model.traffic import REQUESTS, traffic
from lab.model.wire import ANSWERS
from lab.plan import Cell, cells
from loadtests.records import TRANSPORTS

CONNECTIONS: int = ANSWERS["limits"]["connections"]  # that a process takes
WIDE = 10  # times as many clients must the largest run have had as the smallest, for what one more takes to show


class Crowd(Struct, frozen=True):
    """The assumptions: who is there, and how much is said."""

    clients: int = 1_000_000
    rate_per_s: float = 0.1  # messages in each room, and so to each client
    participants: int = 10  # in a room, all of whom write
    text_bytes: float = 46.0
    poll_intervals: tuple[float, ...] = (1.0, 10.0)


class Memory(Struct, frozen=True):
    """Bytes of a server process: with nobody there, and for each client more; measured up to so many clients."""

    base: float
    each: float
    clients: int


class Need(Struct, frozen=True):
    """What one way of delivery would need. CPUs: as many as would be busy all the time. Memory None: not measured."""

    title: str
    requests_per_s: float
    bits_per_s: float
    cpus: float
    processes: int
    memory_bytes: float | None


def needs(crowd: Crowd, machine: Machine, memory: dict[str, Memory]) -> list[Need]:
    """For each transport, and each poll interval."""
    found = cells(TRANSPORTS, crowd.poll_intervals)
    return [need(cell, crowd, machine, memory.get(cell.transport)) for cell in found]


def need(cell: Cell, crowd: Crowd, machine: Machine, memory: Memory | None) -> Need:
    """All grows in proportion to the clients. A process has a CPU, which is busy for FULL of the time at most."""
    given = Conditions(
        transport=cell.transport, arrivals=(Poisson(crowd.rate_per_s),), rooms=crowd.clients // crowd.participants,
        participants=crowd.participants, senders=crowd.participants, text_bytes=crowd.text_bytes,
        poll_interval_s=cell.poll_interval_s or 1.0,
    )  # fmt: skip
    happening = traffic(given, machine.round_s(given))
    busy = machine.load(happening, crowd.clients) - machine.idle_s
    sockets = crowd.clients * (1 if cell.transport == "websocket" else 2)
    processes = math.ceil(max(busy / (FULL - machine.idle_s), sockets / CONNECTIONS))
    return Need(
        title=cell.title,
        requests_per_s=crowd.clients * happening.per_s(*REQUESTS),
        bits_per_s=8 * crowd.clients * (happening.bytes_per_s("ip_up") + happening.bytes_per_s("ip_down")),
        cpus=busy + processes * machine.idle_s,
        processes=processes,
        memory_bytes=None if memory is None else processes * memory.base + crowd.clients * memory.each,
    )


def memory_of(where: Sequence[Path]) -> dict[str, Memory]:
    """By transport: a straight line through what processes took with few clients and with many, by least squares."""
    seen: dict[str, list[tuple[int, float]]] = {}
    for folder in where:
        for given, row in rows(folder):
            if megabytes := row["server_rss"].value:
                seen.setdefault(given.transport, []).append((given.clients, 1e6 * megabytes))
    return {transport: line for transport, points in seen.items() if (line := straight(points))}


def straight(points: Iterable[tuple[int, float]]) -> Memory | None:
    """None where the runs do not differ enough in clients for what one more takes to show."""
    clients, taken = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    if clients.max() < WIDE * clients.min():
        return None
    each, base = np.polyfit(clients, taken, 1)
    return Memory(float(base), float(each), int(clients.max())) if each > 0 else None


def recorded(reference: Path) -> tuple[Machine, dict[str, Memory], list[Path]]:
    """(the machine, its memory, the folders that they are fitted to). BadUse where there are none."""
    found = folders(reference)
    if not found:
        raise BadUse(f"{reference} holds no recorded runs, and without them nobody knows what the work takes.")
    return machine_of(found), memory_of(found), found
