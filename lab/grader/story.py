"""What happened, step by step, and pictures of it: who said what to whom, and when."""

import time
from collections.abc import Sequence
from html import escape
from threading import Lock

from msgspec import Struct

BEFORE = 9  # steps that a picture shows before the bad moment
WIDTH, MARGIN, HEAD, STEP = 640, 90, 46, 30  # px of the drawing
SERVER = "program"  # the lane of the learner's own


class Step(Struct, frozen=True):
    """`teller` said `text` to `hearer`, so many seconds after the story began; alone, it happened to the teller."""

    at_s: float
    teller: str
    hearer: str
    text: str


class Story:
    """Told by many threads, in the order in which it happens."""

    def __init__(self) -> None:
        self.begun, self.steps, self.lock = time.monotonic(), list[Step](), Lock()

    def tell(self, teller: str, text: str, hearer: str = "") -> None:
        with self.lock:
            self.steps.append(Step(time.monotonic() - self.begun, teller, hearer, text))

    def until_now(self) -> list[Step]:
        """The last steps before a bad moment."""
        with self.lock:
            return self.steps[-BEFORE:]


def in_lines(steps: Sequence[Step]) -> list[tuple[str, str]]:
    """For a terminal: seconds and who, and then what; a client's lines go out with > and come back with <."""
    lines = []
    for step in steps:
        who, arrow = (step.hearer, "<") if step.teller == SERVER and step.hearer else (step.teller, ">")
        lines.append((f"{step.at_s:7.3f} s  {who:<8} {arrow if step.hearer else ' '} ", step.text))
    return lines


def drawn(steps: Sequence[Step], title: str) -> str:
    """As SVG: a line down for each who takes part, an arrow across for each step, the last one marked."""
    people = sorted(
        {name for step in steps for name in (step.teller, step.hearer) if name}, key=lambda who: who == SERVER
    )
    where = {who: MARGIN + (WIDTH - 2 * MARGIN) * n / max(1, len(people) - 1) for n, who in enumerate(people)}
    height = HEAD + STEP * (len(steps) + 1)
    drawing = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + 60} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="currentColor"><title>{escape(title)}</title>'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>'
    ]
    for who, x in where.items():
        drawing.append(
            f'<text x="{x:.0f}" y="18" text-anchor="middle" font-weight="bold">{escape(who)}</text>'
            f'<path d="M{x:.0f} 26V{height}" stroke="currentColor" stroke-opacity=".35"/>'
        )
    for n, step in enumerate(steps):
        y = HEAD + STEP * (n + 0.6)
        x = where[step.teller]
        bold = ' font-weight="bold"' if n == len(steps) - 1 else ""
        drawing.append(f'<text x="4" y="{y:.0f}"{bold}>{step.at_s:.3f} s</text>')
        if step.hearer:
            to = where[step.hearer]
            drawing.append(f'<path d="M{x:.0f} {y:.0f}H{to:.0f}" stroke="currentColor" marker-end="url(#tip)"/>')
            x = (x + to) / 2
        drawing.append(f'<text x="{x:.0f}" y="{y - 5:.0f}" text-anchor="middle"{bold}>{escape(step.text[:70])}</text>')
    return "\n".join([*drawing, "</svg>\n"])
