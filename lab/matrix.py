"""The figure of the use cases: a row for each, a column for each way of delivery; a mark where the objective is met."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lab import palette
from lab.drawing import WIDTH
from lab.plan import TITLES
from lab.summary import Summary
from lab.use_cases import LEAST, WORDS, Case, Option, cases
from lab.wording import DASH, interval, text

ROW = 0.8  # inches for each use case
TOP, BOTTOM = 0.75, 0.35  # inches above the first row and below the last
NAMES = 1.5  # inches for the names at the left
FITS = 15  # characters of an interval, beside its value
KEY = "A mark and yes: the objective is met; ?: undecided. Numbers: the wait at its percentile, ms (95 % interval)."
MANY = "Short polling,\n{} often"


def figure(summary: Summary) -> Figure:
    """Each way's marker and the word `yes` where the objective is met; beneath it the wait, and what it is best in."""
    found = cases(summary)
    height = TOP + ROW * len(found) + BOTTOM
    drawn = Figure(figsize=(WIDTH, height))
    axes = drawn.add_axes((NAMES / WIDTH, BOTTOM / height, 1 - (NAMES + 0.05) / WIDTH, ROW * len(found) / height))
    columns = headings(found)
    left = -NAMES / (WIDTH - NAMES) * len(columns) + 0.03
    axes.set_xlim(0, len(columns))
    axes.set_ylim(len(found), 0)
    axes.set_axis_off()
    for x, heading in enumerate(columns):
        note(axes, x + 0.05, -0.18, heading, size=8.5, weight="bold", va="bottom")
    for y, case in enumerate(found):
        axes.axhline(y, color=palette.rule(), linewidth=0.8, clip_on=False, xmin=-NAMES / (WIDTH - NAMES))
        note(axes, left, y + 0.24, case.name, size=9.5, weight="bold")
        note(axes, left, y + 0.5, case.objective, size=8.5, quiet=True)
        for option in case.options:
            place(axes, column(option, case, columns), y, option)
    note(axes, left, len(found) + 0.2, KEY, size=7.5, quiet=True)
    return drawn


def headings(found: list[Case]) -> list[str]:
    """A column for each way; two for short polling where a use case has two intervals."""
    transports = {option.row.cell.transport for case in found for option in case.options}
    twice = any(len(polled(case)) > 1 for case in found)
    short = [MANY.format("more"), MANY.format("less")] if twice else [TITLES["short-polling"]]
    return [heading for name in TITLES if name in transports
            for heading in (short if name == "short-polling" else [TITLES[name]])]  # fmt: skip


def polled(case: Case) -> list[float]:
    """The poll intervals of a use case, the shortest first."""
    return sorted(option.row.cell.poll_interval_s for option in case.options if option.row.cell.poll_interval_s)


def column(option: Option, case: Case, columns: list[str]) -> int:
    cell = option.row.cell
    return (
        columns.index(TITLES[cell.transport])
        if cell.poll_interval_s is None
        else polled(case).index(cell.poll_interval_s)
    )


def place(axes: Axes, x: int, y: int, option: Option) -> None:
    """One field of the matrix."""
    cell, met = option.row.cell, option.decision.met
    look = palette.look(cell.transport)
    if met:
        axes.plot([x + 0.11], [y + 0.24], marker=look.marker, markersize=8, color=look.color, linestyle="none")
    note(
        axes,
        x + (0.21 if met else 0.05),
        y + 0.24,
        "?" if met is None else WORDS[met],
        size=9.5,
        weight="bold" if met else "normal",
    )
    if cell.poll_interval_s is not None:
        note(axes, x + 0.46, y + 0.24, f"every {cell.poll_interval_s:g} s", size=7.5, quiet=True)
    within = interval(option.wait).replace(" to ", DASH)
    within = within if len(within) <= FITS else "very wide"  # two noisy runs may leave twenty powers of ten open
    note(axes, x + 0.05, y + 0.49, text(option.wait, "") + (f" ({within})" if within else ""), size=7.5)
    for line, key in enumerate(option.least):
        note(axes, x + 0.05, y + 0.69 + 0.17 * line, LEAST[key], size=7, weight="bold")


def note(axes: Axes, x: float, y: float, words: str, *, size: float, weight: str = "normal", quiet: bool = False,
         va: str = "center") -> None:  # fmt: skip
    color = palette.quiet() if quiet else palette.ink()
    axes.text(x, y, words, fontsize=size, fontweight=weight, color=color, va=va, clip_on=False)
