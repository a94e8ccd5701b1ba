"""The figures: SVG whose text is text, the same to the byte whenever they are drawn again from the same numbers."""

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lab import palette, wording
from lab.drawing import (
    TEXT,
    WIDTH,
    above,
    dot,
    few_ticks,
    line,
    logarithmic,
    numbers,
    plain,
    point,
    rows,
)
from lab.labels import label_points
from lab.summary import CellSummary, Summary

STEP = 0.17  # of a row, between its percentiles: their intervals may overlap
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "polls apart",  # else the ids inside differ from one drawing to the next
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
}


class Picture(NamedTuple):
    """A figure: its file's name, what it shows, the quantities in it, how it is drawn, what its reader must know."""

    name: str
    title: str
    keys: tuple[str, ...]
    draw: Callable[[Summary], Figure]
    caption: str = ""


def latency(summary: Summary) -> Figure:
    """A row per cell: the median large, p95 and p99 smaller and lower, each with its interval."""
    key = "large mark: half have arrived; middle: 95 in 100; small: 99 in 100"
    figure, axes = rows(summary, "delivery latency in ms (logarithmic axis)", ["p50", "p95", "p99"], key)
    sizes = {"latency_p50": 9.0, "latency_p95": 6.5, "latency_p99": 4.5}
    for y, row in enumerate(summary.cells):
        marks(axes, row, sizes, [y - STEP, y, y + STEP])
    logarithmic(axes)
    return figure


def bytes_per_message(summary: Summary) -> Figure:
    """A row per cell: from the message's own text, by what the program wrote and read, to what the network carried."""
    key = "small mark: the text itself; middle: with headers; large: as packets"
    axis = "bytes for each delivered message (logarithmic axis)"
    figure, axes = rows(summary, axis, ["payload", "socket", "IP"], key)
    sizes = {"payload_bytes": 4.5, "socket_bytes": 6.5, "ip_bytes": 9.0}
    for y, row in enumerate(summary.cells):
        marks(axes, row, sizes, [y, y, y])
    logarithmic(axes)
    return figure


def server_cpu(summary: Summary) -> Figure:
    """A row per cell, from zero, so that lengths compare."""
    figure, axes = rows(summary, "server CPU time for each delivered message (µs)", ["µs"])
    for y, row in enumerate(summary.cells):
        line(axes, [0.0, row["server_cpu"].value], [y, y], row)
        marks(axes, row, {"server_cpu": 8.0}, [y])
    axes.set_xlim(left=0)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(plain())
    return figure


def marks(axes: Axes, row: CellSummary, sizes: dict[str, float], heights: list[float]) -> None:
    """A row's quantities as marks of these sizes, joined by a line, and as numbers."""
    line(axes, [row[key].value for key in sizes], heights, row)
    for (key, size), y in zip(sizes.items(), heights, strict=True):
        dot(axes, row[key], y, row, size)
    numbers(axes, sum(heights) / len(heights), [wording.text(row[key], "") for key in sizes])


def wait_and_bytes(summary: Summary) -> Figure:
    """A point per cell: how long the wait, how many the bytes; intervals both ways."""
    figure = Figure(figsize=(WIDTH, 5.0))
    axes = figure.add_axes((0.1, 0.15, 0.86, 0.76))
    axes.spines["left"].set_visible(True)
    size = heaviest(summary)
    points = [row for row in summary.cells if row["latency_p50"].value and row[size].value]
    for row in points:
        point(axes, row, row["latency_p50"], row[size])
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.margins(0.16, 0.14)
    axes.xaxis.set_major_formatter(plain())
    axes.yaxis.set_major_formatter(plain())
    axes.set_xlabel("delivery latency, median, in ms (logarithmic axis)", color=palette.quiet())
    layer = "IP" if size == "ip_bytes" else "socket"
    above(axes, f"{layer} bytes for each delivered message (logarithmic axis)")
    axes.grid(color=palette.rule(), linewidth=0.6)
    axes.set_axisbelow(True)
    few_ticks(axes)
    label_points(axes, [(row, float(row["latency_p50"].value or 0), float(row[size].value or 0)) for row in points])
    return figure


def heaviest(summary: Summary) -> str:
    """The bytes of the lowest layer that was measured."""
    return "ip_bytes" if any(row["ip_bytes"].value for row in summary.cells) else "socket_bytes"


def pictures(summary: Summary) -> list[Picture]:
    """The figures of a comparison."""
    return [
        Picture("wait-and-bytes", "The wait and the bytes", ("latency_p50", heaviest(summary)), wait_and_bytes),
        Picture("delivery-latency", "How long a message takes to arrive", ("latency_p50", "latency_p95", "latency_p99"),
                latency),
        Picture("bytes-per-message", "What a message weighs", ("payload_bytes", "socket_bytes", "ip_bytes"),
                bytes_per_message),
        Picture("server-cpu", "What a message costs the server", ("server_cpu",), server_cpu),
    ]  # fmt: skip


def draw(summary: Summary) -> dict[str, str]:
    """Every figure as SVG, by name."""
    style: Any = STYLE | inks()
    with matplotlib.rc_context(style):
        return {picture.name: svg(picture.draw(summary.shown_by(picture.keys))) for picture in pictures(summary)}


def write(folder: Path, drawn: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    for name, drawing in drawn.items():
        (folder / f"{name}.svg").write_text(drawing, encoding="utf-8", newline="\n")


def svg(figure: Figure) -> str:
    """The figure as SVG, without a date, a program's name or an address elsewhere."""
    buffer = StringIO()
    figure.savefig(buffer, format="svg", metadata={name: None for name in ("Date", "Creator", "Format", "Type")})
    text = re.sub(r"<metadata>.*?</metadata>", "", buffer.getvalue(), flags=re.DOTALL)
    return re.sub(r"<!DOCTYPE[^>]*>\s*", "", text)


def inks() -> dict[str, Any]:
    return {
        "text.color": palette.ink(), "axes.labelcolor": palette.quiet(), "axes.edgecolor": palette.rule(),
        "xtick.color": palette.quiet(), "ytick.color": palette.ink(), "figure.facecolor": palette.paper(),
        "axes.facecolor": palette.paper(), "savefig.facecolor": palette.paper(),
    }  # fmt: skip
