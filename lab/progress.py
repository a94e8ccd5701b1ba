"""The progress display: what runs now, which of how many, and how long it still takes."""

import time
from types import TracebackType

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from lab.plan import PlannedRun

STEPS = {
    "waiting": "waiting for generators on other hosts",
    "connected": "warming up",
    "window": "measuring",
    "window-end": "collecting what is on its way",
    "collected": "closing",
    "written": "written",
}
BAR = 24  # characters


class Progress:
    """A live line on a terminal; a line for each run elsewhere; nothing when quiet."""

    def __init__(self, console: Console, quiet: bool = False) -> None:
        self.console, self.quiet = console, quiet
        self.expected: list[float] = []
        self.took: list[float] = []
        self.what, self.doing = "", ""
        self.begun = time.monotonic()
        self.live = Live(get_renderable=self.line, console=console, refresh_per_second=4, transient=True)

    def plan(self, expected_s: list[float]) -> None:
        """How long each run that is still to be made should take."""
        self.expected = self.expected[: len(self.took)] + expected_s

    def __enter__(self) -> "Progress":
        if not self.quiet and self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.live.stop()

    def begin(self, planned: PlannedRun) -> None:
        self.what, self.doing, self.begun = planned.cell.title, "starting", time.monotonic()

    def step(self, event: str) -> None:
        self.doing = STEPS.get(event, event)

    def say(self, sentence: str) -> None:
        if not self.quiet:
            self.console.print(sentence, highlight=False, soft_wrap=True)

    def end(self, planned: PlannedRun, took_s: float) -> None:
        self.took.append(took_s)
        if not self.quiet:
            self.console.print(
                f"[dim]{len(self.took):>3} of {len(self.expected)}[/]  {planned.cell.title:<18} "
                f"[dim]block {planned.block + 1}, {took_s:.1f} s; {duration(self.remaining())} to go[/]"
            )

    def remaining(self) -> float:
        """Seconds still to go, by how the runs so far compare with what was expected of them."""
        done = len(self.took)
        pace = sum(self.took) / sum(self.expected[:done]) if done else 1.0
        running = time.monotonic() - self.begun if done < len(self.expected) and self.doing != "written" else 0.0
        return max(0.0, pace * sum(self.expected[done:]) - running)

    def line(self) -> RenderableType:
        done, all_ = len(self.took), max(1, len(self.expected))
        grid = Table.grid(padding=(0, 2))
        filled = round(BAR * done / all_)
        bar = Text("━" * filled, style="green") + Text("━" * (BAR - filled), style="dim")
        grid.add_row(
            bar, f"run {min(done + 1, all_)} of {all_}", Text(self.what, style="bold"), Text(self.doing, style="dim"),
            f"{duration(self.remaining())} to go",
        )  # fmt: skip
        return grid


def duration(seconds: float) -> str:
    """`45 s`, `2 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"
