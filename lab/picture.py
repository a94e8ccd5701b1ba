"""One word arriving four ways: a picture drawn from a recorded run, for the README and the course's first page.

For each transport, one message of the run whose delivery latency is nearest to the median, and what its receiver's
connection did in the seconds around it. Times are real and to scale; nothing is arranged.
"""

import sys
from html import escape
from pathlib import Path

import polars as pl
from msgspec import Struct

from lab import manifest, palette
from lab.folder import need_tables
from lab.plan import TITLES
from lab.sources import sourced
from loadtests.records import scan

BEFORE, AFTER = 1.6, 1.4  # seconds shown around the moment in which the word was sent
LEFT, RIGHT, TOP, LANE = 150, 30, 46, 74  # pixels
GAP = 4  # pixels between two requests, so that one can see where the next begins
WIDTH = 900
SCALE = (WIDTH - LEFT - RIGHT) / (BEFORE + AFTER)
SAYS = {
    "short-polling": "asks every second",
    "long-polling": "asks, and waits",
    "sse": "one endless answer",
    "websocket": "a line both ways",
}


class Ask(Struct, frozen=True):
    """A request, in seconds from the moment in which the word was sent; `brought` it, or did not."""

    began: float
    ended: float
    brought: bool


class Lane(Struct, frozen=True):
    """One transport: when its receiver got the word, and the requests around it."""

    transport: str
    delay: float
    asks: list[Ask]


def one_word(folder: Path) -> str:
    """The picture as SVG, from a run folder that has all four transports, and its tables."""
    need_tables(folder)
    record = manifest.read(folder)
    runs: dict[str, int] = {}
    for run in record.runs:
        runs.setdefault(run.cell.transport, run.run)  # the first of each, and so the shortest poll interval
    lanes = [read_lane(folder, transport, runs[transport]) for transport in TITLES]
    return sourced(draw(lanes), record, folder)


def read_lane(folder: Path, transport: str, run: int) -> Lane:
    """The run's most typical delivery."""
    publishes, deliveries, requests = (
        scan(folder, table).filter(pl.col("run") == run).collect() for table in ("publishes", "deliveries", "requests")
    )
    heard = deliveries.join(publishes, on=["room", "id"]).with_columns(
        delay=(pl.col("received_ns") - pl.col("intended_ns")) / 1e9
    )
    received = deliveries["received_ns"].to_numpy()
    shown = pl.col("intended_ns").is_between(received.min() + BEFORE * 1e9, received.max() - AFTER * 1e9)
    heard = heard.filter(pl.col("receiver") != pl.col("sender"), shown)
    from_median = (pl.col("delay") - pl.col("delay").median()).abs()
    typical = heard.sort(from_median, "intended_ns", "receiver").row(0, named=True)
    around = requests.filter(pl.col("user") == typical["receiver"], pl.col("kind") != "send").with_columns(
        began=(pl.col("started_ns") - typical["intended_ns"]) / 1e9,
        ended=(pl.col("ended_ns").fill_null(2**62) - typical["intended_ns"]) / 1e9,
    )
    around = around.filter(pl.col("ended") > -BEFORE, pl.col("began") < AFTER).sort("began")
    asks = [
        Ask(max(began, -BEFORE), min(ended, AFTER), began < typical["delay"] <= ended + 0.001)
        for began, ended in around.select("began", "ended").iter_rows()
    ]
    return Lane(transport, typical["delay"], asks)


def draw(lanes: list[Lane]) -> str:
    """The lanes under one clock."""
    colors = palette.names()
    height = TOP + LANE * len(lanes) + 34
    parts = [HEAD.format(width=WIDTH, height=height, summary=escape(summary(lanes)), **colors)]
    parts.append(line(at(0), TOP - 14, at(0), height - 30, "sent"))
    parts.append(text(at(0), TOP - 24, "one word is sent", "label", "middle"))
    for number, lane in enumerate(lanes):
        parts += draw_lane(lane, TOP + LANE * number, colors[f"{lane.transport}-color"])
    for tick in (-0.5, 0, 0.5, 1):
        parts.append(text(at(tick), height - 10, f"{tick:+g} s" if tick else "0", "quiet", "middle"))
    parts.append(text(LEFT - 16, height - 10, "A bar is a request, until its answer ends.", "quiet", "start"))
    return "\n".join([*parts, "</svg>\n"])


def draw_lane(lane: Lane, top: float, color: str) -> list[str]:
    """The name, the requests as bars from question to answer, and the moment in which the word is seen."""
    middle = top + LANE / 2
    parts = [
        text(LEFT - 16, middle - 3, TITLES[lane.transport], "label", "end"),
        text(LEFT - 16, middle + 13, SAYS[lane.transport], "quiet", "end"),
        line(at(-BEFORE), middle, at(AFTER), middle, "time"),
    ]
    for ask in lane.asks:
        width = max(6.0, (ask.ended - ask.began) * SCALE - GAP)
        shape = f'x="{at(ask.began):.1f}" y="{middle - 10:.1f}" width="{width:.1f}" height="20" rx="3"'
        paint = f'fill="{color}" fill-opacity="0.3"' if ask.brought or width > 6 else 'class="empty"'
        parts.append(f'<rect {shape} {paint} stroke="{color}" stroke-width="1.5"/>')
    x = at(lane.delay)
    parts.append(f'<circle cx="{x:.1f}" cy="{middle:.1f}" r="6" fill="{color}" class="seen"/>')
    parts.append(text(x + 12, middle - 17, f"seen after {lane.delay * 1000:.0f} ms", "label", "start"))
    return parts


def summary(lanes: list[Lane]) -> str:
    """The picture in words."""
    delays = ", ".join(f"{TITLES[lane.transport]} after {lane.delay * 1000:.0f} ms" for lane in lanes)
    return f"One word is sent, and a receiver sees it by {delays}. Bars are requests, from question to answer."


def at(seconds: float) -> float:
    return LEFT + (seconds + BEFORE) * SCALE


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def text(x: float, y: float, words: str, kind: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


HEAD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" class="word" role="img"
  aria-label="{summary}">
<style>
  .word text {{ font: 13px system-ui, sans-serif; fill: {ink-light}; }}
  .word .quiet {{ font-size: 11px; fill: {quiet-light}; }}
  .word .label {{ font-weight: 600; }}
  .word .time {{ stroke: {edge-light}; }}
  .word .sent {{ stroke: {ink-light}; stroke-dasharray: 3 4; }}
  .word .seen {{ stroke: {paper-light}; stroke-width: 2; }}
  .word .empty {{ fill: {paper-light}; }}
</style>
<style media="(prefers-color-scheme: dark)">
  .word text {{ fill: {ink-dark}; }}
  .word .quiet {{ fill: {quiet-dark}; }}
  .word .time {{ stroke: {edge-dark}; }}
  .word .sent {{ stroke: {ink-dark}; }}
  .word .seen {{ stroke: {paper-dark}; }}
  .word .empty {{ fill: {paper-dark}; }}
</style>"""


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(one_word(Path(sys.argv[1])), encoding="utf-8", newline="\n")
