"""What the course's widgets reckon with: the model's constants as plain data, for scripts that can open no file.

Sizes are those of one typical crowd: a longer number in a name or a cursor would be a byte or two more.
"""

import math
import statistics
from collections.abc import Iterator
from pathlib import Path

from lab.model import exchange
from lab.model.arrivals import Poisson
from lab.model.conditions import Conditions
from lab.model.exchange import PROBED, Exchange
from lab.model.machine import EACH, FIRST, SAME, Machine
from lab.model.million import CONNECTIONS, Crowd
from lab.model.predictions import FULL, predict
from lab.model.quiet import TIMES
from lab.model.recorded import folders, machine_of, rows
from lab.model.wire import Wire
from lab.summary import CellSummary

TYPICAL = 10_000  # clients, by which names have their lengths
COMPARED = {"ip_bytes_hour": "bytes", "requests_per_client_minute": "requests", "server_load": "server CPU",
            "latency_p50": "the median wait"}  # fmt: skip


def wire() -> dict[str, object]:
    """Bytes of IP packets, both ways together, by what is said; and what a poll's answer is made of."""
    crowd = Crowd()
    room = crowd.participants
    said = Wire(Conditions("short-polling", (Poisson(1.0),), TYPICAL // room, room, room, crowd.text_bytes))
    exchanges = {"post": said.posted(), "unchanged": said.unchanged(), "event": said.event(), "comment": said.comment(),
                 "frame": said.frame(), "send": said.sent(), "ping": said.ping(), "probe": PROBED}  # fmt: skip
    return {
        "exchanges": {name: packets(each) for name, each in exchanges.items()},
        "poll": said.poll(),
        "heads": {name: said.head(name, said.page(1)) for name in ("short", "long")},
        "page": said.page(0),
        "message": said.message(),
        "text": crowd.text_bytes,
        "participants": room,
        "segment": exchange.SEGMENT,
        "headers": exchange.HEADERS,
        "delay": exchange.DELAY,
        "times": TIMES,
    }


def machine(reference: Path) -> dict[str, object]:
    """CPU seconds by what is done, on the machine of the recorded runs; how full a process may be; and how far what was
    measured in those runs is from the model, as measured / model.
    """
    found = folders(reference)
    fitted = machine_of(found)
    return {
        "seconds": fitted.cpu_s,
        "same": SAME,
        "first": FIRST,
        "each": EACH,
        "full": FULL,
        "connections": CONNECTIONS,
        "errors": [
            {"what": COMPARED[key], "median": statistics.median(ratios), "farthest": farthest, "where": where,
             "cells": len(ratios)}
            for key, (ratios, farthest, where) in compared(found, fitted).items()
        ],
    }  # fmt: skip


def compared(found: list[Path], fitted: Machine) -> dict[str, tuple[list[float], float, str]]:
    """Measured / model, of each valid cell that the model speaks of, by quantity; the farthest from 1, and its cell."""
    cells = [(f"{row.title} in {name}", row, predict(given, fitted)) for name, given, row in every(found)]
    told = {}
    for key in COMPARED:
        ratios = {where: value / said[key] for where, row, said in cells if (value := row[key].value) and said.get(key)}
        where = max(ratios, key=lambda cell: distance(ratios[cell]))
        told[key] = (list(ratios.values()), ratios[where], where)
    return told


def every(found: list[Path]) -> Iterator[tuple[str, Conditions, CellSummary]]:
    for folder in found:
        yield from ((folder.name, *each) for each in rows(folder))


def packets(each: Exchange) -> float:
    return each.ip_up + each.ip_down


def distance(ratio: float) -> float:
    return abs(math.log(ratio))
