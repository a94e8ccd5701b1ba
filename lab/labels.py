"""The names of marks and lines, each beside its own and upon no other."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from lab import palette
from lab.drawing import DOTS, LETTER, LINE, title
from lab.summary import CellSummary

DOT = DOTS / 72  # pixels in a dot of an SVG, which has 72 in an inch
BESIDE, NEAR = 20.0, 4.0  # dots from a point to its name; pixels, nearer than which a name touches what is drawn

Place = tuple[float, float]


def label_points(axes: Axes, points: list[tuple[CellSummary, float, float]]) -> None:
    """Each point's name above it, or to its left near the edge; a name that would touch another goes higher."""
    taken: list[tuple[float, float, float]] = []  # left, right, height
    end = axes.get_window_extent().x1
    for row, x, y in sorted(points, key=lambda point: point[2]):
        name = title(row).replace("\n", " ")
        across, up = axes.transData.transform((x, y))
        width = LETTER * len(name)
        fits = across + 9 + width < end
        left, height = (across + 9, up + 15) if fits else (across - 16 - width, up)
        while any(left < other_right and other_left < left + width and abs(height - other) < LINE
                  for other_left, other_right, other in taken):  # fmt: skip
            height += LINE
        taken.append((left, left + width, height))
        axes.annotate(
            name, (x, y), xytext=(9 if fits else -16, height - up), textcoords="offset pixels", va="center",
            ha="left" if fits else "right",
            bbox={"fc": palette.paper(), "ec": "none", "pad": 1},
        )  # fmt: skip


def label_ends(axes: Axes, ends: Sequence[tuple[str, CellSummary, float, float]]) -> None:
    """Each line's name beside its last point, none upon another, nor above the figure; a stroke leads to one moved.

    Where something is drawn already, the name goes to the point's left, or to the right of all points.
    """
    ends = sorted(ends, key=lambda end: end[3])
    points = pixels(axes, [(x, y) for _, _, x, y in ends]) if ends else []
    last, there = max((across for across, _ in points), default=0.0), drawn(axes)
    heights = stacked([up for _, up in points], float(axes.bbox.y1))
    for (name, row, x, y), (across, up), height in zip(ends, points, heights, strict=True):
        text = name if row.verdict.valid is not False else f"{name} (not valid)"
        width = LETTER * len(text)
        places = [(BESIDE, height - up), (-BESIDE, 0.0), ((last - across) / DOT + BESIDE, height - up)]
        right, higher = next((place for place in places if not covers(there, across, up, place, width)), places[-1])
        stroke = {"arrowstyle": "-", "color": palette.look(row.cell.transport).color, "linewidth": 0.8, "shrinkB": 4}
        moved = abs(higher) > LINE / 4 or right > BESIDE
        axes.annotate(
            text, (x, y), xytext=(right, higher), textcoords="offset pixels", ha="left" if right > 0 else "right",
            va="center", annotation_clip=False, color=palette.ink(), arrowprops=stroke if moved else None,
        )  # fmt: skip


def drawn(axes: Axes) -> list[Place]:
    """Where lines, marks and their intervals are, in pixels: a point at least every few of them."""
    found: list[Place] = []
    for line in axes.lines:
        places = pixels(axes, line.get_xydata())
        found += places if line.get_linestyle() == "None" else joined(places)
        if line.get_marker() in palette.MARKERS.values():
            half = float(line.get_markersize()) * DOT / 2
            found += [(x + way * half, y) for x, y in places for way in (-1, 1)]
            found += [(x, y + way * half) for x, y in places for way in (-1, 1)]
    for bars in (one for one in axes.collections if isinstance(one, LineCollection)):
        for bar in bars.get_segments():
            found += joined(pixels(axes, bar))
    return found


def pixels(axes: Axes, points: Any) -> list[Place]:
    return [(float(x), float(y)) for x, y in axes.transData.transform(points)]


def joined(places: Sequence[Place]) -> list[Place]:
    """The places, and those between them."""
    between: list[Place] = []
    for (x, y), (next_x, next_y) in pairwise(places):
        steps = int(max(abs(next_x - x), abs(next_y - y)) / NEAR) + 1
        between += [(x + (next_x - x) * n / steps, y + (next_y - y) * n / steps) for n in range(steps)]
    return [*between, *places[-1:]]


def covers(there: Iterable[Place], across: float, up: float, place: Place, width: float) -> bool:
    """Whether a name that begins, or ends, so far from a point would lie upon what is drawn; in an SVG's dots."""
    right, higher = (DOT * offset for offset in place)
    left, height = across + right - (width if right < 0 else 0.0), up + higher
    return any(left - NEAR < x < left + width + NEAR and abs(y - height) < LINE / 2 for x, y in there)


def stacked(heights: Sequence[float], top: float) -> list[float]:
    """Ascending heights, moved as little as keeps a line's height between them, and the last below the top.

    The least squares of what each is moved: those that are too close are pooled and stand about their mean.
    """
    pools: list[tuple[float, int]] = []  # the mean of heights from which the lines below were taken off, and how many
    for n, height in enumerate(heights):
        mean, count = height - n * LINE, 1
        while pools and pools[-1][0] > mean:
            before, fewer = pools.pop()
            mean, count = (before * fewer + mean * count) / (fewer + count), fewer + count
        pools.append((mean, count))
    placed = [mean for mean, count in pools for _ in range(count)]
    limit = top - (len(placed) - 1) * LINE
    return [min(mean, limit) + n * LINE for n, mean in enumerate(placed)]
