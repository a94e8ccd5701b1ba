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
GAP = 4  # pixels between two requests, so that one can see where the next begins
TOP = 46  # pixels above the lanes
SAYS = {
    "short-polling": "asks every second",
    "long-polling": "asks, and waits",
    "sse": "one endless answer",
    "websocket": "a line both ways",
}


class Sheet(Struct, frozen=True):
    """A size to draw at: pixels, and the seconds that it shows around the moment in which the word was sent.

    Where there is no place at the `left` for the transports' names, they stand above their lanes.
    """

    width: int = 900
    left: int = 150
    right: int = 30
    lane: int = 74
    before: float = BEFORE
    after: float = AFTER
    narrow: bool = False

    def at(self, seconds: float) -> float:
        return self.left + (seconds + self.before) * self.scale

    @property
    def scale(self) -> float:
        """Pixels in a second."""
        return (self.width - self.left - self.right) / (self.before + self.after)


WIDE = Sheet()
PHONE = Sheet(width=400, left=12, right=12, lane=92, before=0.6, after=0.75, narrow=True)


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


def one_word(folder: Path, sheet: Sheet = WIDE) -> str:
    """The picture as SVG, from a run folder that has all four transports, and its tables."""
    need_tables(folder)
    record = manifest.read(folder)
    runs: dict[str, int] = {}
    for run in record.runs:
        runs.setdefault(run.cell.transport, run.run)  # the first of each, and so the shortest poll interval
    lanes = [read_lane(folder, transport, runs[transport]) for transport in TITLES]
    return sourced(draw(lanes, sheet), record, folder)


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


def draw(lanes: list[Lane], sheet: Sheet = WIDE) -> str:
    """The lanes under one clock."""
    colors = palette.names()
    height = TOP + sheet.lane * len(lanes) + (54 if sheet.narrow else 34)
    foot = height - (30 if sheet.narrow else 10)
    parts = [HEAD.format(width=sheet.width, height=height, summary=escape(summary(lanes)), **colors)]
    parts.append(line(sheet.at(0), TOP - 14, sheet.at(0), foot - 20, "sent"))
    parts.append(text(sheet.at(0), TOP - 24, "one word is sent", "label", "middle"))
    for number, lane in enumerate(lanes):
        parts += draw_lane(lane, TOP + sheet.lane * number, colors[f"{lane.transport}-color"], sheet)
    for tick in (-0.5, 0, 0.5, 1):
        if -sheet.before <= tick <= sheet.after:
            parts.append(text(sheet.at(tick), foot, f"{tick:+g} s" if tick else "0", "quiet", "middle"))
    words = "A bar is a request, until its answer ends."
    parts.append(text(sheet.left - (0 if sheet.narrow else 16), height - 10, words, "quiet", "start"))
    return "\n".join([*parts, "</svg>\n"])


def draw_lane(lane: Lane, top: float, color: str, sheet: Sheet) -> list[str]:
    """The name, the requests as bars from question to answer, and the moment in which the word is seen."""
    middle = top + sheet.lane - 37
    parts = [
        *named(lane.transport, middle, sheet),
        line(sheet.at(-sheet.before), middle, sheet.at(sheet.after), middle, "time"),
    ]
    for ask in lane.asks:
        began, ended = max(ask.began, -sheet.before), min(ask.ended, sheet.after)
        if began >= ended and not began == ended == ask.began:
            continue  # it is beyond this sheet
        width = max(6.0, (ended - began) * sheet.scale - GAP)
        shape = f'x="{sheet.at(began):.1f}" y="{middle - 10:.1f}" width="{width:.1f}" height="20" rx="3"'
        paint = f'fill="{color}" fill-opacity="0.3"' if ask.brought or width > 6 else 'class="empty"'
        parts.append(f'<rect {shape} {paint} stroke="{color}" stroke-width="1.5"/>')
    x = sheet.at(lane.delay)
    parts.append(f'<circle cx="{x:.1f}" cy="{middle:.1f}" r="6" fill="{color}" class="seen"/>')
    far = sheet.narrow and x > sheet.width / 2
    words = f"seen {when(lane.delay)}"
    parts.append(text(x if far else x + 12, middle - 17, words, "label", "middle" if far else "start"))
    return parts


def named(transport: str, middle: float, sheet: Sheet) -> list[str]:
    """The transport, and what it does."""
    title, says = TITLES[transport], SAYS[transport]
    if not sheet.narrow:
        x = sheet.left - 16
        return [text(x, middle - 3, title, "label", "end"), text(x, middle + 13, says, "quiet", "end")]
    return [f'<text x="{sheet.left}" y="{middle - 40:.1f}" class="label over">{title} '
            f'<tspan class="quiet" font-weight="400">· {says}</tspan></text>']  # fmt: skip


def summary(lanes: list[Lane]) -> str:
    """The picture in words."""
    delays = ", ".join(f"{TITLES[lane.transport]} {when(lane.delay)}" for lane in lanes)
    return f"One word is sent, and a receiver sees it by {delays}. Bars are requests, from question to answer."


def when(seconds: float) -> str:
    """`after 485 ms`, and of less than one: `in under 1 ms`."""
    return f"after {seconds * 1000:.0f} ms" if seconds >= 0.001 else "in under 1 ms"


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
  .word .over {{ stroke: {paper-light}; stroke-width: 4; paint-order: stroke; }}
  .word .empty {{ fill: {paper-light}; }}
</style>
<style media="(prefers-color-scheme: dark)">
  .word text {{ fill: {ink-dark}; }}
  .word .quiet {{ fill: {quiet-dark}; }}
  .word .time {{ stroke: {edge-dark}; }}
  .word .sent {{ stroke: {ink-dark}; }}
  .word .seen {{ stroke: {paper-dark}; }}
  .word .over {{ stroke: {paper-dark}; }}
  .word .empty {{ fill: {paper-dark}; }}
</style>"""


if __name__ == "__main__":
    run, *files = map(Path, sys.argv[1:])
    for file, sheet in zip(files, (WIDE, PHONE), strict=False):
        file.write_text(one_word(run, sheet), encoding="utf-8", newline="\n")
